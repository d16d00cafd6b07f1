"""Photons in fibres and on beam splitters."""

import numpy as np
import pytest

from hwsim.physics.photonics import (
    attenuation_length_km,
    coherent_dip_visibility,
    coincidence_probability,
    emitter_visibility,
    fibre_delay_s,
    fibre_transmission,
    impure_visibility,
    split_coincidence_probability,
    visibility_limit,
    wavepacket_overlap,
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


def test_two_photons_part_as_two_paths_interfere():
    """Two amplitudes, both transmitted and both reflected: (T - R)^2 for identical photons, R^2 + T^2 for others."""
    assert split_coincidence_probability(0.4, 1.0) == pytest.approx((0.6 - 0.4) ** 2)
    assert split_coincidence_probability(0.4, 0.0) == pytest.approx(0.6**2 + 0.4**2)
    assert split_coincidence_probability(0.5, 0.9) == pytest.approx(coincidence_probability(0.9))


@pytest.mark.parametrize(("mean_a", "mean_b", "reflectivity"), [(0.1, 0.1, 0.5), (0.1, 0.3, 0.5), (0.2, 0.1, 0.4)])
def test_coherent_light_interferes_as_fields_of_random_phase_do(mean_a, mean_b, reflectivity):
    phase = np.linspace(0, 2 * np.pi, 1000, endpoint=False)
    a, b = np.sqrt(mean_a), np.sqrt(mean_b) * np.exp(1j * phase)
    r, t = np.sqrt(reflectivity), np.sqrt(1 - reflectivity)
    together = (np.abs(t * a + r * b) ** 2 * np.abs(r * a - t * b) ** 2).mean()
    apart = ((t * a) ** 2 + (r * np.abs(b)) ** 2) * ((r * a) ** 2 + (t * np.abs(b)) ** 2)
    visibility = 1 - together / apart.mean()
    assert coherent_dip_visibility(mean_a, mean_b, 1.0, reflectivity) == pytest.approx(visibility, rel=1e-9)
    assert visibility <= 0.5 + 1e-12


def test_a_dip_is_as_wide_as_the_photons_and_shallower_for_impure_ones():
    assert wavepacket_overlap(1e-9, overlap=0.9, width_s=1e-9) == pytest.approx(0.9 / np.e)
    assert impure_visibility(0.9, 0.05) == pytest.approx(0.9 / 1.1)


def test_a_third_of_the_light_is_left_after_an_attenuation_length():
    assert attenuation_length_km(0.2) == pytest.approx(21.71, abs=0.01)
    assert fibre_transmission(attenuation_length_km(0.2)) == pytest.approx(np.exp(-1))
