"""Deterministic delivery, parallel links, repeaters, and sources of several pairs."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.physics.delivery import (
    deterministic_fidelity_bound,
    deterministic_threshold,
    nested_repeater_time_s,
    slowest_of_parallel,
)
from hwsim.physics.pair_sources import (
    cross_correlation,
    dlcz_herald_probability,
    excitation_of_mean,
    heralded_g2,
    mean_pairs,
    multipair_error,
    pair_number_distribution,
)
from hwsim.physics.purification import bbpssw_rounds, expected_raw_pairs


@pytest.mark.parametrize("links", [1, 2, 7, 20, 21, 40])
@pytest.mark.parametrize("chance", ["1/1000", "1/10", "29/100", "31/100", "9/10"])
def test_the_slowest_link_is_that_of_exact_arithmetic(links, chance):
    p = Fraction(chance)
    exact = sum(Fraction((-1) ** (k + 1) * comb(links, k)) / (1 - (1 - p) ** k) for k in range(1, links + 1))
    assert slowest_of_parallel(float(p), links) == pytest.approx(float(exact), rel=1e-9)


def test_two_links_have_their_own_formula():
    p = np.array([0.01, 0.5])
    assert slowest_of_parallel(p, 2) == pytest.approx((3 - 2 * p) / (p * (2 - p)))


def test_a_drawn_maximum_agrees():
    drawn = np.random.default_rng(4).geometric(0.05, (100_000, 5)).max(axis=1)
    assert slowest_of_parallel(0.05, 5) == pytest.approx(drawn.mean(), abs=4 * drawn.std() / 100_000**0.5)


@given(st.floats(0.0, 50.0))
def test_the_deterministic_bound_is_a_fidelity_that_grows_with_the_link(efficiency):
    bound, better = (float(deterministic_fidelity_bound(each)) for each in (efficiency, efficiency + 0.1))
    assert 0.25 <= bound < better <= 1


def test_an_efficiency_of_one_is_the_limit_from_both_sides():
    around = deterministic_fidelity_bound(np.array([1 - 1e-7, 1.0, 1 + 1e-7]))
    assert np.ptp(around) < 1e-6
    assert 0 < deterministic_threshold() < 1


def test_the_nested_repeater_is_within_its_sanity_band_of_two_parallel_links():
    p = 1e-3
    rule_s = nested_repeater_time_s(elementary_s=1.0, herald=p, swap_successes=(0.5,))
    assert 1 / 1.5 < rule_s / (float(slowest_of_parallel(p, 2)) / 0.5) < 1.5


def test_raw_pairs_double_with_each_round_and_more():
    rounds = bbpssw_rounds(0.8, 3)
    cost = expected_raw_pairs(np.array([each.probability for each in rounds]))
    assert cost == pytest.approx(8 / np.prod([float(each.probability) for each in rounds]))


@given(p=st.floats(1e-3, 0.3), eta=st.floats(0.01, 1.0))
def test_heralded_g2_is_the_sum_over_pair_numbers(p, eta):
    n = np.arange(200)
    weights = pair_number_distribution(p, 199) * (1 - (1 - eta) ** n)
    weights /= weights.sum()
    g2 = (weights * n * (n - 1)).sum() / (weights * n).sum() ** 2
    assert heralded_g2(p, eta) == pytest.approx(g2, rel=1e-6)


def test_write_pulses_trade_rate_for_purity():
    assert mean_pairs(excitation_of_mean(0.05)) == pytest.approx(0.05)
    assert dlcz_herald_probability(0.01, 0.1) == pytest.approx(2e-3)
    assert cross_correlation(0.01) == pytest.approx(101)
    assert multipair_error(0.01, 0.1) == pytest.approx(9e-3)
