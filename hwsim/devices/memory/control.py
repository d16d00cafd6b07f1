"""How far the control pulses have drifted since their calibration, and how fast they drift (catalogue memory.M9).

A pulse that should do nothing turns the qubit by the shift; shots in two quadratures give its cosine and sine. The
rate is the weighted least-squares slope of the last hour's shifts under the calibration set in force.
"""

from math import atan2, cos, sin, sqrt

import numpy as np

from hwsim.block import Block, Interval
from hwsim.devices.memory.preset import MemoryPreset
from model.attributes import attributes
from model.clock import HOUR_NS, SECOND_NS
from model.names import ATTR_DEVICE_ID, METRIC_MEMORY_CONTROL_DRIFT, METRIC_MEMORY_CONTROL_SHIFT

_FEWEST = 3


class ControlTrend:
    """The last hour's shifts of one bank: moment, radians, standard error."""

    def __init__(self, bank_id: str, preset: MemoryPreset) -> None:
        self._shots = max(round(preset.control_shots), 1)
        self._contrast = 1 - 2 * preset.readout_error
        self._bank = attributes({ATTR_DEVICE_ID: bank_id})
        self._shifts: list[tuple[int, float, float]] = []

    def measure(
        self,
        block: Block,
        interval: Interval,
        shift_rad: float,
        *,
        at_ns: int,
        calibrated_ns: int,
        rng: np.random.Generator,
    ) -> None:
        """Report the shift, and once an hour its rate if there are three shifts to take it from."""
        value, error = self._estimate(shift_rad, rng)
        since_ns = max(at_ns - HOUR_NS, calibrated_ns)
        self._shifts = [each for each in self._shifts if each[0] > since_ns] + [(at_ns, value, error)]
        block.estimate(
            METRIC_MEMORY_CONTROL_SHIFT,
            self._bank,
            value,
            error=error,
            samples=2 * self._shots,
            at_ns=at_ns,
            calibrated_ns=calibrated_ns,
        )
        if interval.start_ns % HOUR_NS == 0 and len(self._shifts) >= _FEWEST:
            rate, rate_error = _slope(self._shifts)
            block.estimate(
                METRIC_MEMORY_CONTROL_DRIFT,
                self._bank,
                rate,
                error=rate_error,
                samples=2 * self._shots * len(self._shifts),
                at_ns=at_ns,
                calibrated_ns=calibrated_ns,
            )

    def _estimate(self, shift_rad: float, rng: np.random.Generator) -> tuple[float, float]:
        """Return the angle and its error; (1 + C cos)/2 and (1 + C sin)/2 of the shots are bright."""
        quadratures = [(1 + self._contrast * turn(shift_rad)) / 2 for turn in (cos, sin)]
        real, imaginary = (2 * count / self._shots - 1 for count in rng.binomial(self._shots, quadratures).tolist())
        least = 1 / self._shots  # all shots alike still leave a doubt
        real_variance, imaginary_variance = (max(1 - q**2, least) / self._shots for q in (real, imaginary))
        norm = max(real**2 + imaginary**2, least)
        return atan2(imaginary, real), sqrt(real**2 * imaginary_variance + imaginary**2 * real_variance) / norm


def _slope(shifts: list[tuple[int, float, float]]) -> tuple[float, float]:
    """Return the slope in rad/s and its standard error."""
    times_ns, values, errors = (np.array(column, dtype=np.float64) for column in zip(*shifts, strict=True))
    weights = 1 / errors**2
    elapsed_s = (times_ns - times_ns[0]) / SECOND_NS
    elapsed_s -= (weights * elapsed_s).sum() / weights.sum()
    information = (weights * elapsed_s**2).sum()
    return float((weights * elapsed_s * values).sum() / information), float(information**-0.5)
