"""The bank's own T1 and T2 measurements recover what is true, with honest errors."""

import numpy as np
import pytest
from scipy.optimize import curve_fit

from hwsim.devices.characterisation import Scan, fit_decays, measure_decay_times


def measure(true_s: float, *, nominal_s: float, shots: int, repeats: int = 300, seed: int = 3):
    return measure_decay_times(
        np.full(repeats, true_s), nominal_s=nominal_s, shots=shots, rng=np.random.default_rng(seed)
    )


@pytest.mark.parametrize("true_s", [0.085, 0.01, 1e-4], ids=["nominal", "shortened", "collapsed"])
def test_the_mean_of_many_estimates_is_the_true_time(true_s):
    estimate = measure(true_s, nominal_s=0.085, shots=120)
    standard_error = estimate.value_s.std() / np.sqrt(len(estimate.value_s))
    assert estimate.value_s.mean() == pytest.approx(true_s, abs=5 * standard_error)


@pytest.mark.parametrize(("true_s", "shots"), [(0.085, 120), (0.085, 24), (1e-3, 120)])
def test_the_reported_error_is_the_spread_of_the_estimates(true_s, shots):
    estimate = measure(true_s, nominal_s=0.085, shots=shots)
    pulls = (estimate.value_s - true_s) / estimate.error_s
    assert pulls.std() == pytest.approx(1, abs=0.2)
    assert abs(pulls.mean()) < 0.3


def test_the_profiled_fit_agrees_with_scipy():
    delays_s = np.linspace(0.0, 3.0, 12)
    shots = np.full(12, 500.0)
    observed = np.random.default_rng(11).binomial(500, 0.1 + 0.8 * np.exp(-delays_s / 0.9)) / 500
    ours = fit_decays(
        Scan(delays_s=delays_s[None], observed=observed[None], shots=shots), np.geomspace(0.1, 5, 90)[None]
    )
    chance = 0.1 + 0.8 * np.exp(-delays_s / 0.9)
    best, covariance = curve_fit(
        lambda t, b, a, tau: b + a * np.exp(-t / tau),
        delays_s,
        observed,
        p0=(0.1, 0.8, 1.0),
        sigma=np.sqrt(chance * (1 - chance) / shots),
        absolute_sigma=True,
    )
    assert ours.value_s[0] == pytest.approx(best[2], abs=0.1 * ours.error_s[0])
    assert ours.error_s[0] == pytest.approx(covariance[2, 2] ** 0.5, rel=0.1)
