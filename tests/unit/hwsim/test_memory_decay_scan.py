"""The bank's own T1 and T2 measurements recover what is true, with honest errors."""

import numpy as np
import pytest
from scipy.optimize import curve_fit

from hwsim.devices.memory.decay_scan import DecayTable, Scan, fit_decays, measure_decay_times


def measure(true_s: float, *, shots: int, floor: float = 0.0, repeats: int = 400):
    estimate, _ = measure_decay_times(
        np.full(repeats, true_s),
        expected_s=np.full(repeats, 0.085),
        shots=np.full(repeats, float(shots)),
        floor=floor,
        rng=np.random.default_rng(3),
    )
    return estimate


@pytest.mark.parametrize("true_s", [0.085, 0.06, 0.01, 1e-4], ids=["nominal", "shorter", "short", "collapsed"])
def test_the_mean_of_many_estimates_is_the_true_time(true_s):
    estimate = measure(true_s, shots=120)
    standard_error = estimate.value_s.std() / np.sqrt(len(estimate.value_s))
    assert estimate.value_s.mean() == pytest.approx(true_s, abs=5 * standard_error)


@pytest.mark.parametrize(
    ("true_s", "shots", "floor"), [(0.085, 120, 0.0), (0.085, 24, 0.0), (1e-3, 120, 0.0), (0.085, 120, 0.3)]
)
def test_the_reported_error_is_the_spread_of_the_estimates(true_s, shots, floor):
    estimate = measure(true_s, shots=shots, floor=floor)
    pulls = (estimate.value_s - true_s) / estimate.error_s
    assert pulls.std() == pytest.approx(1, abs=0.2)
    assert abs(pulls.mean()) < 0.3


@pytest.mark.parametrize("shots", [24, 120])
@pytest.mark.parametrize("true_s", [0.085, 0.068, 0.0425, 0.102], ids=["nominal", "shorter", "half", "longer"])
def test_the_truth_lies_within_two_stated_errors(true_s, shots):
    """With few shots, too, where lucky delays weigh most and short times state small errors.

    At half the expected time estimates that are far too low are measured again, so they scatter less than they say.
    """
    estimate = measure(true_s, shots=shots, repeats=6000)
    assert (np.abs(estimate.value_s - true_s) <= 2 * estimate.error_s).mean() >= 0.95
    assert 0.9 < np.median(estimate.error_s) / estimate.value_s.std() < 1.2


def test_the_fit_over_a_table_agrees_with_scipy():
    table = DecayTable(np.linspace(0.25, 3.0, 12), np.geomspace(0.1, 5, 90))
    shots = np.full((1, 14), 500.0)
    chance = 0.1 + 0.8 * np.exp(-table.delays / 0.9)
    observed = np.random.default_rng(11).binomial(500, chance)[None] / 500
    ours = fit_decays(Scan(table=table, scale_s=np.ones(1), observed=observed, shots=shots))
    best, covariance = curve_fit(
        lambda t, b, a, tau: b + a * np.exp(-t / tau),
        table.delays,
        observed[0],
        p0=(0.1, 0.8, 1.0),
        sigma=np.sqrt(chance * (1 - chance) / 500),
        absolute_sigma=True,
    )
    assert ours.value_s[0] == pytest.approx(best[2], abs=0.1 * ours.error_s[0])
    assert ours.error_s[0] == pytest.approx(covariance[2, 2] ** 0.5, rel=0.1)


def test_each_estimate_states_the_shots_behind_it():
    assert measure(0.085, shots=120, repeats=1).shots.tolist() == [8 * 120 + 2 * 400]
