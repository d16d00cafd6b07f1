"""How a bank measures its own T1 and T2: simulated shots at chosen delays, then a weighted fit.

Relaxation and Hahn echo both give P(t) = B + A exp(-t/T). Reference shots without delay and of the relaxed state,
which is prepared directly, pin down A and B and with them preparation and readout errors. A scan around the expected
time gives the estimate; where that lies far from what was expected, a coarse scan over five decades finds the scale
for another one. Delays and guesses are fixed multiples of one time per row, so exp(-t/T) is one table for all rows:
chi-square over all guesses of T, with A and B solved linearly at each, takes three matrix products.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]

_REFERENCE_SHOTS = 400
_RELAXED = 1e3  # delay, in units of the longest, that stands for the relaxed state
_CONTRAST, _FLOOR = 0.96, 0.02  # what preparation and readout leave of the signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Times in seconds with their standard errors and the shots behind each, one per row."""

    value_s: Float64s
    error_s: Float64s
    shots: Float64s

    def select(self, rows: slice) -> "Estimate":
        """Return some of the rows."""
        return Estimate(value_s=self.value_s[rows], error_s=self.error_s[rows], shots=self.shots[rows])


class DecayTable:
    """exp(-t/T) for fixed delays t (columns) and guesses of T (rows), both in units of a scale."""

    def __init__(self, delays: Float64s, guesses: Float64s) -> None:
        self.delays = np.concatenate([[0.0], delays, [_RELAXED * delays.max()]])
        self.guesses = guesses
        self.log_step = float(np.log(guesses[1] / guesses[0]))
        self.decay = np.exp(-self.delays / guesses[:, None]).T
        self.decay_squared = self.decay**2


_COARSE = DecayTable(np.geomspace(1e-5, 2.0, 16), np.geomspace(1e-5, 4.0, 60))
_COARSE_SHOTS = 24
_SURPRISE = np.log(2.5)
_FINE = DecayTable(np.array([0.3, 0.5, 0.7, 0.9, 1.1, 1.4, 1.8, 2.4]), np.geomspace(0.15, 6, 48))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Surviving share per row and delay, the shots behind it (0 leaves a delay out), and each row's scale."""

    table: DecayTable
    scale_s: Float64s
    observed: Float64s
    shots: Float64s


@dataclass(frozen=True, slots=True, kw_only=True)
class _Qubits:
    """What is measured: true times, floors as a column, and the chance in it."""

    true_s: Float64s
    floor: Float64s
    rng: np.random.Generator


def measure_decay_times(
    true_s: Float64s, *, expected_s: Float64s, shots: Float64s, floor: Float64s | float, rng: np.random.Generator
) -> tuple[Estimate, Scan]:
    """Return what shot-limited scans tell about the decay times `true_s`, one per row, and the scans they rest on.

    `floor` is the surviving share after a long delay, 0 to 1, before readout errors: the thermal population for a
    relaxation, 0 for the echo of a state that loses its phase and is read against its complement.
    """
    floors = np.broadcast_to(np.asarray(floor, dtype=np.float64), len(true_s))[:, None]
    qubits = _Qubits(true_s=true_s, floor=floors, rng=rng)
    scan = _observe(_FINE, expected_s, qubits, shots)
    estimate = fit_decays(scan)
    surprise = np.abs(np.log(estimate.value_s / expected_s)) > _SURPRISE
    if not surprise.any():
        return estimate, scan
    coarse = _observe(_COARSE, expected_s, qubits, np.full(len(true_s), _COARSE_SHOTS))
    scale_s = np.where(surprise, _fit(coarse, passes=1)[0], expected_s)
    again = _observe(_FINE, scale_s, qubits, shots)
    rows = surprise[:, None]
    scan = Scan(
        table=_FINE,
        scale_s=scale_s,
        observed=np.where(rows, again.observed, scan.observed),
        shots=scan.shots,
    )
    return fit_decays(scan), scan


def _observe(table: DecayTable, scale_s: Float64s, qubits: "_Qubits", shots: Float64s) -> Scan:
    survival = np.exp(-table.delays * (scale_s / qubits.true_s)[:, None])
    chance = _FLOOR + _CONTRAST * (qubits.floor + (1 - qubits.floor) * survival)
    counts = np.repeat(np.asarray(shots, dtype=np.int64)[:, None], len(table.delays), axis=1)
    counts[:, [0, -1]] = _REFERENCE_SHOTS
    observed = qubits.rng.binomial(counts, chance) / counts
    return Scan(table=table, scale_s=scale_s, observed=observed, shots=counts.astype(np.float64))


