"""Photons in fibres, detectors and on beam splitters, and in optical memories."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.physics.detectors import click_probability, dark_count_probability, observed_rate_hz
from hwsim.physics.optical_memory import conditional_fidelity, memory_efficiency, noise_equivalent_input
from hwsim.physics.photonics import (
    coincidence_probability,
    emitter_visibility,
    fibre_delay_s,
    fibre_transmission,
    visibility_limit,
)


@pytest.mark.parametrize(("length_km", "expected"), [(1, 0.95499), (10, 0.63096), (50, 0.1), (100, 0.01)])
def test_fibre_transmits_the_published_share(length_km, expected):
    assert fibre_transmission(length_km) == pytest.approx(expected, rel=1e-4)


def test_a_hundred_kilometres_of_fibre_delay_by_half_a_millisecond():
    assert fibre_delay_s(100) == pytest.approx(489.67e-6, rel=1e-4)


def test_the_delay_at_the_speed_that_other_simulators_use():
    assert fibre_delay_s(100, index=299_792_458 / 2e8) == pytest.approx(500e-6, rel=1e-9)


@pytest.mark.parametrize(("visibility", "expected"), [(1.0, 0.0), (0.9, 0.05), (0.0, 0.5)])
def test_coincidences_behind_a_beam_splitter(visibility, expected):
    assert coincidence_probability(visibility) == pytest.approx(expected, abs=1e-6)


def test_an_even_beam_splitter_allows_full_visibility_and_an_uneven_one_less():
    assert visibility_limit(0.5) == 1
    assert visibility_limit(0.6) == pytest.approx(0.923077, rel=1e-5)


def test_an_emitter_without_pure_dephasing_is_fully_visible():
    assert emitter_visibility(1e-9, 2e-9) == 1


def test_a_detector_in_the_dark_clicks_at_its_dark_count_rate():
    dark = dark_count_probability(100.0, 1e-6)
    assert dark == pytest.approx(1e-4, rel=1e-3)
    assert click_probability(0, 0.9, dark) == pytest.approx(dark, rel=1e-9)


def test_dead_time_caps_the_count_rate():
    assert observed_rate_hz(1e6, 1e-6) == 5e5


@given(st.integers(0, 20), st.floats(0, 1), st.floats(0, 1))
def test_a_click_is_a_probability(photons, efficiency, dark):
    assert 0 <= click_probability(photons, efficiency, dark) <= 1


def test_input_equal_to_the_noise_gives_the_classical_limit():
    mu1 = noise_equivalent_input(0.005, 0.1)
    assert conditional_fidelity(mu1, 0.005, 0.1) == pytest.approx(2 / 3, rel=1e-9)


def test_one_photon_into_a_quiet_memory():
    assert conditional_fidelity(1, 0.005, 0.1) == pytest.approx(21 / 22, rel=1e-9)


def test_efficiency_falls_by_e_within_a_lifetime():
    fresh, old = (memory_efficiency(t, write=0.9, read=0.8, lifetime_s=2.0) for t in (0.0, 2.0))
    assert fresh == pytest.approx(0.72)
    assert old / fresh == pytest.approx(0.367879, rel=1e-5)
