"""Slow drift of parameters, recalibrated away once a day.

A path is an Ornstein-Uhlenbeck process sampled every ten minutes of epoch time and constant in between. It
has its own generator and remembers its past: asking for the same moment twice, in any order and with any
step, gives the same values.
"""

import math

import numpy as np
from numpy.typing import NDArray

from model.clock import DAY_NS, MINUTE_NS, SECOND_NS

TICK_NS = 10 * MINUTE_NS
_RESIDUAL = 0.2  # what a calibration leaves of the drift: it measures with errors of its own


class DriftPath:
    """Deviations of `sigmas.size` parameters from their calibrated values, in the unit of `sigmas`."""

    def __init__(
        self,
        *,
        sigmas: NDArray[np.float64],
        correlation_s: float,
        start_ns: int,
        calibration_ns: int,
        rng: np.random.Generator,
    ) -> None:
        self._sigmas = sigmas
        self._kept = math.exp(-TICK_NS / SECOND_NS / correlation_s)
        self._first = start_ns // TICK_NS
        self._calibration_ns = calibration_ns
        self._rng = rng
        self._rows = [rng.normal(0.0, sigmas)]

    def rows(self, first_ns: int, last_ns: int) -> NDArray[np.float64]:
        """Return the values of every tick from that of `first_ns` to that of `last_ns`, one row each."""
        low = max(first_ns // TICK_NS - self._first, 0)
        high = max(last_ns // TICK_NS - self._first, 0)
        while len(self._rows) <= high:
            self._rows.append(self._following())
        return np.array(self._rows[low : high + 1])

    def at(self, when_ns: int) -> NDArray[np.float64]:
        """Return the values at a moment; before the start, those of the start."""
        values: NDArray[np.float64] = self.rows(when_ns, when_ns)[0]
        return values

    def at_each(self, times_ns: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return, for each time, the value of the parameter that stands in `column`."""
        if len(times_ns) == 0:
            return np.empty(0)
        first_ns, last_ns = int(times_ns.min()), int(times_ns.max())
        table = self.rows(first_ns, last_ns)
        values: NDArray[np.float64] = table[times_ns // TICK_NS - first_ns // TICK_NS, column]
        return values

    def _following(self) -> NDArray[np.float64]:
        tick_ns = (self._first + len(self._rows)) * TICK_NS
        kick = self._rng.normal(0.0, self._sigmas * math.sqrt(1 - self._kept**2))
        following: NDArray[np.float64] = self._rows[-1] * self._kept + kick
        recalibrated = (tick_ns - self._calibration_ns) // DAY_NS != (
            tick_ns - TICK_NS - self._calibration_ns
        ) // DAY_NS
        return following * _RESIDUAL if recalibrated else following
