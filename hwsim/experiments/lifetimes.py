"""Measured T1, T2 and T2*: inversion recovery, Hahn echo and Ramsey fringes, for many qubits at once.

Each is two scans. The coarse one has few shots over five decades and only finds the scale; the fine one, around
that scale, gives the estimate, with reference shots without delay and of the final state, which pin down what
preparation and readout do. Offset and amplitude are fitted, so the time is free of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hwsim.experiments.binomial_fits import Fit, Guesses, fit_counts
from hwsim.experiments.estimates import PERFECT, Estimate, Imperfections
from hwsim.physics import signals
from hwsim.physics.arrays import Floats

Signal = Callable[[Floats], Floats]
"""True excited (surviving) fraction at delays of shape (rows, points)."""

_COARSE = np.geomspace(1e-5, 4.0, 22)  # of the expected time
_COARSE_SHOTS = 24
_FINE = np.array([0.15, 0.3, 0.5, 0.7, 0.9, 1.1, 1.4, 1.8, 2.4, 3.2])  # of the coarse estimate
_REFERENCE_SHARE = 3  # times the shots of a delay
_FINAL = 1e6  # delay, in coarse estimates, that stands for the final state
_GUESSES = np.geomspace(1e-5, 8.0, 120)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecayEstimate(Estimate):
    """A decay time in seconds with everything else that was fitted: offset B, amplitude A and exponent n."""

    offset: Floats
    offset_error: Floats
    amplitude: Floats
    amplitude_error: Floats
    exponent: Floats
    exponent_error: Floats


def measure_t1(
    t1_s: ArrayLike,
    *,
    expected_s: ArrayLike,
    shots: int,
    rng: np.random.Generator,
    thermal: ArrayLike = 0.0,
    imperfections: Imperfections = PERFECT,
) -> DecayEstimate:
    """Return T1 by inversion recovery: flip, wait, read, with `shots` per delay."""
    t1, p_th = _column(t1_s), _column(thermal)
    return measure_decay(
        lambda delay_s: signals.relaxation(delay_s, t1, offset=0.0, amplitude=1.0) * (1 - p_th) + p_th,
        expected_s=np.broadcast_to(expected_s, t1.shape[:1]),
        shots=shots,
        rng=rng,
        imperfections=imperfections,
    )


def measure_t2_echo(
    t2_s: ArrayLike,
    *,
    expected_s: ArrayLike,
    shots: int,
    rng: np.random.Generator,
    exponent: float = 1.0,
    fit_exponent: bool = False,
    imperfections: Imperfections = PERFECT,
) -> DecayEstimate:
    """Return T2 by Hahn echo, with the decay's exponent known or fitted."""
    t2 = _column(t2_s)
    return measure_decay(
        lambda delay_s: signals.decay(delay_s, t2, exponent),
        expected_s=np.broadcast_to(expected_s, t2.shape[:1]),
        shots=shots,
        rng=rng,
        exponent=None if fit_exponent else exponent,
        imperfections=imperfections,
    )


def measure_decay(
    signal: Signal,
    *,
    expected_s: Floats,
    shots: int,
    rng: np.random.Generator,
    exponent: float | None = 1.0,
    imperfections: Imperfections = PERFECT,
) -> DecayEstimate:
    """Return what the scans tell about any decaying signal, B + A exp(-(t/T)^n), n fitted where it is None."""
    start_n = 1.5 if exponent is None else exponent
    coarse_shots = np.full(len(_COARSE) + 2, float(_COARSE_SHOTS))
    coarse = _with_references(_COARSE)
    seen = _shoot(signal, expected_s[:, None] * coarse, coarse_shots, imperfections, rng) / coarse_shots
    scale_s = expected_s * _decay_start(coarse, seen, start_n)[:, 2]
    fine = _with_references(_FINE)
    fine_shots = np.full(len(fine), float(shots))
    fine_shots[[0, -1]] *= _REFERENCE_SHARE
    counts = _shoot(signal, scale_s[:, None] * fine, fine_shots, imperfections, rng)
    start = _decay_start(fine, counts / fine_shots, start_n)
    fit = _fit_decay(fine, counts, fine_shots, start, exponent)
    total = int(fine_shots.sum() + coarse_shots.sum())
    return _decay_estimate(fit, scale_s, exponent, total)


