"""Heralded entanglement: closed forms against published numbers, enumeration against closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.click_patterns import Protocol, build_patterns
from hwsim.physics.heralding import (
    attempt_cycle_s,
    heralding_time_quantile_s,
    mean_heralding_time_s,
    single_click,
    two_click,
)
from hwsim.physics.photonics import coincidence_probability

chances = st.floats(1e-4, 1.0)
unit = st.floats(0.0, 1.0)
darks = st.floats(0.0, 0.1)
counting = st.booleans()


@pytest.mark.parametrize(
    ("eta", "visibility", "dark", "probability", "fidelity"),
    [
        (0.1, 1.0, 0.0, 0.005, 1.0),
        (0.02, 0.9, 1e-6, 2.00078e-4, 0.949724),
        (5.1e-4, 0.9, 1.5e-7, 1.30356e-7, 0.948357),
        (0.111, 0.89, 1.4e-5, 6.16602e-3, 0.944352),
    ],
    ids=["ideal", "threshold detectors", "NV centre", "trapped ion"],
)
def test_two_clicks_have_the_validated_numbers(eta, visibility, dark, probability, fidelity):
    heralding = two_click(eta_a=eta, eta_b=eta, visibility=visibility, dark=dark)
    assert heralding.probability == pytest.approx(probability, rel=1e-5)
    assert heralding.fidelity == pytest.approx(fidelity, rel=1e-5)


def test_a_phase_that_jitters_costs_what_its_mean_over_a_normal_distribution_says():
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)

    def coherence(phase_rms_rad: float) -> float:
        heralding = single_click(
            bright=0.1, eta_a=0.02, eta_b=0.01, visibility=0.85, dark=1e-4, phase_rms_rad=phase_rms_rad
        )
        return float(heralding.pair.psi_coherence)

    for spread in (0.1, 0.6, 1.5):
        kept = (weights * np.cos(spread * nodes)).sum() / weights.sum()
        assert coherence(spread) == pytest.approx(kept * coherence(0.0))


def test_a_single_click_has_the_validated_numbers():
    heralding = single_click(bright=0.05, eta_a=4e-4, eta_b=4e-4, visibility=0.9)
    assert heralding.probability == pytest.approx(3.99996e-5, rel=1e-5)
    assert heralding.fidelity == pytest.approx(0.925634, rel=1e-5)


@given(eta_a=chances, eta_b=chances, visibility=unit, dark=darks, counting=counting)
def test_enumerated_two_click_attempts_agree_with_the_closed_form(eta_a, eta_b, visibility, dark, counting):
    optics = {"eta_a": eta_a, "eta_b": eta_b, "visibility": visibility, "dark": dark, "number_resolving": counting}
    patterns = build_patterns(Protocol.TWO_CLICK, **optics)
    closed = two_click(**optics)
    assert patterns.herald_probability == pytest.approx(closed.probability, rel=1e-9)


@given(eta_a=chances, eta_b=chances, visibility=unit, dark=darks, bright=st.floats(0.01, 0.99), counting=counting)
def test_enumerated_single_click_attempts_agree_with_the_closed_form(
    eta_a, eta_b, visibility, dark, bright, counting
):
    optics = {"eta_a": eta_a, "eta_b": eta_b, "visibility": visibility, "dark": dark, "number_resolving": counting}
    patterns = build_patterns(Protocol.SINGLE_CLICK, bright=bright, **optics)
    closed = single_click(bright=bright, **optics)
    assert patterns.herald_probability == pytest.approx(closed.probability, rel=1e-9)


@given(eta_a=chances, eta_b=chances, visibility=unit, dark=darks)
def test_a_heralded_two_click_attempt_shows_two_clicks(eta_a, eta_b, visibility, dark):
    patterns = build_patterns(Protocol.TWO_CLICK, eta_a=eta_a, eta_b=eta_b, visibility=visibility, dark=dark)
    assert set(patterns.clicks[patterns.heralded].sum(axis=1)) == {2}
    assert patterns.probability.sum() == pytest.approx(1)


def test_two_photons_in_one_round_part_as_often_as_hong_ou_and_mandel_say():
    patterns = build_patterns(Protocol.SINGLE_CLICK, eta_a=1.0, eta_b=1.0, visibility=0.9, dark=0.0, bright=1.0)
    apart = (patterns.clicks[:, :2] == 1).all(axis=1)
    assert patterns.probability[apart].sum() == pytest.approx(coincidence_probability(0.9))


@given(eta_a=chances, eta_b=chances, visibility=unit, dark=darks)
def test_fidelity_and_probability_lie_in_the_unit_interval(eta_a, eta_b, visibility, dark):
    two = two_click(eta_a=eta_a, eta_b=eta_b, visibility=visibility, dark=dark)
    one = single_click(bright=0.1, eta_a=eta_a, eta_b=eta_b, visibility=visibility, dark=dark)
    for heralding in (one, two):
        assert 0 <= heralding.probability <= 1
        assert 0 <= heralding.fidelity <= 1


@given(eta=chances, loss=st.floats(0.01, 1.0))
def test_loss_never_makes_ideal_heralding_likelier(eta, loss):
    near, far = (two_click(eta_a=each, eta_b=eta, visibility=0.9) for each in (eta, eta * loss))
    assert far.probability <= near.probability


def test_nothing_is_heralded_where_nothing_is_detected():
    assert two_click(eta_a=0, eta_b=0, visibility=1).probability == 0
    assert single_click(bright=0.1, eta_a=0, eta_b=0, visibility=1).probability == 0


def test_the_phase_spread_of_the_fibres_costs_fidelity():
    calm, shaky = (
        single_click(bright=0.05, eta_a=0.1, eta_b=0.1, visibility=0.9, phase_rms_rad=rms) for rms in (0, 0.5)
    )
    assert shaky.fidelity < calm.fidelity
    assert shaky.probability == calm.probability


def test_the_attempt_cycle_waits_for_the_herald_to_come_back():
    assert attempt_cycle_s(5e-4, 10) == pytest.approx(5e-4 + 48.967e-6, rel=1e-5)


def test_the_heralding_time_is_geometric():
    cycle_s, chance = 1e-3, 0.02
    draws_s = np.random.default_rng(5).geometric(chance, 40_000) * cycle_s
    assert draws_s.mean() == pytest.approx(mean_heralding_time_s(cycle_s, chance), rel=4 / math.sqrt(40_000))
    within = (draws_s <= heralding_time_quantile_s(cycle_s, chance, 0.95)).mean()
    assert within == pytest.approx(0.95, abs=0.005)
