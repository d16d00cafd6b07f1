"""The classical control plane of a site: how long a control message takes there and back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.block import Block
from hwsim.conditions import Conditions
from hwsim.kind import Kind
from hwsim.maintenance import Maintenance
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.attributes import attributes
from model.clock import SECOND_NS
from model.names import ATTR_DEVICE_ID, METRIC_CONTROL_ROUND_TRIP_DURATION

ROUND_TRIP = "round_trip_s"
LOSS = "retransmit_probability"

Float64s = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerPreset:
    """Control messages: log-normal round trips, a few of them lost once and repeated."""

    round_trip_s: float
    round_trip_spread: float
    retransmit_probability: float
    retransmit_s: float
    heartbeat_s: float


class ControlPlane:
    """What a message through one controller suffers, for whoever sends one."""

    def __init__(self, controller_id: str, preset: ControllerPreset, conditions: Conditions) -> None:
        self.preset = preset
        self._id = controller_id
        self._conditions = conditions

    def median_s(self, times_ns: NDArray[np.int64]) -> Float64s:
        """Return the median round trip in seconds at each of the times."""
        return self._conditions.values(self._id, ROUND_TRIP, self.preset.round_trip_s, times_ns)

    def draw_s(self, times_ns: NDArray[np.int64], rng: np.random.Generator) -> Float64s:
        """Return round trips in seconds: log-normal, and one repetition longer where a message was lost."""
        usual_s = self.median_s(times_ns) * np.exp(rng.normal(0.0, self.preset.round_trip_spread, len(times_ns)))
        loss = self._conditions.values(self._id, LOSS, self.preset.retransmit_probability, times_ns)
        round_trips: Float64s = usual_s + self.preset.retransmit_s * (rng.random(len(times_ns)) < loss)
        return round_trips


class Controller:
    """Probes its devices at a fixed beat and reports every round trip."""

    def __init__(self, spec: DeviceSpec, plane: ControlPlane, maintenance: Maintenance) -> None:
        self.id = spec.id
        self._preset: ControllerPreset = spec.preset
        self._plane = plane
        self._maintenance = maintenance
        self._beat_ns = round(self._preset.heartbeat_s * SECOND_NS)
        self._identity = attributes({ATTR_DEVICE_ID: spec.id})

    def simulate(self, block: Block) -> None:
        """Report the round trips of the block's probes, and what changed."""
        times_ns = np.array(block.moments(self._beat_ns))
        round_trips_s = self._plane.draw_s(times_ns, block.rng(self.id, "probes"))
        at_s = (times_ns - block.start_ns) / SECOND_NS
        block.samples(METRIC_CONTROL_ROUND_TRIP_DURATION, self._identity, round_trips_s, at_s)
        usual_s = self._preset.round_trip_s
        block.truth(
            self.id,
            "controller",
            "round_trip_median_s",
            block.parameter(self.id, ROUND_TRIP, usual_s),
            low=0.5 * usual_s,
            high=2.0 * usual_s,
        )
        self._maintenance.report(block)


def _build_plane(world: World, spec: DeviceSpec) -> ControlPlane:
    return ControlPlane(spec.id, spec.preset, world.conditions)


def _build(world: World, spec: DeviceSpec) -> Controller:
    return Controller(spec, world.nature(spec.id), world.maintenance(spec.id))


KIND = Kind(
    name="controller",
    identity=ATTR_DEVICE_ID,
    preset_type=ControllerPreset,
    build=_build,
    parameters=frozenset({ROUND_TRIP, LOSS}),
    nature=_build_plane,
)