def measure_ramsey(
    t2_star_s: ArrayLike,
    detuning_hz: ArrayLike,
    *,
    expected_s: ArrayLike,
    artificial_hz: ArrayLike,
    shots: int,
    rng: np.random.Generator,
    exponent: float = 2.0,
    imperfections: Imperfections = PERFECT,
) -> tuple[Estimate, Estimate]:
    """Return T2* in seconds and the detuning in Hz from Ramsey fringes at delays up to 3 `expected_s`.

    The drive is set off by `artificial_hz`, about 2/`expected_s`, so that the sign of the detuning shows; together
    they must stay between 0 and 5/`expected_s`, which is what the delays resolve.
    """
    truth_s = _column(t2_star_s)
    scale_s = np.broadcast_to(np.asarray(expected_s, dtype=np.float64), truth_s.shape[:1])
    offset_hz = np.broadcast_to(np.asarray(artificial_hz, dtype=np.float64), truth_s.shape[:1])
    fringe_hz = _column(detuning_hz) + offset_hz[:, None]
    x = np.linspace(0.0, 3.0, 31)
    each = np.full(len(x), float(shots))
    counts = _shoot(
        lambda delay_s: signals.ramsey(delay_s, truth_s, fringe_hz, exponent=exponent),
        scale_s[:, None] * x,
        each,
        imperfections,
        rng,
    )
    times, fringes = (grid.ravel() for grid in np.meshgrid(np.geomspace(0.1, 6.0, 14), np.linspace(0.1, 4.9, 60)))
    envelope = np.exp(-((x / times[:, None]) ** exponent))
    phase = 2 * np.pi * fringes[:, None] * x
    bases = np.stack([np.ones_like(phase), envelope * np.cos(phase), envelope * np.sin(phase)], axis=-1)
    best, weights = Guesses(bases).best(counts / each)
    start = np.column_stack([weights, np.log(times[best]), fringes[best]])
    fit = fit_counts(_fringes(exponent), np.broadcast_to(x, counts.shape), counts, each, start)
    time_s, hz = scale_s * np.exp(fit.parameters[:, 3]), fit.parameters[:, 4] / scale_s
    samples = int(each.sum())
    return (
        Estimate(value=time_s, error=time_s * fit.errors[:, 3], chi2_per_dof=fit.chi2_per_dof, samples=samples),
        Estimate(
            value=hz - offset_hz, error=fit.errors[:, 4] / scale_s, chi2_per_dof=fit.chi2_per_dof, samples=samples
        ),
    )


def _column(values: ArrayLike) -> Floats:
    return np.atleast_1d(np.asarray(values, dtype=np.float64))[:, None]


def _with_references(relative: Floats) -> Floats:
    return np.concatenate([[0.0], relative, [_FINAL]])


def _shoot(
    signal: Signal, delays_s: Floats, shots: Floats, imperfections: Imperfections, rng: np.random.Generator
) -> Floats:
    chance = np.clip(imperfections.observed(signal(delays_s)), 0.0, 1.0)
    return rng.binomial(shots.astype(np.int64), chance).astype(np.float64)


def _decay_start(relative: Floats, observed: Floats, exponent: float) -> Floats:
    """Return (B, A, T) of the best grid point, T in units of the scale."""
    decays = np.exp(-((relative / _GUESSES[:, None]) ** exponent))
    best, weights = Guesses(np.stack([np.ones_like(decays), decays], axis=-1)).best(observed)
    return np.column_stack([weights, _GUESSES[best]])


def _fit_decay(relative: Floats, counts: Floats, shots: Floats, start: Floats, exponent: float | None) -> Fit:
    """Fit (B, A, ln T) or (B, A, ln T, n); times and their errors are symmetric in the logarithm."""
    x = np.broadcast_to(relative, counts.shape)
    initial = np.column_stack([start[:, :2], np.log(start[:, 2])])
    if exponent is not None:
        return fit_counts(
            lambda t, b, a, log_t: b + a * np.exp(-((t * np.exp(-log_t)) ** exponent)), x, counts, shots, initial
        )
    initial = np.column_stack([initial, np.full(len(initial), 1.5)])
    logs = np.log(np.maximum(x, 1e-30))
    return fit_counts(
        lambda log_x, b, a, log_t, n: b + a * np.exp(-np.exp((log_x - log_t) * n)), logs, counts, shots, initial
    )


def _decay_estimate(fit: Fit, scale_s: Floats, exponent: float | None, samples: int) -> DecayEstimate:
    value_s = scale_s * np.exp(fit.parameters[:, 2])
    fitted = exponent is None
    return DecayEstimate(
        value=value_s,
        error=value_s * fit.errors[:, 2],
        chi2_per_dof=fit.chi2_per_dof,
        samples=samples,
        offset=fit.parameters[:, 0],
        offset_error=fit.errors[:, 0],
        amplitude=fit.parameters[:, 1],
        amplitude_error=fit.errors[:, 1],
        exponent=fit.parameters[:, 3] if fitted else np.full(len(value_s), exponent),
        exponent_error=fit.errors[:, 3] if fitted else np.zeros(len(value_s)),
    )


def _fringes(exponent: float) -> Callable[..., Floats]:
    def curve(x: Floats, *parameters: Floats) -> Floats:
        offset, cosine, sine, log_time, fringe = parameters
        phase = 2 * np.pi * fringe * x
        envelope = np.exp(-((x * np.exp(-log_time)) ** exponent))
        return np.asarray(offset + envelope * (cosine * np.cos(phase) + sine * np.sin(phase)))

    return curve
