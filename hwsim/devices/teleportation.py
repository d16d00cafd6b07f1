"""Teleportation over delivered pairs: a Bell measurement, two bits over the control plane, and a correction.

The qubit waits in the far bank until the bits arrive. A session gives up when the message takes longer than the pair
stays coherent: classical delay that outlasts quantum memory (catalogue network.F3, network.B3, link.M10).
"""

import numpy as np
from numpy.typing import NDArray

from hwsim.block import Block
from hwsim.physics.werner import teleportation_fidelity
from model.attributes import attributes
from model.names import (
    ATTR_LINK_ID,
    ATTR_OUTCOME,
    METRIC_TELEPORTATION_DURATION,
    METRIC_TELEPORTATION_FIDELITY,
    METRIC_TELEPORTATION_SESSIONS,
)

Float64s = NDArray[np.float64]

_PATIENCE = 0.5
"""Share of the pair's coherence time after which a session gives up."""


class Teleportation:
    """Sessions over the pairs of one link."""

    def __init__(self, link_id: str) -> None:
        self._identity = attributes({ATTR_LINK_ID: link_id})
        self._outcomes = [
            attributes({ATTR_LINK_ID: link_id, ATTR_OUTCOME: outcome}) for outcome in ("success", "timeout")
        ]

    def run(
        self, block: Block, at_s: Float64s, *, message_s: Float64s, left: Float64s, coherence_s: Float64s
    ) -> None:
        """Run a session on each of the pairs that stand ready at these moments of the block.

        Its message takes `message_s`; then the pair has the fidelity `left` and the coherence time `coherence_s`.
        """
        in_time = message_s <= _PATIENCE * coherence_s
        for identity, which in zip(self._outcomes, (in_time, ~in_time), strict=True):
            block.count_at(METRIC_TELEPORTATION_SESSIONS, identity, at_s[which])
        block.samples(METRIC_TELEPORTATION_DURATION, self._identity, message_s[in_time], at_s[in_time])
        fidelity = np.asarray(teleportation_fidelity(left[in_time]))
        block.samples(METRIC_TELEPORTATION_FIDELITY, self._identity, fidelity, at_s[in_time])
