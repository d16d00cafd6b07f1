"""Memories for light: efficiency, noise, combs, and the best that an optical depth allows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.physics.afc import (
    Direction,
    Teeth,
    afc_efficiency,
    comb_dephasing,
    comb_efficiency,
    effective_depth,
    optimal_finesse,
    spin_wave_efficiency,
    storage_time_s,
    temporal_modes,
)
from hwsim.physics.optical_memory import (
    amplitude_depth,
    cavity_efficiency,
    conditional_fidelity,
    gradient_echo_efficiency,
    memory_efficiency,
    noise_equivalent_input,
    optimal_efficiency,
    transverse_crib_efficiency,
)


def comb_by_fourier(finesse: float, teeth: Teeth) -> tuple[float, float]:
    """Return the mean of a tooth of unit height over its period, and its squared relative first Fourier component."""
    nu = (np.arange(200_000) + 0.5) / 200_000 - 0.5
    width = 1 / finesse
    shape = (
        (np.abs(nu) < width / 2).astype(np.float64)
        if teeth is Teeth.SQUARE
        else np.exp(-4 * np.log(2) * (nu / width) ** 2)
    )
    return float(shape.mean()), float(((shape * np.cos(2 * np.pi * nu)).mean() / shape.mean()) ** 2)


def test_input_equal_to_the_noise_gives_the_classical_limit():
    mu1 = noise_equivalent_input(0.005, 0.1)
    assert conditional_fidelity(mu1, 0.005, 0.1) == pytest.approx(2 / 3, rel=1e-9)
    assert conditional_fidelity(1.0, 0.0, 0.1) == 1


def test_efficiency_falls_by_e_within_a_lifetime():
    fresh, old = (memory_efficiency(t, write=0.9, read=0.8, lifetime_s=2.0) for t in (0.0, 2.0))
    assert fresh == pytest.approx(0.72)
    assert old / fresh == pytest.approx(0.367879, rel=1e-5)


@pytest.mark.parametrize("teeth", list(Teeth))
@pytest.mark.parametrize("finesse", [4.0, 9.0])
def test_depth_and_dephasing_are_fourier_components_of_the_comb(teeth, finesse):
    mean, first = comb_by_fourier(finesse, teeth)
    assert effective_depth(3.0, finesse, teeth) == pytest.approx(3 * mean, rel=1e-3)
    assert comb_dephasing(finesse, teeth) == pytest.approx(first, rel=1e-3)


def test_a_comb_gives_at_most_54_percent_forward_and_all_backward():
    depths = np.linspace(0.1, 20, 500)
    assert comb_efficiency(depths, Direction.FORWARD).max() == pytest.approx(4 / np.e**2, rel=1e-3)
    assert comb_efficiency(depths, Direction.BACKWARD)[-1] == pytest.approx(1, abs=1e-8)


@given(depth=st.floats(0.5, 50))
def test_the_best_finesse_of_square_teeth_is_the_known_one(depth):
    """Bonarota 2010: F = pi / atan(2 pi / d)."""
    assert optimal_finesse(depth) == pytest.approx(np.pi / np.arctan(2 * np.pi / depth), rel=1e-4)


def test_absorbing_background_and_control_pulses_cost_efficiency():
    comb = afc_efficiency(6.0, 4.0)
    assert afc_efficiency(6.0, 4.0, background=0.5) == pytest.approx(comb * np.exp(-0.5))
    stored = spin_wave_efficiency(comb, control=0.9, spin_hold_s=1e-3, spin_t2_s=2e-3, exponent=2.0)
    assert stored == pytest.approx(comb * 0.81 * np.exp(-0.25))


def test_modes_fit_into_the_storage_time():
    assert storage_time_s(1e5) == pytest.approx(1e-5)
    assert temporal_modes(1e5, 0.3e-6) == 33


def test_the_optimum_approaches_gorshkovs_asymptotes():
    assert (1 - optimal_efficiency(2000, backward=True)) * 2000 == pytest.approx(5.8, rel=0.05)
    assert (1 - optimal_efficiency(2000, backward=False)) * 2000 == pytest.approx(19, rel=0.1)


@settings(max_examples=20, deadline=None)
@given(depth=st.floats(0.1, 200), more=st.floats(0.1, 100))
def test_depth_helps_and_backward_is_never_worse(depth, more):
    backward, forward = (optimal_efficiency(depth, backward=way) for way in (True, False))
    assert 0 < forward <= backward + 1e-12 < 1
    assert optimal_efficiency(depth + more, backward=True) > backward


def test_gradient_echo_cavity_and_transverse_broadening():
    assert gradient_echo_efficiency(1.0) == pytest.approx(0.99627, rel=1e-4)
    assert cavity_efficiency(9.0) == pytest.approx(0.81)
    assert transverse_crib_efficiency(2.0, backward=False) == pytest.approx(0.541341, rel=1e-5)
    assert transverse_crib_efficiency(3.0, backward=True) == pytest.approx((1 - np.exp(-3)) ** 2)
    assert amplitude_depth(10.0) == 5
