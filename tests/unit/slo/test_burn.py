from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from model.clock import DAY_NS, HOUR_NS
from slo import DEFAULT_TIERS, Counts, burn_rate, fit_tiers, is_feasible
from slo.burn import exceeds_each

BUDGET_99 = Fraction(1, 100)
BUDGET_90 = Fraction(1, 10)


@pytest.mark.parametrize(
    ("window_days", "factors"),
    [(28, ["13.44", "5.6", "2.8", "14/15"]), (30, ["14.4", "6", "3", "1"])],
)
def test_the_factor_keeps_the_budget_share_for_any_window(window_days, factors):
    assert [tier.factor(window_days * DAY_NS) for tier in DEFAULT_TIERS] == [Fraction(f) for f in factors]


def test_burn_one_means_exactly_the_allowed_share_is_bad():
    assert burn_rate(Counts(good=99, total=100), BUDGET_99) == 1


def test_no_event_has_no_burn_rate():
    assert burn_rate(Counts(good=0, total=0), BUDGET_99) is None


def test_many_windows_are_compared_as_exactly_as_one_even_beyond_64_bits():
    total = np.array([10**17, 10**17], dtype=np.int64)
    bad = np.array([10**17 // 625 * 84, 10**17 // 625 * 84 + 1], dtype=np.int64)
    assert exceeds_each(bad, total, Fraction(84, 625)).tolist() == [False, True]


def test_at_90_percent_the_first_tier_could_never_fire():
    assert not is_feasible(DEFAULT_TIERS[0], 28 * DAY_NS, BUDGET_90)


def test_an_infeasible_tier_is_brought_within_reach_of_an_outage():
    first = fit_tiers(DEFAULT_TIERS, 28 * DAY_NS, BUDGET_90)[0]
    assert first.factor(28 * DAY_NS) == 8


def test_feasible_tiers_stay_as_they_are():
    assert fit_tiers(DEFAULT_TIERS, 28 * DAY_NS, BUDGET_99) == DEFAULT_TIERS


def test_a_tier_that_looks_back_further_than_the_window_is_left_out():
    long = replace(DEFAULT_TIERS[0], long_ns=8 * DAY_NS, short_ns=HOUR_NS)
    assert fit_tiers([long], 7 * DAY_NS, BUDGET_99) == ()
