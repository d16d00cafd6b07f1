"""Single-photon detectors: the closed forms, and the drawn clicks that they describe."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.physics.detectors import (
    awake,
    click_probability,
    coherent_click_probability,
    dark_count_probability,
    draw_detection_times,
    gate_acceptance,
    jitter_sigma_s,
    live_share,
    observed_rate_hz,
    photon_number_distribution,
    true_rate_hz,
    with_afterpulses,
)


def test_a_detector_in_the_dark_clicks_at_its_dark_count_rate():
    dark = dark_count_probability(100.0, 1e-6)
    assert dark == pytest.approx(1e-4, rel=1e-3)
    assert click_probability(0, 0.9, dark) == pytest.approx(dark, rel=1e-9)


@given(st.integers(0, 20), st.floats(0, 1), st.floats(0, 1))
def test_a_click_is_a_probability(photons, efficiency, dark):
    assert 0 <= click_probability(photons, efficiency, dark) <= 1


@given(st.integers(0, 12), st.floats(0.0, 1.0), st.floats(0, 0.5))
def test_a_counting_detector_reads_nothing_as_often_as_a_threshold_detector_is_silent(photons, efficiency, dark):
    readings = photon_number_distribution(photons, efficiency, dark)
    assert readings.sum() == pytest.approx(1)
    assert readings[0] == pytest.approx(1 - click_probability(photons, efficiency, dark), abs=1e-12)


def test_poissonian_light_clicks_as_its_number_states_do():
    numbers = np.arange(60)
    weights = np.exp(-1.3) * 1.3**numbers / np.array([math.factorial(int(n)) for n in numbers])
    expected = (weights * click_probability(numbers.astype(np.float64), 0.4, 0.01)).sum()
    assert coherent_click_probability(1.3, 0.4, 0.01) == pytest.approx(expected, rel=1e-9)


def test_dead_time_caps_the_count_rate():
    assert observed_rate_hz(1e6, 1e-6) == 5e5
    assert true_rate_hz(5e5, 1e-6) == pytest.approx(1e6)


def test_drawn_clicks_behind_a_dead_time_come_at_the_observed_rate():
    rng = np.random.default_rng(1)
    arrivals_s = np.cumsum(rng.exponential(1e-6, 200_000))
    clicks_s = draw_detection_times(arrivals_s, efficiency=0.5, sigma_s=0.0, dead_time_s=2e-6, rng=rng)
    assert len(clicks_s) / arrivals_s[-1] == pytest.approx(observed_rate_hz(5e5, 2e-6), rel=0.01)
    assert np.diff(clicks_s).min() >= 2e-6


def test_a_dead_time_of_zero_misses_nothing():
    assert awake(np.array([1.0, 1.0, 2.0]), 0.0).tolist() == [1.0, 1.0, 2.0]
    assert awake(np.array([1.0, 1.5, 2.0, 3.1]), 1.0).tolist() == [1.0, 2.0, 3.1]
    assert awake(np.empty(0), 1.0).tolist() == []


def test_a_gated_detector_sleeps_after_each_click():
    """Clicks p per live gate and k gates asleep after each: of 1 + p k gates, one is awake."""
    rng, live, asleep = np.random.default_rng(2), 0, 0
    for clicks in rng.random(100_000) < 0.1:
        if asleep:
            asleep -= 1
            continue
        live += 1
        asleep = 5 if clicks else 0
    assert live / 100_000 == pytest.approx(live_share(0.1, 5), rel=0.02)


def test_each_click_brings_another_with_the_afterpulse_probability():
    assert with_afterpulses(1e-3, 0.05) == pytest.approx(1e-3 * sum(0.05**k for k in range(50)))


def test_jitters_add_in_squares_and_a_gate_holds_its_share_of_them():
    sigma_s = jitter_sigma_s(300e-12, 400e-12)
    assert sigma_s == pytest.approx(500e-12 / 2.3548, rel=1e-4)
    drawn_s = draw_detection_times(
        np.full(100_000, 1.0), efficiency=1.0, sigma_s=sigma_s, dead_time_s=0.0, rng=np.random.default_rng(3)
    )
    inside = (np.abs(drawn_s - 1.0) < 250e-12).mean()
    assert gate_acceptance(500e-12, sigma_s) == pytest.approx(inside, abs=0.005)
