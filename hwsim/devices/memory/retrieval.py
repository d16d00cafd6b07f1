"""What comes back when a state is read: whether anything does, how faithful it is, and what its readout says.

One function for all platforms, and for single jobs and expectations alike. A read gives the state with the efficiency
that is left (eta exp(-t/tau) for a spin wave), or a noise photon, which cannot be told from it. The excess of the
fidelity over 1/2 is a product: idling, write and read, signal over signal and noise, the rotations by which the
control pulses and the readout axis are off, and the crosstalk of the other occupied slots.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.block import INTERVAL_S, Block, interval_of
from hwsim.devices.memory.jobs import Jobs, at_second, share
from hwsim.devices.memory.lifetimes import ExtraRates, SlotTimes, shortened
from hwsim.devices.memory.preset import MemoryPreset
from hwsim.physics.idle import average_fidelity
from hwsim.physics.optical_memory import conditional_fidelity

READ_EFFICIENCY = "read_efficiency"
OPERATION_ERROR = "operation_error"
NOISE_PHOTONS = "noise_photons"
CONTROL_SHIFT = "control_shift_rad"
READOUT_BASIS = "readout_basis_rad"
READOUT_ERROR = "readout_error"

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]
Value = float | Float64s


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """The reading side of a bank during a block; each quantity a number, or one per second."""

    efficiency: Value
    operation_error: Value
    noise_photons: Value
    control_shift_rad: Value
    basis_rad: Value
    readout_error: Value

    def at(self, second: Int64s | int) -> "Readout":
        """Return it at some seconds of the block, or at one."""
        return Readout(
            efficiency=at_second(self.efficiency, second),
            operation_error=at_second(self.operation_error, second),
            noise_photons=at_second(self.noise_photons, second),
            control_shift_rad=at_second(self.control_shift_rad, second),
            basis_rad=at_second(self.basis_rad, second),
            readout_error=at_second(self.readout_error, second),
        )

    @classmethod
    def nominal(cls, preset: MemoryPreset) -> "Readout":
        """Return how a bank reads that was just calibrated and that nothing disturbs."""
        return cls(
            efficiency=preset.read_efficiency,
            operation_error=preset.operation_error,
            noise_photons=preset.noise_photons,
            control_shift_rad=0.0,
            basis_rad=0.0,
            readout_error=preset.readout_error,
        )

    @property
    def rotation(self) -> Value:
        """Return the factor on the fidelity's excess of a readout along the wrong axis: (1 + 2 cos(angle))/3."""
        return rotation_factor(self.basis_rad)

    def click_probability(self, signal: Value) -> Value:
        """Return the chance that a read gives something: the state, or a noise photon in one of its two modes."""
        return 1 - (1 - signal) * (1 - self.noise_photons) ** 2

    def excess(self, idle: Value, signal: Value, preset: MemoryPreset) -> Value:
        """Return the excess over 1/2 of the fidelity before the readout's rotation; `idle` is the hold's fidelity."""
        excess: Value = (idle - 0.5) * (1 - 2 * self.operation_error) * rotation_factor(self.control_shift_rad)
        if isinstance(self.noise_photons, float) and self.noise_photons == 0.0:
            return excess
        known: Value = conditional_fidelity(np.asarray(preset.input_photons * signal), self.noise_photons, 1.0)
        noisy: Value = excess * (2 * known - 1)
        return noisy

    def wrong_probability(self, excess: Float64s, basis: Int64s) -> Float64s:
        """Return the chance of a wrong result by basis (0 x, 1 y, 2 z); the readout is turned about the y axis."""
        seen = np.where(basis == 1, 1.0, np.cos(self.basis_rad)) * (1 - 2 * self.readout_error)
        return np.asarray(0.5 - excess * seen)


def rotation_factor(angle_rad: Value) -> Value:
    """Return (1 + 2 cos(angle))/3, what a rotation by a wrong angle leaves of the average fidelity's excess."""
    factor: Value = (1 + 2 * np.cos(angle_rad)) / 3
    return factor


def read_conditions(bank_id: str, preset: MemoryPreset, slots: SlotTimes, block: Block) -> Readout:
    """Return how the bank reads during a block."""

    def parameter(name: str, nominal: float) -> Value:
        return block.parameter(bank_id, name, nominal)

    return Readout(
        efficiency=share(parameter(READ_EFFICIENCY, preset.read_efficiency)),
        operation_error=np.minimum(parameter(OPERATION_ERROR, preset.operation_error), 0.5),
        noise_photons=share(parameter(NOISE_PHOTONS, preset.noise_photons)),
        control_shift_rad=parameter(CONTROL_SHIFT, 0.0) + np.repeat(slots.control_shift_rad, INTERVAL_S),
        basis_rad=parameter(READOUT_BASIS, 0.0),
        readout_error=share(parameter(READOUT_ERROR, preset.readout_error)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrievals:
    """What reads gave; each array has one value per job."""

    is_read: Bools
    is_late: Bools
    excess: Float64s
    estimated_fidelity: Float64s


def retrieve(
    jobs: Jobs,
    second: Int64s,
    *,
    preset: MemoryPreset,
    slots: SlotTimes,
    rates: ExtraRates,
    readout: Readout,
    neighbours: Float64s | float,
    rng: np.random.Generator,
) -> Retrievals:
    """Read the jobs' states, each at the second of the block in which its read ends.

    `neighbours` are the other slots in use. A read after the deadline finds nothing: the state was given up.
    """
    hold_s, here = jobs.hold_s, readout.at(second)
    when = interval_of(second)
    t1_s, t2_s = shortened(slots.t1_s[when, jobs.slot], slots.t2_s[when, jobs.slot], rates.select(second))
    idle, kept = idle_fidelity(hold_s, t1_s, t2_s, preset)
    signal = np.where(jobs.stored, here.efficiency * kept, 0.0)
    is_late = hold_s > preset.deadline_s
    excess = here.excess(idle, signal, preset) * (1 - 2 * preset.crosstalk_error) ** neighbours
    if not jobs.stored.all():
        excess = np.where(jobs.stored, excess, 0.0)
    noise = rng.normal(0.0, preset.fidelity_noise, len(jobs))
    return Retrievals(
        is_read=(rng.random(len(jobs)) < here.click_probability(signal)) & ~is_late,
        is_late=is_late,
        excess=np.asarray(excess),
        estimated_fidelity=np.clip(0.5 + excess * here.rotation + noise, 0.0, 1.0),
    )


def idle_fidelity(hold_s: Value, t1_s: Float64s, t2_s: Float64s, preset: MemoryPreset) -> tuple[Value, Value]:
    """Return the fidelity after a hold, and the share of a spin wave that is still there to be read."""
    if preset.collective_share:
        return 1.0, np.asarray(np.exp(-hold_s / t2_s))
    return average_fidelity(np.asarray(hold_s), t1_s, t2_s), 1.0
