"""Slow noise: closed forms against sampled paths, and the limits that textbooks give."""

import numpy as np
import pytest

from hwsim.physics.dephasing import (
    coherence_time_s,
    cpmg_coherence,
    draw_detunings,
    quasi_static_coherence,
    quasi_static_t2_star_s,
    white_noise_rate_hz,
)

NOISE = {"rms_rad_per_s": 2.0, "correlation_s": 0.7}


def sampled_coherence(pulses: int, total_s: float) -> tuple[float, float]:
    """Return the mean of exp(i phase) over paths of noise, and its standard error; 10,000 paths, 480 steps."""
    steps = 480
    paths = draw_detunings(
        **NOISE, step_s=total_s / steps, steps=steps, paths=10_000, rng=np.random.default_rng(pulses)
    )
    middle = (paths[:, 1:] + paths[:, :-1]) / 2
    flips = (np.arange(pulses) + 0.5) / max(pulses, 1) * steps
    sign = (-1.0) ** np.searchsorted(flips, np.arange(steps) + 0.5)
    cosines = np.cos((middle * sign).sum(axis=1) * total_s / steps)
    return float(cosines.mean()), float(cosines.std() / 100)


@pytest.mark.parametrize("pulses", [0, 1, 2, 3, 4])
def test_coherence_is_the_mean_over_paths_of_the_noise(pulses):
    mean, error = sampled_coherence(pulses, 1.5)
    assert cpmg_coherence(1.5, **NOISE, pulses=pulses) == pytest.approx(mean, abs=4 * error + 1e-4)


def test_free_decay_and_echo_are_klauder_and_andersons():
    t, b, tc = np.array([0.1, 1.0, 4.0]), 2.0, 0.7
    x = t / tc
    free = np.exp(-((b * tc) ** 2) * (x + np.exp(-x) - 1))
    echo = np.exp(-((b * tc) ** 2) * (x - 3 - np.exp(-x) + 4 * np.exp(-x / 2)))
    assert cpmg_coherence(t, **NOISE, pulses=0) == pytest.approx(free, rel=1e-12)
    assert cpmg_coherence(t, **NOISE, pulses=1) == pytest.approx(echo, rel=1e-12)


def test_a_slow_bath_ends_an_echo_as_the_cube_of_time():
    slow = coherence_time_s(rms_rad_per_s=1e6, correlation_s=np.array([1e-3, 1.0]), pulses=1)
    assert slow == pytest.approx((12 * np.array([1e-3, 1.0]) / 1e12) ** (1 / 3), rel=5e-3)


def test_fast_noise_decays_exponentially_and_echoes_do_not_help():
    fast = {"rms_rad_per_s": 1e3, "correlation_s": 1e-6}
    expected_s = 1 / white_noise_rate_hz(1e3, 1e-6)
    for pulses in (0, 1):
        assert coherence_time_s(**fast, pulses=pulses) == pytest.approx(expected_s, rel=1e-4)


def test_noise_that_does_not_move_is_quasi_static():
    still = cpmg_coherence(np.array([0.1, 0.5]), rms_rad_per_s=2.0, correlation_s=1e6, pulses=0)
    assert still == pytest.approx(quasi_static_coherence(np.array([0.1, 0.5]), 2.0), rel=1e-6)
    assert quasi_static_coherence(quasi_static_t2_star_s(2.0), 2.0) == pytest.approx(np.exp(-1))
