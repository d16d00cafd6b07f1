"""Single-photon detectors: efficiency, dark counts, dead time, jitter, afterpulses, and counting photons or not."""

import numpy as np
from scipy.special import erf, gammaln

from hwsim.physics.arrays import Floats, Value, unwrap

SIGMA_PER_FWHM = 1 / (2 * np.sqrt(2 * np.log(2)))
"""Standard deviation of a Gaussian of unit full width at half maximum: 1/2.3548."""


def dark_count_probability(rate_hz: Value | float, gate_s: Value | float) -> Value:
    """Return d = 1 - exp(-rate * gate), the chance of a dark click of one detector in one gate."""
    chance: Value = -np.expm1(-rate_hz * gate_s)
    return chance


def click_probability(photons: Value | float, efficiency: Value | float, dark: Value | float = 0.0) -> Value:
    """Return 1 - (1-d)(1-eta)^n for a threshold detector that exactly n photons meet."""
    chance: Value = 1 - (1 - dark) * (1 - efficiency) ** photons
    return chance


def coherent_click_probability(
    mean_photons: Value | float, efficiency: Value | float, dark: Value | float = 0.0
) -> Value:
    """Return 1 - (1-d) exp(-eta mu) for a threshold detector and Poissonian light of mean mu."""
    chance: Value = -np.expm1(-efficiency * mean_photons + np.log1p(-np.asarray(dark)))
    return chance


def photon_number_distribution(photons: int, efficiency: float, dark: float = 0.0) -> Floats:
    """Return the chances that a number-resolving detector reads 0, 1, ..., n+1: n photons, at most one dark count."""
    k = np.arange(photons + 1)
    choices = np.exp(gammaln(photons + 1) - gammaln(k + 1) - gammaln(photons - k + 1))
    counted = choices * efficiency**k * (1 - efficiency) ** (photons - k)
    return np.asarray(np.append((1 - dark) * counted, 0.0) + np.append(0.0, dark * counted))


def observed_rate_hz(true_rate_hz: Value | float, dead_time_s: Value | float) -> Value:
    """Return n/(1 + n tau), the count rate behind a non-paralysable dead time."""
    rate_hz: Value = unwrap(true_rate_hz / (1 + true_rate_hz * dead_time_s))
    return rate_hz


def true_rate_hz(observed_rate_hz: Value | float, dead_time_s: Value | float) -> Value:
    """Return m/(1 - m tau), what `observed_rate_hz` started from; m tau < 1."""
    rate_hz: Value = unwrap(observed_rate_hz / (1 - observed_rate_hz * dead_time_s))
    return rate_hz


def live_share(click_probability_per_gate: Value | float, gates_dead: Value | float) -> Value:
    """Return 1/(1 + p k): the share of gates in which a detector that sleeps for k gates after a click is awake."""
    share: Value = unwrap(1 / (1 + click_probability_per_gate * gates_dead))
    return share


def with_afterpulses(click_probability_per_gate: Value | float, afterpulse: Value | float) -> Value:
    """Return p/(1 - a): each click, afterpulses too, brings another with chance a (to first order in p)."""
    chance: Value = unwrap(click_probability_per_gate / (1 - afterpulse))
    return chance


def jitter_sigma_s(fwhm_s: Value, *others_fwhm_s: float) -> Value:
    """Return the standard deviation of arrival times; independent Gaussian jitters add in squares."""
    squares = fwhm_s**2 + sum(other**2 for other in others_fwhm_s)
    sigma_s: Value = np.sqrt(squares) * SIGMA_PER_FWHM
    return sigma_s


def gate_acceptance(gate_s: Value | float, sigma_s: Value | float) -> Value:
    """Return the share of photons whose jittered click falls into a gate centred on them: erf(g/(2 sqrt2 sigma))."""
    share: Value = erf(gate_s / (2 * np.sqrt(2) * sigma_s))
    return share


def draw_detection_times(
    arrivals_s: Floats, *, efficiency: float, sigma_s: float, dead_time_s: float, rng: np.random.Generator
) -> Floats:
    """Return the sorted times at which a detector clicks for photons that arrive then.

    Each photon is seen with the efficiency and jittered; a click within the dead time of the last one is missed.
    """
    seen = arrivals_s[rng.random(len(arrivals_s)) < efficiency]
    times_s = np.sort(seen + rng.normal(0.0, sigma_s, len(seen)))
    return awake(times_s, dead_time_s)


def awake(times_s: Floats, dead_time_s: float) -> Floats:
    """Return those of the sorted times that a non-paralysable dead time lets through."""
    kept: list[int] = []
    index = 0
    while index < len(times_s):
        kept.append(index)
        index = max(index + 1, int(np.searchsorted(times_s, times_s[index] + dead_time_s)))
    return np.asarray(times_s[kept])
