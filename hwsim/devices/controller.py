"""The classical control plane of a site: how long a control message takes there and back."""

import numpy as np
from numpy.typing import NDArray

from hwsim.preset import ControllerPreset
from hwsim.tally import Tally
from hwsim.truth import Truth
from model.attributes import attributes
from model.clock import SECOND_NS
from model.names import ATTR_DEVICE_ID, METRIC_CONTROL_ROUND_TRIP_DURATION


def draw_round_trips(preset: ControllerPreset, number: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return round-trip times in seconds: log-normal, and one repetition longer where a message was lost."""
    usual_s = preset.round_trip_s * np.exp(rng.normal(0.0, preset.round_trip_spread, number))
    lost = rng.random(number) < preset.retransmit_probability
    round_trips: NDArray[np.float64] = usual_s + preset.retransmit_s * lost
    return round_trips


class Controller:
    """Probes its devices at a fixed beat and reports every round trip."""

    def __init__(self, controller_id: str, preset: ControllerPreset, rng: np.random.Generator) -> None:
        self.id = controller_id
        self._preset = preset
        self._beat_ns = round(preset.heartbeat_s * SECOND_NS)
        self._rng = rng
        self._identity = attributes({ATTR_DEVICE_ID: controller_id})

    def advance(self, tally: Tally) -> None:
        """Report the round trips of the step's probes."""
        number = tally.end_ns // self._beat_ns - tally.start_ns // self._beat_ns
        round_trips = draw_round_trips(self._preset, number, self._rng)
        tally.samples(METRIC_CONTROL_ROUND_TRIP_DURATION, self._identity, round_trips)

    def truths(self, at_ns: int) -> list[Truth]:
        """Return the median round trip, which nothing disturbs so far."""
        del at_ns
        median_s = self._preset.round_trip_s
        return [
            Truth(
                entity=self.id,
                kind="controller",
                quantity="round_trip_median_s",
                value=median_s,
                low=0.5 * median_s,
                high=2.0 * median_s,
            )
        ]
