"""The error log of a chain's nodes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwsim.block import Block, interval_of
from hwsim.maintenance import Maintenance
from model.attributes import attributes
from model.clock import SECOND_NS
from model.names import ATTR_DEVICE_ID, ATTR_FIRMWARE_VERSION, ATTR_NODE_ID, EVENT_REPEATER_ERROR
from model.readings import Happening

_MOST = 120  # in an interval: a node's log is rate limited
_TEXTS = ("swap sequence out of step", "no answer to a sync message", "Bell measurement result missing")


def report_errors(
    block: Block,
    chain_id: str,
    nodes: Sequence[str],
    rate_hz: NDArray[np.float64],
    *,
    maintenance: Maintenance,
    rng: np.random.Generator,
) -> None:
    """Report the errors of a block, which come at random, one rate per second for the whole chain."""
    seconds = np.flatnonzero(rng.poisson(rate_hz) > 0)
    _, first, which = np.unique(interval_of(seconds), return_index=True, return_inverse=True)
    seconds = seconds[np.arange(len(seconds)) - first[which] < _MOST]
    for second in seconds.tolist():
        time_ns = int(block.ends_ns[second]) - int(rng.integers(0, SECOND_NS))
        node = nodes[int(rng.integers(len(nodes)))]
        version = maintenance.version("firmware", time_ns)
        about = {ATTR_DEVICE_ID: chain_id, ATTR_NODE_ID: node, ATTR_FIRMWARE_VERSION: version}
        block.happening(
            Happening(
                event=EVENT_REPEATER_ERROR,
                attributes=attributes(about),
                time_ns=time_ns,
                body=f"{node} of {chain_id}: {_TEXTS[int(rng.integers(len(_TEXTS)))]}",
                severity="ERROR",
            )
        )
