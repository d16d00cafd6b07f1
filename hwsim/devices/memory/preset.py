"""What a memory platform is: lifetimes, the way photons or states go in and out, and how long its steps take.

Where efficiency is a consequence of optical depth, finesse or cooperativity, a preset file states those, under
`interface`, and write and read efficiency are computed; they can still be overridden in a fleet file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from hwsim.devices.memory.interface import read_interface
from hwsim.documents import Reader
from hwsim.physics.decoupling import decoupled_t2_s
from hwsim.preset import limits

_OF_INTERFACE = ("write_efficiency", "read_efficiency", "modes", "collective_share")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPreset:
    """Numbers of one platform; each file names the source of each.

    `t2_s` is the coherence time under one echo pulse; `decoupling_pulses` lengthen it. `operation_error` is the
    infidelity of write and read together at no hold. A write sends `modes` at once and takes the first that is
    heralded; `herald_probability` is the share of lost states that the herald notices. With `collective_share` 1 the
    state is a spin wave: dephasing costs efficiency, not fidelity; with 0 it sits in a single spin or mode.
    `noise_photons` come out of each read without any input (p_N), beside the `input_photons` that were put in.
    `field_dephasing_hz` is the dephasing of a magnetic field at twice its mean.
    """

    t1_s: float
    t2_s: float
    decoupling_pulses: float
    decoupling_exponent: float
    qubit_frequency_hz: float
    operation_error: float
    readout_error: float
    transducer_efficiency: float
    mode_match_efficiency: float
    write_efficiency: float
    read_efficiency: float
    modes: float
    collective_share: float
    crosstalk_error: float
    noise_photons: float
    input_photons: float
    herald_probability: float
    write_s: float
    read_s: float
    reset_s: float
    mean_hold_s: float
    hold_shape: float
    deadline_s: float
    lease_s: float
    lease_leak_probability: float
    queue_limit: float
    benchmark_share: float
    fidelity_noise: float
    t1_drift: float
    t2_drift: float
    control_drift_rad: float
    drift_correlation_s: float
    thermal_rate_hz: float
    thermal_reference_k: float
    thermal_activation_k: float
    field_dephasing_hz: float
    t1_shots: float
    t2_shots: float
    control_shots: float
    tomography_shots: float

    @classmethod
    def read(cls, reader: Reader) -> "MemoryPreset":
        """Read a preset file."""
        numbers = {}
        for field in fields(cls):
            if field.name not in _OF_INTERFACE:
                minimum, maximum = limits(field.name)
                numbers[field.name] = reader.number(field.name, minimum=minimum, maximum=maximum)
        interface = read_interface(reader.entry("interface"))
        return cls(
            **numbers,
            write_efficiency=interface.write_efficiency,
            read_efficiency=interface.read_efficiency,
            modes=interface.modes,
            collective_share=float(interface.is_collective),
        )

    @property
    def held_t2_s(self) -> float:
        """Return the coherence time of a stored state under the preset's decoupling pulses."""
        return decoupled_t2_s(self.t2_s, self.t1_s, pulses=self.decoupling_pulses, exponent=self.decoupling_exponent)

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield what contradicts itself, each with its key."""
        if self.t2_s > 2 * self.t1_s:
            yield "t2_s", f"is {self.t2_s:g} and cannot exceed 2 T1 = {2 * self.t1_s:g}"
        for name in ("t1_s", "t2_s", "hold_shape", "mean_hold_s", "drift_correlation_s", "input_photons"):
            if getattr(self, name) <= 0:
                yield name, "must be more than 0"
        if self.noise_photons >= 1:
            yield "noise_photons", "must be less than 1"
        for name in ("decoupling_pulses", "modes", "t2_shots"):
            if getattr(self, name) < 1:
                yield name, "must be at least 1"
