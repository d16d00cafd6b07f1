"""The domains' own rules, held against their formulae at the very edge."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from slo import Objective, Rule, Tier, sets_of_domain, tiers_of
from slo.rules import PAST_WINDOWS, holds, view_each, view_one
from slo.status import is_burning
from tests.unit.slo.telemetry import READ_SUCCESS, ledger_of, minute

Minutes = Sequence[tuple[int, int] | None]

TIER = Tier(name="t", severity="page", long_ns=10 * MINUTE_NS, short_ns=2 * MINUTE_NS, budget_share=Fraction(1, 100))
OBJECTIVE = replace(READ_SUCCESS, window_ns=1000 * MINUTE_NS, tiers=(TIER,))  # 99 %: the budget is 1 %
COUNT = replace(TIER, rule=Rule.COUNT, budget_share=Fraction(1, 10))
REMAINING = replace(TIER, rule=Rule.REMAINING, budget_share=Fraction(1, 2))
BASELINE = replace(TIER, rule=Rule.BASELINE, budget_share=Fraction(2, 100))  # factor 2


def fires(tier: Tier, minutes: Minutes, objective: Objective = OBJECTIVE) -> bool:
    ledger = ledger_of(minutes, window_ns=objective.window_ns)
    return is_burning(objective, ledger, tier, minute(len(minutes)))


def settled(*last: tuple[int, int], each: tuple[int, int] = (0, 10), length: int = 1000) -> list[tuple[int, int]]:
    """A whole window of minutes alike, but for the last ones."""
    return [*[each] * (length - len(last)), *last]


@pytest.mark.parametrize(("bad", "expected"), [(10, False), (11, True)])
def test_counts_fire_above_the_share_of_what_the_usual_traffic_allows(bad, expected):
    # 10,000 events are usual, 1 % of them may be bad, a tenth of those are 10
    assert fires(COUNT, settled((bad - 5, 10), (5, 10))) is expected


def test_counts_ignore_how_little_happens_in_a_quiet_hour():
    quiet = [*[(0, 10)] * 990, *[(0, 0)] * 9, (2, 2)]
    assert fires(COUNT, quiet) is False
    assert fires(replace(COUNT, rule=Rule.RATE), quiet) is True


def test_counts_of_a_young_entity_are_held_against_the_traffic_it_would_have():
    assert fires(COUNT, [(11, 20), *[(0, 10)] * 8, (3, 10)]) is True  # usual: 11,000 by its own pace
    assert fires(COUNT, [(7, 20), *[(0, 10)] * 8, (3, 10)]) is False


@pytest.mark.parametrize(("bad", "expected"), [(40, False), (41, True)])
def test_half_of_what_was_left_fires_and_the_edge_does_not(bad, expected):
    # 100 bad ones are allowed, 20 are gone before the last ten minutes: half of 80 is 40
    minutes = [(20, 20), *[(0, 10)] * 990, (0, 0), *[(0, 10)] * 7, (bad, 80)]
    assert fires(REMAINING, minutes) is expected


def test_of_nothing_left_there_is_no_half():
    assert fires(REMAINING, settled((500, 500), (10, 10), each=(1, 10))) is False


@pytest.mark.parametrize(("bad", "expected"), [(8, False), (9, True)])
def test_the_baseline_is_the_own_past_where_that_is_above_plan(bad, expected):
    # 4 % were bad before, in 100 events of the last ten minutes more than 8 are over twice that
    past = [*[(4, 100)] * 990, *[(0, 10)] * 8, (0, 10)]
    assert fires(BASELINE, [*past, (bad, 10)]) is expected


def test_the_baseline_of_a_clean_past_is_the_plan():
    assert fires(BASELINE, settled((2, 10))) is False
    assert fires(BASELINE, settled((3, 10))) is True


def test_an_entity_needs_a_past_to_have_a_baseline():
    young = PAST_WINDOWS * 10
    assert fires(BASELINE, settled((10, 10), length=young)) is False
    assert fires(BASELINE, settled((10, 10), length=young + 1)) is True


@pytest.mark.parametrize("rule", list(Rule))
def test_a_short_window_that_is_clean_again_ends_every_rule(rule):
    tier = replace(TIER, rule=rule, budget_share=Fraction(1, 10))
    assert fires(tier, settled((60, 60))) is True
    assert fires(tier, settled((60, 60), (0, 10), (0, 10))) is False


@pytest.mark.parametrize("rule", list(Rule))
def test_too_few_bad_events_fire_no_rule(rule):
    tier = replace(TIER, rule=rule, budget_share=Fraction(1, 10_000))
    objective = replace(OBJECTIVE, min_bad_events=61)
    assert fires(tier, settled((60, 60)), objective) is False


@pytest.mark.parametrize("rule", list(Rule))
@given(
    minutes=st.lists(st.none() | st.tuples(st.integers(0, 3), st.integers(3, 12)), min_size=1, max_size=300),
    share=st.fractions(Fraction(1, 1000), Fraction(1, 2), max_denominator=1000),
    scale=st.sampled_from([1, 10**12]),
)
def test_many_moments_say_what_each_says(rule, minutes, share, scale):
    scaled = [None if counts is None else (counts[0] * scale, counts[1] * scale) for counts in minutes]
    ledger, tier = ledger_of(scaled, window_ns=OBJECTIVE.window_ns), replace(TIER, rule=rule, budget_share=share)
    ends = np.array([minute(n) for n in range(1, len(minutes) + 1)], dtype=np.int64)
    many = np.asarray(holds(OBJECTIVE, tier, view_each(ledger.sums(), ends)), dtype=bool)
    assert many.tolist() == [bool(holds(OBJECTIVE, tier, view_one(ledger, int(at)))) for at in ends]


@pytest.mark.parametrize(
    ("domain", "tier", "severity", "factor", "hours"),
    [
        ("link", "2x-1d", "ticket", 2, 24),
        ("scaleup", "5x-6h", "page", 5, 6),
        ("network", "2x-baseline", "page", 2, 1),
        ("community", "1d-2h", "page", Fraction(14, 5), 24),
    ],
)
def test_each_domain_gets_its_own_tier_by_default(domain, tier, severity, factor, hours):
    found = {t.name: t for t in tiers_of(sets_of_domain(domain), 28 * DAY_NS)}[tier]
    assert (found.severity, found.factor(28 * DAY_NS), found.long_ns) == (severity, factor, hours * HOUR_NS)


def test_a_domain_of_its_own_gets_the_default_tiers():
    assert sets_of_domain("optics") == ("default",)
