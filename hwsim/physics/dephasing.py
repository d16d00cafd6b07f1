"""Dephasing by slow noise: free decay, Hahn echo and CPMG in a detuning that wanders.

Quasi-static Gaussian detuning of rms s (rad/s): exp(-s^2 t^2/2), T2* = sqrt2/s, fully undone by an echo. Ornstein-
Uhlenbeck detuning of rms b and correlation time tc: W = exp(-chi), chi = <(integral of the switched detuning)^2>/2
(Klauder & Anderson 1962, Phys. Rev. 125, 912; de Lange 2010, Science 330, 60). t is always the total free evolution.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from hwsim.physics.arrays import Floats, Value, unwrap


def quasi_static_coherence(free_s: Value | float, rms_rad_per_s: Value | float) -> Value:
    """Return exp(-s^2 t^2 / 2), free decay in a detuning that differs from shot to shot only."""
    left: Value = np.exp(-((rms_rad_per_s * free_s) ** 2) / 2)
    return left


def quasi_static_t2_star_s(rms_rad_per_s: Value) -> Value:
    """Return sqrt2/s."""
    return 2**0.5 / rms_rad_per_s


def white_noise_rate_hz(rms_rad_per_s: Value | float, correlation_s: Value | float) -> Value:
    """Return b^2 tc, the exponential decay rate of fast noise (motional narrowing, t >> tc)."""
    rate_hz: Value = unwrap(rms_rad_per_s**2 * correlation_s)
    return rate_hz


def cpmg_coherence(free_s: ArrayLike, *, rms_rad_per_s: ArrayLike, correlation_s: ArrayLike, pulses: int) -> Floats:
    """Return what Ornstein-Uhlenbeck noise leaves after `pulses` ideal pi pulses at t(j - 1/2)/n; exact.

    0 pulses is the free decay exp(-b^2 tc^2 [t/tc + e^(-t/tc) - 1]), 1 pulse the Hahn echo
    exp(-b^2 tc^2 [t/tc - 3 - e^(-t/tc) + 4 e^(-t/2tc)]), which starts as exp(-b^2 t^3/(12 tc)).
    """
    edges = np.concatenate([[0.0], (np.arange(pulses) + 0.5) / max(pulses, 1), [1.0]])
    return switched_coherence(
        np.asarray(free_s)[..., None] * np.diff(edges),
        rms_rad_per_s=rms_rad_per_s,
        correlation_s=correlation_s,
    )


def switched_coherence(segments_s: Floats, *, rms_rad_per_s: ArrayLike, correlation_s: ArrayLike) -> Floats:
    """Return the coherence after free evolutions of these lengths (last axis) with a pi pulse between neighbours.

    chi = b^2 * integral of s(t) I(t), where I(t) remembers s with the noise's correlation: within a segment it
    relaxes towards s tc, so each segment adds a closed form.
    """
    tc = np.asarray(correlation_s, dtype=np.float64)
    memory, area, sign = np.zeros(1), np.zeros(1), 1.0
    for segment_s in np.moveaxis(segments_s, -1, 0):
        forgotten = -np.expm1(-segment_s / tc)
        area = area + sign * memory * tc * forgotten + tc * (segment_s - tc * forgotten)
        memory = memory * (1 - forgotten) + sign * tc * forgotten
        sign = -sign
    left = np.exp(-(np.asarray(rms_rad_per_s) ** 2) * area)
    return np.asarray(left.reshape(np.broadcast_shapes(segments_s.shape[:-1], tc.shape, np.shape(rms_rad_per_s))))


def coherence_time_s(
    *, rms_rad_per_s: ArrayLike, correlation_s: ArrayLike, pulses: int, echo_exponent: float = 1.0
) -> Floats:
    """Return the free evolution time at which the coherence is exp(-`echo_exponent`): T2* for 0 pulses, T2 for 1.

    b = 1e6 rad/s, tc = 1 ms gives T2* = 1.4142 us and T2 = 22.96 us, near (12 tc/b^2)^(1/3); n pulses reach about
    n^(2/3) times further in a slow bath.
    """
    rms, tc = np.broadcast_arrays(
        np.asarray(rms_rad_per_s, dtype=np.float64), np.asarray(correlation_s, dtype=np.float64)
    )
    longest_s = 4 * (pulses + 1) * (1 / (rms**2 * tc) + tc + 1 / rms)
    return _falls_to(
        lambda free_s: cpmg_coherence(free_s, rms_rad_per_s=rms, correlation_s=tc, pulses=pulses),
        np.exp(-echo_exponent),
        longest_s,
    )


def _falls_to(decay: Callable[[Floats], Floats], level: float, longest_s: Floats) -> Floats:
    """Return where a falling function of time reaches `level`, by bisection in the logarithm of time."""
    low, high = longest_s * 1e-15, longest_s
    for _ in range(80):
        middle = np.sqrt(low * high)
        above = decay(middle) > level
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.asarray(np.sqrt(low * high))


def draw_detunings(
    *, rms_rad_per_s: float, correlation_s: float, step_s: float, steps: int, paths: int, rng: np.random.Generator
) -> Floats:
    """Return Ornstein-Uhlenbeck detunings, shape (paths, steps + 1), exact at the sampled times."""
    kept = np.exp(-step_s / correlation_s)
    kicks = rng.normal(0.0, rms_rad_per_s, (paths, steps + 1))
    kicks[:, 1:] *= np.sqrt(-np.expm1(-2 * step_s / correlation_s))
    for step in range(steps):
        kicks[:, step + 1] += kept * kicks[:, step]
    return kicks
