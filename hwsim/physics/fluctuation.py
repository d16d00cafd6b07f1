"""Why T1 and frequencies wander: two-level defects that switch, and slow diffusion.

Gamma1(t) = G0 + sum_k G_k s_k(t), each s_k a symmetric random telegraph, rates log-uniform over 1e-6..1e-2 Hz
(Burnett 2019, npj Quantum Inf. 5, 54; Carroll 2022, arXiv 2105.15201). A defect that switches in gives the step-like
drops of T1 that last for hours.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwsim.physics.arrays import Floats

SLOWEST_SWITCHING_HZ, FASTEST_SWITCHING_HZ = 1e-6, 1e-2


def draw_switching_rates_hz(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Return log-uniform switching rates: each is how often a defect changes its state."""
    return np.asarray(np.exp(rng.uniform(np.log(SLOWEST_SWITCHING_HZ), np.log(FASTEST_SWITCHING_HZ), shape)))


def stay_probability(step_s: ArrayLike, rate_hz: ArrayLike) -> Floats:
    """Return (1 + exp(-2 r t))/2, the chance that a telegraph of switching rate r shows the same state after t."""
    return np.asarray((1 + np.exp(-2 * np.asarray(rate_hz) * np.asarray(step_s))) / 2)


def advance_telegraphs(
    active: NDArray[np.bool_],
    step_s: ArrayLike,
    rate_hz: ArrayLike,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Return the states after a step of any length: exact, because the process has no memory beyond its state."""
    switched = rng.random(active.shape) >= stay_probability(step_s, rate_hz)
    return np.asarray(active ^ switched)


def relaxation_rate_hz(base_hz: ArrayLike, defect_hz: Floats, active: ArrayLike) -> Floats:
    """Return G0 + sum_k G_k s_k over the defects (last axis); 1 over it is T1."""
    return np.asarray(np.asarray(base_hz) + (defect_hz * np.asarray(active)).sum(axis=-1))


def advance_diffusion(
    deviation: Floats, step_s: ArrayLike, *, rms: ArrayLike, correlation_s: ArrayLike, rng: np.random.Generator
) -> Floats:
    """Return an Ornstein-Uhlenbeck deviation after a step of any length: exact, stationary rms `rms`."""
    kept = np.exp(-np.asarray(step_s) / np.asarray(correlation_s))
    spread = np.asarray(rms) * np.sqrt(-np.expm1(-2 * np.asarray(step_s) / np.asarray(correlation_s)))
    return np.asarray(deviation * kept + rng.normal(0.0, 1.0, np.shape(deviation)) * spread)


def ou_autocovariance(lag_s: ArrayLike, *, rms: ArrayLike, correlation_s: ArrayLike) -> Floats:
    """Return rms^2 exp(-|lag|/tc)."""
    return np.asarray(np.asarray(rms) ** 2 * np.exp(-np.abs(lag_s) / np.asarray(correlation_s)))