def fit_decays(scan: Scan) -> Estimate:
    """Return weighted least-squares decay times of all rows.

    Weights are binomial, N/(p(1-p)), with p from the pass of the fit before, so that a lucky delay does not outweigh
    the others; the first p are the observed shares, whose luck a second pass still shows where shots are few. The
    standard error is that of the linearised fit with A and B free. It is one of log T, so that T ends further above
    than below; the error that is stated is the longer way, T (exp(s) - 1), which covers both.
    """
    decay_s, weights, slope = _fit(scan, passes=3)
    return Estimate(
        value_s=decay_s,
        error_s=decay_s * np.expm1(_relative_error(scan, weights, decay_s, slope)),
        shots=scan.shots.sum(axis=1),
    )


def _fit(scan: Scan, *, passes: int) -> tuple[Float64s, Float64s, Float64s]:
    """Return T, the last weights and A."""
    least = 0.5 / scan.shots
    chance = (scan.observed * scan.shots + 0.5) / (scan.shots + 1)
    for number in range(passes):
        weights = scan.shots / (chance * (1 - chance))
        decay_s, offset, slope = _profile(scan, weights)
        if number < passes - 1:
            decay = np.exp(-scan.table.delays * (scan.scale_s / decay_s)[:, None])
            chance = np.minimum(np.maximum(offset[:, None] + slope[:, None] * decay, least), 1 - least)
    return decay_s, weights, slope


def _profile(scan: Scan, weights: Float64s) -> tuple[Float64s, Float64s, Float64s]:
    """Return the T of the smallest chi-square, refined by a parabola in log T, with B and A of the nearest guess."""
    table = scan.table
    total = weights.sum(axis=1)[:, None]
    mean_x = weights @ table.decay / total
    mean_y = (weights * scan.observed).sum(axis=1)[:, None] / total
    variance = np.maximum(weights @ table.decay_squared - total * mean_x**2, 1e-9)
    covariance = (weights * (scan.observed - mean_y)) @ table.decay
    slope = np.maximum(covariance / variance, 1e-3)  # the signal decays
    chi2 = slope * (slope * variance - 2 * covariance)
    best = 1 + np.argmin(chi2[:, 1:-1], axis=1)
    rows = np.arange(len(best))
    left, middle, right = chi2[rows, best - 1], chi2[rows, best], chi2[rows, best + 1]
    shift = 0.5 * (left - right) / np.maximum(left - 2 * middle + right, 1e-12)
    shift = np.minimum(np.maximum(shift, -1.0), 1.0)
    decay_s = scan.scale_s * table.guesses[best] * np.exp(shift * table.log_step)
    chosen = slope[rows, best]
    return decay_s, mean_y[:, 0] - chosen * mean_x[rows, best], chosen


def _line(decay: Float64s, target: Float64s, weights: Float64s) -> tuple[Float64s, Float64s]:
    """Return offset and slope of the weighted straight line in exp(-t/T), row by row."""
    total, weighted = weights.sum(axis=1), weights * decay
    mean_x, mean_y = weighted.sum(axis=1) / total, (weights * target).sum(axis=1) / total
    variance = np.maximum((weighted * decay).sum(axis=1) - total * mean_x**2, 1e-9)
    slope = ((weighted * target).sum(axis=1) - total * mean_x * mean_y) / variance
    return mean_y - slope * mean_x, slope


def _relative_error(scan: Scan, weights: Float64s, decay_s: Float64s, slope: Float64s) -> Float64s:
    """Return the error of log T, from that part of the signal's slope in log T which A and B cannot imitate."""
    ratio = scan.table.delays * (scan.scale_s / decay_s)[:, None]
    decay = np.exp(-ratio)
    gradient = slope[:, None] * decay * ratio
    offset, tilt = _line(decay, gradient, weights)
    own = gradient - offset[:, None] - tilt[:, None] * decay
    return np.asarray(1 / np.sqrt(np.maximum((weights * own**2).sum(axis=1), 1e-30)))
