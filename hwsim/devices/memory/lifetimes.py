"""The true T1 and T2 of a bank's slots at any time: preset, drift, decoupling, temperature, magnetic field, noise.

A pure function of time and faults, so that links at other sites can ask how long their qubits live in this bank.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hwsim.block import INTERVAL_NS, INTERVAL_S, Block
from hwsim.conditions import Conditions
from hwsim.devices.cryostat import Thermals
from hwsim.devices.memory.preset import MemoryPreset
from hwsim.drift import DriftPath
from hwsim.maintenance import Maintenance
from hwsim.physics.thermal import activated_rate_hz, shortened_lifetime, thermal_population
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.topology import Relation

DEPHASING = "extra_dephasing_hz"
DECOHERENCE = "decoherence_rate_hz"
FIELD = "magnetic_field_t"

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]


class Room(Protocol):
    """What the environment around a bank answers."""

    def relative(self, name: str, times_ns: Int64s) -> Float64s:
        """Return a quantity relative to its undisturbed mean."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotTimes:
    """T1 and T2 of each slot without heat and extra noise, by interval and slot, and its control error."""

    t1_s: Float64s
    t2_s: Float64s
    control_shift_rad: Float64s

    def mean_by_second(self) -> tuple[Float64s, Float64s]:
        """Return T1 and T2 of the mean slot in each second."""
        t1_s, t2_s = (np.repeat(each.mean(axis=1), INTERVAL_S) for each in (self.t1_s, self.t2_s))
        return t1_s, t2_s


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraRates:
    """Rates in Hz on top of the cold and quiet slots': of thermally activated processes, and of dephasing alone."""

    activated_hz: Float64s
    dephasing_hz: Float64s

    def select(self, index: Int64s) -> "ExtraRates":
        """Return the rates at some of the moments."""
        return ExtraRates(activated_hz=self.activated_hz[index], dephasing_hz=self.dephasing_hz[index])


def shortened(t1_s: Float64s, t2_s: Float64s, rates: ExtraRates) -> tuple[Float64s, Float64s]:
    """Return T1 and T2 under the extra rates; T2 never exceeds 2 T1."""
    t1_s = shortened_lifetime(t1_s, rates.activated_hz)
    return t1_s, np.minimum(shortened_lifetime(t2_s, rates.activated_hz + rates.dephasing_hz), 2 * t1_s)


class Lifetimes:
    """Lifetimes of the qubits of one bank."""

    def __init__(
        self,
        bank_id: str,
        preset: MemoryPreset,
        drift: DriftPath,
        *,
        maintenance: Maintenance,
        conditions: Conditions,
        thermals: Thermals | None,
        room: tuple[str, Room] | None,
    ) -> None:
        self._id = bank_id
        self._preset = preset
        self._drift = drift
        self._maintenance = maintenance
        self._conditions = conditions
        self._thermals = thermals
        self._room = room
        self._held_t2_s = preset.held_t2_s
        self._known: tuple[int, int, SlotTimes] | None = None

    def at(self, times_ns: Int64s) -> tuple[Float64s, Float64s]:
        """Return T1 and T2 in seconds of the bank's mean slot at each of the times."""
        if not len(times_ns):
            return np.empty(0), np.empty(0)
        numbers = (times_ns - 1) // INTERVAL_NS
        first = int(numbers.min())
        slots = self._drifted(first, int(numbers.max()))
        t1_s, t2_s = (each.mean(axis=1)[numbers - first] for each in (slots.t1_s, slots.t2_s))
        return shortened(t1_s, t2_s, self.extra_rates(times_ns))

    def of_block(self, block: Block) -> SlotTimes:
        """Return what drift makes of the slots in each interval of a block."""
        return self._drifted(block.intervals[0].index, block.intervals[-1].index)

    def extra_rates(self, times_ns: Int64s) -> ExtraRates:
        """Return what heat and extra noise add to the decay rates at each of the times."""
        noise_hz = self._conditions.values(self._id, DEPHASING, 0.0, times_ns)
        loss_hz = self._conditions.values(self._id, DECOHERENCE, 0.0, times_ns)
        return ExtraRates(
            activated_hz=self._activated_hz(times_ns) + loss_hz, dephasing_hz=noise_hz + self._field_hz(times_ns)
        )

    def thermal_population(self, at_ns: int) -> float:
        """Return the excited population that a slot relaxes to; 0 without a cryostat to give a temperature."""
        if self._thermals is None or not self._preset.qubit_frequency_hz:
            return 0.0
        sample_k = float(self._thermals.sample_k(np.array([at_ns]))[0])
        return float(thermal_population(self._preset.qubit_frequency_hz, sample_k))

    def _activated_hz(self, times_ns: Int64s) -> Float64s:
        if self._thermals is None:
            return np.zeros(len(times_ns))
        return activated_rate_hz(
            self._thermals.sample_k(times_ns),
            rate_hz=self._preset.thermal_rate_hz,
            at_temperature_k=self._preset.thermal_reference_k,
            activation_k=self._preset.thermal_activation_k,
        )

    def _field_hz(self, times_ns: Int64s) -> Float64s | float:
        """Return the dephasing of a field beyond its mean: of an interval's start, unless a fault is at work."""
        if self._room is None or not self._preset.field_dephasing_hz:
            return 0.0
        name, room = self._room
        if not self._conditions.disturbed(name, FIELD, int(times_ns.min()) - 1, int(times_ns.max())):
            numbers = (times_ns - 1) // INTERVAL_NS
            first = int(numbers.min())
            starts_ns = INTERVAL_NS * np.arange(first, int(numbers.max()) + 1)
            excess = room.relative(FIELD, starts_ns)[numbers - first] - 1
        else:
            excess = room.relative(FIELD, times_ns) - 1
        return np.asarray(self._preset.field_dephasing_hz * np.maximum(excess, 0.0))

    def _drifted(self, first: int, last: int) -> SlotTimes:
        """Return the slots in the intervals of these numbers; questions come block after block."""
        if self._known is None or (first, last) != self._known[:2]:
            starts_ns = [number * INTERVAL_NS for number in range(first, last + 1)]
            path = np.array([self._drift.at(each, self._maintenance.calibrated_ns(each)) for each in starts_ns])
            slots = path.shape[1] // 2
            t1_s = self._preset.t1_s * np.exp(path[:, :slots])
            times = SlotTimes(
                t1_s=t1_s,
                t2_s=np.minimum(self._held_t2_s * np.exp(path[:, slots:-1]), 2 * t1_s),
                control_shift_rad=path[:, -1],
            )
            self._known = (first, last, times)
        return self._known[2]


def build_lifetimes(world: World, spec: DeviceSpec) -> Lifetimes:
    """Return the nature of a bank, with the cryostat that cools it and the room around it, if the fleet names any."""
    preset: MemoryPreset = spec.preset
    slots = spec.settings.slots
    sigmas = np.concatenate(
        [np.full(slots, preset.t1_drift), np.full(slots, preset.t2_drift), [preset.control_drift_rad]]
    )
    cryostat = world.source(spec, Relation.COOLS, "cryostat")
    room = world.source(spec, Relation.SURROUNDS, "environment")
    return Lifetimes(
        spec.id,
        preset,
        DriftPath(
            spec.id,
            "slots",
            sigmas=sigmas,
            correlation_s=preset.drift_correlation_s,
            seed=world.seed,
            start_ns=world.start_ns,
        ),
        maintenance=world.maintenance(spec.id),
        conditions=world.conditions,
        thermals=None if cryostat is None else world.nature(cryostat.id),
        room=None if room is None else (room.id, world.nature(room.id)),
    )
