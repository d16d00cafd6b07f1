"""Slow drift of parameters, which a calibration takes away for the most part.

A path is an Ornstein-Uhlenbeck process sampled once a block and constant in between. It has its own generator and
remembers its past: asking for the same moment twice, in any order and with any step, gives the same values.
"""

import math

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_NS
from hwsim.randomness import spawn_generator
from model.clock import SECOND_NS

Float64s = NDArray[np.float64]
_RESIDUAL = 0.2  # what a calibration leaves of the drift: it measures with errors of its own


class DriftPath:
    """Deviations of `sigmas.size` parameters from their calibrated values, in the unit of `sigmas`."""

    def __init__(
        self, entity_id: str, purpose: str, *, sigmas: Float64s, correlation_s: float, seed: int, start_ns: int
    ) -> None:
        self._sigmas = sigmas
        self._kept = math.exp(-BLOCK_NS / SECOND_NS / correlation_s)
        self._first = start_ns // BLOCK_NS
        self._rng = spawn_generator(seed, entity_id, f"{purpose} drift")
        self._rows = [self._rng.normal(0.0, sigmas)]

    def at(self, when_ns: int, calibrated_ns: int) -> Float64s:
        """Return the deviations at a moment, with a calibration set of `calibrated_ns` in force."""
        return self._free(when_ns) - (1 - _RESIDUAL) * self._free(min(calibrated_ns, when_ns))

    def _free(self, when_ns: int) -> Float64s:
        """Return what the deviations would be if nobody ever calibrated; before the start, those of the start."""
        number = max(when_ns // BLOCK_NS - self._first, 0)
        while len(self._rows) <= number:
            kick = self._rng.normal(0.0, self._sigmas * math.sqrt(1 - self._kept**2))
            self._rows.append(self._rows[-1] * self._kept + kick)
        return self._rows[number]
