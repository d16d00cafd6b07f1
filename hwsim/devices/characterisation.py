"""How a bank measures its own T1 and T2: simulated shots at chosen delays, then a weighted fit.

Inversion recovery and Hahn echo both give P(t) = B + A exp(-t/T). Reference shots without delay and of the
relaxed state, which is prepared directly, pin down A and B and with them preparation and readout errors. A
coarse scan over five decades finds the scale, a fine scan around it gives the estimate. All slots are fitted
at once, by profiling chi-square over T with A and B solved linearly at each T.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_COARSE_SPAN = (1e-5, 2.0)  # of the nominal time
_COARSE_DELAYS, _COARSE_SHOTS = 16, 24
_FINE_DELAYS = np.array([0.3, 0.5, 0.7, 0.9, 1.1, 1.4, 1.8, 2.4])  # of the coarse estimate
_REFERENCE_SHOTS = 400
_RELAXED = 1e3  # delay, in units of the longest, that stands for the relaxed state
_CONTRAST, _FLOOR = 0.96, 0.02  # what preparation and readout leave of the signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Times in seconds with their standard errors, one per slot."""

    value_s: Floats
    error_s: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Observed survival per slot (row) and delay (column), and the shots behind each column."""

    delays_s: Floats
    observed: Floats
    shots: Floats


def measure_decay_times(true_s: Floats, *, nominal_s: float, shots: int, rng: np.random.Generator) -> Estimate:
    """Return what shot-limited scans tell about the decay times `true_s`, one scan per slot."""
    delays_s = nominal_s * np.geomspace(*_COARSE_SPAN, _COARSE_DELAYS)
    coarse = _scan(true_s, np.tile(delays_s, (len(true_s), 1)), _COARSE_SHOTS, rng)
    guesses_s = np.tile(nominal_s * np.geomspace(1e-5, 4, 90), (len(true_s), 1))
    scale_s = fit_decays(coarse, guesses_s).value_s[:, None]
    fine = _scan(true_s, scale_s * _FINE_DELAYS, shots, rng)
    return fit_decays(fine, scale_s * np.geomspace(0.15, 6, 90))


def _scan(true_s: Floats, delays_s: Floats, shots: int, rng: np.random.Generator) -> Scan:
    columns = np.ones((len(true_s), 1))
    delays_s = np.hstack([0 * columns, delays_s, _RELAXED * delays_s.max() * columns])
    counts = np.full(delays_s.shape[1], shots)
    counts[[0, -1]] = _REFERENCE_SHOTS
    chance = _FLOOR + _CONTRAST * np.exp(-delays_s / true_s[:, None])
    return Scan(delays_s=delays_s, observed=rng.binomial(counts, chance) / counts, shots=counts.astype(np.float64))


def fit_decays(scan: Scan, guesses_s: Floats) -> Estimate:
    """Return weighted least-squares decay times; rows of `guesses_s` are geometric grids, one per slot.

    Weights are binomial, N/(p(1-p)), with p from a first pass of the fit itself, so that a lucky delay does
    not outweigh the others. The standard error is that of the linearised fit with A and B free.
    """
    chance = (scan.observed * scan.shots + 0.5) / (scan.shots + 1)
    for _ in range(2):
        weights = scan.shots / (chance * (1 - chance))
        decay_s, offset, slope = _profile(scan, weights, guesses_s)
        model = offset[:, None] + slope[:, None] * np.exp(-scan.delays_s / decay_s[:, None])
        chance = np.clip(model, 0.5 / scan.shots, 1 - 0.5 / scan.shots)
    return Estimate(value_s=decay_s, error_s=_standard_error(scan.delays_s, weights, decay_s, slope))


def _profile(scan: Scan, weights: Floats, guesses_s: Floats) -> tuple[Floats, Floats, Floats]:
    """Return (T, B, A) at the smallest chi-square, T refined by a parabola in log T."""
    chi2 = _solve(scan, weights, guesses_s)[0]
    best = np.clip(np.argmin(chi2, axis=1), 1, guesses_s.shape[1] - 2)
    rows = np.arange(len(best))
    left, middle, right = chi2[rows, best - 1], chi2[rows, best], chi2[rows, best + 1]
    curvature = left - 2 * middle + right
    shift = np.where(curvature > 0, 0.5 * (left - right) / np.where(curvature > 0, curvature, 1.0), 0.0)
    log_step = np.log(guesses_s[:, 1] / guesses_s[:, 0])
    decay_s = guesses_s[rows, best] * np.exp(np.clip(shift, -1, 1) * log_step)
    _, offset, slope = _solve(scan, weights, decay_s[:, None])
    return decay_s, offset[:, 0], slope[:, 0]


def _solve(scan: Scan, weights: Floats, guesses_s: Floats) -> tuple[Floats, Floats, Floats]:
    """Return chi-square, B and A of the weighted straight line in exp(-t/T), for each slot and guess."""
    decay = np.exp(-scan.delays_s[:, None, :] / guesses_s[:, :, None])
    total = weights.sum(axis=1)[:, None]
    mean_x = np.einsum("sgd,sd->sg", decay, weights) / total
    mean_y = (weights * scan.observed).sum(axis=1)[:, None] / total
    spread_y = scan.observed - mean_y
    variance = np.maximum(np.einsum("sgd,sgd,sd->sg", decay, decay, weights) - total * mean_x**2, 1e-9)
    covariance = np.einsum("sgd,sd->sg", decay, weights * spread_y)
    slope = np.maximum(covariance / variance, 1e-3)  # the signal decays
    chi2 = (weights * spread_y**2).sum(axis=1)[:, None] - 2 * slope * covariance + slope**2 * variance
    return chi2, mean_y - slope * mean_x, slope


def _standard_error(delays_s: Floats, weights: Floats, decay_s: Floats, slope: Floats) -> Floats:
    ratio = delays_s / decay_s[:, None]
    decay = np.exp(-ratio)
    gradient = np.stack([np.ones_like(decay), decay, slope[:, None] * decay * ratio], axis=2)
    information = np.einsum("sd,sdi,sdj->sij", weights, gradient, gradient)
    covariance = np.linalg.pinv(information, hermitian=True)
    error: Floats = decay_s * np.sqrt(np.maximum(covariance[:, 2, 2], 0.0))
    return error
