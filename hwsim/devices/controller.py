"""The classical control plane of a site: how long a control message takes there and back, how often one is lost.

Telemetry items link.TEL40, network.TEL31 to network.TEL33; the host below it stands in `hosting.py`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.block import Block
from hwsim.conditions import Conditions
from hwsim.devices.hosting import CLOCK_OFFSET, CPU_LOAD, MEMORY_LOAD, Host, HostPreset
from hwsim.documents import Reader
from hwsim.kind import Kind
from hwsim.maintenance import Maintenance
from hwsim.spec import DeviceSpec
from hwsim.wander import Wander
from hwsim.world import World
from model.attributes import attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_OUTCOME,
    METRIC_CONTROL_MESSAGES,
    METRIC_CONTROL_ROUND_TRIP_DURATION,
    METRIC_CONTROL_ROUND_TRIP_JITTER,
)

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
    host: HostPreset

    @classmethod
    def read(cls, reader: Reader) -> "ControllerPreset":
        """Read a preset file."""
        return cls(
            round_trip_s=reader.number("round_trip_s", minimum=0.0),
            round_trip_spread=reader.number("round_trip_spread", minimum=0.0),
            retransmit_probability=reader.number("retransmit_probability", minimum=0.0, maximum=1.0),
            retransmit_s=reader.number("retransmit_s", minimum=0.0),
            heartbeat_s=reader.number("heartbeat_s", minimum=1.0),
            host=HostPreset.read(reader.entry("host")),
        )


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
        return self.exchange(times_ns, rng)[0]

    def exchange(self, times_ns: NDArray[np.int64], rng: np.random.Generator) -> tuple[Float64s, NDArray[np.bool_]]:
        """Return the same, and which messages were lost once."""
        usual_s = rng.lognormal(0.0, self.preset.round_trip_spread, len(times_ns))
        usual_s *= self._conditions.course(self._id, ROUND_TRIP, self.preset.round_trip_s, times_ns)
        loss = self._conditions.course(self._id, LOSS, self.preset.retransmit_probability, times_ns)
        lost = rng.random(len(times_ns)) < loss
        usual_s[lost] += self.preset.retransmit_s
        return usual_s, lost


class Controller:
    """Probes its devices at a fixed beat and reports every round trip, and the host that it runs on."""

    def __init__(self, spec: DeviceSpec, plane: ControlPlane, host: Host, maintenance: Maintenance) -> None:
        self.id = spec.id
        self._preset: ControllerPreset = spec.preset
        self._plane = plane
        self._host = host
        self._maintenance = maintenance
        self._beat_ns = round(self._preset.heartbeat_s * SECOND_NS)
        self._identity = attributes({ATTR_DEVICE_ID: spec.id})
        self._delivered, self._lost = (
            attributes({ATTR_DEVICE_ID: spec.id, ATTR_OUTCOME: outcome}) for outcome in ("success", "failure")
        )

    def simulate(self, block: Block) -> None:
        """Report the round trips of the block's probes, and what changed."""
        times_ns = block.moments(self._beat_ns)
        round_trips_s, lost = self._plane.exchange(times_ns, block.rng(self.id, "probes"))
        at_s = (times_ns - block.start_ns) / SECOND_NS
        block.samples(METRIC_CONTROL_ROUND_TRIP_DURATION, self._identity, round_trips_s, at_s)
        block.count_at(METRIC_CONTROL_MESSAGES, self._delivered, at_s)
        block.count_at(METRIC_CONTROL_MESSAGES, self._lost, at_s[lost])
        self._report_jitter(block, times_ns, round_trips_s)
        self._host.report(block)
        block.when_asked(self._state_truths)
        self._maintenance.report(block)

    def _state_truths(self, block: Block) -> None:
        usual_s = self._preset.round_trip_s
        block.truth(
            self.id,
            "controller",
            "round_trip_median_s",
            block.parameter(self.id, ROUND_TRIP, usual_s),
            low=0.5 * usual_s,
            high=2.0 * usual_s,
        )
        loss = block.parameter(self.id, LOSS, self._preset.retransmit_probability)
        block.truth(self.id, "controller", "loss_probability", loss, low=0.0, high=0.02)

    def _report_jitter(self, block: Block, times_ns: NDArray[np.int64], round_trips_s: Float64s) -> None:
        """Report each minute by how much one round trip differed from the next, on average (as RFC 3550 does)."""
        differences_s = np.abs(np.diff(round_trips_s))
        minutes_ns = block.moments(MINUTE_NS)
        cells = np.searchsorted(minutes_ns, times_ns[1:])
        sums_s = np.bincount(cells, differences_s, minlength=len(minutes_ns))
        numbers = np.bincount(cells, minlength=len(minutes_ns))
        told = numbers > 0
        block.levels(METRIC_CONTROL_ROUND_TRIP_JITTER, self._identity, sums_s[told] / numbers[told], minutes_ns[told])


def _build_plane(world: World, spec: DeviceSpec) -> ControlPlane:
    return ControlPlane(spec.id, spec.preset, world.conditions)


def _build(world: World, spec: DeviceSpec) -> Controller:
    preset: HostPreset = spec.preset.host
    wander = Wander(
        spec.id, "clock", correlation_s=preset.clock_correlation_s, seed=world.seed, start_ns=world.start_ns
    )
    maintenance = world.maintenance(spec.id)
    return Controller(spec, world.nature(spec.id), Host(spec.id, preset, maintenance, wander), maintenance)


KIND = Kind(
    name="controller",
    identity=ATTR_DEVICE_ID,
    preset_type=ControllerPreset,
    build=_build,
    parameters=frozenset({ROUND_TRIP, LOSS, CLOCK_OFFSET, CPU_LOAD, MEMORY_LOAD}),
    nature=_build_plane,
)
