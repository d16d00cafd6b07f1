"""The true T1 and T2 of a bank's qubits: preset, drift of each slot, and the temperature they sit at."""

import numpy as np
from numpy.typing import NDArray

from hwsim.devices.cryostat import Thermals
from hwsim.physics.thermal import activated_rate_hz, shortened_lifetime
from hwsim.preset import MemoryPreset

Floats = NDArray[np.float64]


class Lifetimes:
    """Lifetimes of qubits that share a sample stage, for the bank and for the links that end there."""

    def __init__(self, preset: MemoryPreset, thermals: Thermals) -> None:
        self._preset = preset
        self._thermals = thermals

    def at(
        self, times_ns: NDArray[np.int64], t1_drift: Floats | float = 0.0, t2_drift: Floats | float = 0.0
    ) -> tuple[Floats, Floats]:
        """Return T1 and T2 in seconds at each time; drifts are relative. T2 never exceeds 2 T1."""
        extra_hz = activated_rate_hz(
            self._thermals.sample_k(times_ns),
            rate_hz=self._preset.thermal_rate_hz,
            at_temperature_k=self._preset.thermal_reference_k,
            activation_k=self._preset.thermal_activation_k,
        )
        t1_s = shortened_lifetime(self._preset.t1_s * np.exp(t1_drift) * np.ones_like(extra_hz), extra_hz)
        t2_s = shortened_lifetime(self._preset.t2_s * np.exp(t2_drift) * np.ones_like(extra_hz), extra_hz)
        return t1_s, np.minimum(t2_s, 2 * t1_s)
