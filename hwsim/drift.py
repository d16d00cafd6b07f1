"""Slow drift of parameters, an Ornstein-Uhlenbeck path that a calibration takes away for the most part.

It is constant within an interval.
"""

import numpy as np
from numpy.typing import NDArray

from hwsim.ornstein_uhlenbeck import OrnsteinUhlenbeck

Float64s = NDArray[np.float64]
_RESIDUAL = 0.2  # what a calibration leaves of the drift: it measures with errors of its own


class DriftPath:
    """Deviations of `sigmas.size` parameters from their calibrated values, in the unit of `sigmas`."""

    def __init__(
        self, entity_id: str, purpose: str, *, sigmas: Float64s, correlation_s: float, seed: int, start_ns: int
    ) -> None:
        self._path = OrnsteinUhlenbeck(
            entity_id,
            f"{purpose} drift",
            sigmas=sigmas,
            correlation_s=correlation_s,
            seed=seed,
            start_ns=start_ns,
        )

    def at(self, when_ns: int, calibrated_ns: int) -> Float64s:
        """Return the deviations at a moment, with a calibration set of `calibrated_ns` in force."""
        return self._free(when_ns) - (1 - _RESIDUAL) * self._free(min(calibrated_ns, when_ns))

    def _free(self, when_ns: int) -> Float64s:
        """Return what the deviations would be if nobody ever calibrated; before the start, those of the start."""
        number = self._path.number_at(when_ns)
        return np.asarray(self._path.nodes(number)[number])
