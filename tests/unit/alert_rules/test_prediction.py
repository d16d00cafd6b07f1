"""The formula beside the replay: from a clean past and at even traffic they say the same minute."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from alert_rules import replay
from alert_rules.prediction import Episode, Prediction, find_episode, predict
from model.clock import DAY_NS, HOUR_NS
from slo import DEFAULT_TIERS, Ledger
from slo.objective import BudgetingMethod
from tests.unit.slo.telemetry import READ_SUCCESS, first_minutes, minute

OBJECTIVE = replace(READ_SUCCESS, target=Decimal("0.999"), window_ns=30 * DAY_NS, tiers=DEFAULT_TIERS)
CLEAN = 4 * 24 * 60


def history(bad_per_thousand: int, *, outage: range, count: int):
    total = np.full(count, 1000, dtype=np.int64)
    good = total.copy()
    good[outage.start : outage.stop] -= bad_per_thousand
    return np.array([minute(n) for n in range(count)], dtype=np.int64), good, total


@pytest.mark.parametrize("bad_per_thousand", [1000, 100, 20, 10])
def test_every_alert_of_a_constant_outage_fires_and_resolves_when_the_formula_says(bad_per_thousand):
    outage = range(CLEAN, CLEAN + 10 * 60)
    minute_ns, good, total = history(bad_per_thousand, outage=outage, count=CLEAN + 24 * 60)
    ledger = Ledger(OBJECTIVE.window_ns)
    ledger.put_arrays(minute_ns, good, total)
    intervals = replay(OBJECTIVE, ledger, first_minutes(minute_ns.size))
    predicted = {}
    for interval in intervals:
        episode = find_episode(OBJECTIVE, minute_ns, good, total, interval.fired_ns)
        assert episode == Episode(minute(outage.start), minute(outage.stop), bad_per_thousand * 600, 600_000)
        predicted[interval.tier.name] = predict(OBJECTIVE, interval.tier, episode)
    assert len(predicted) >= 3
    assert predicted == {i.tier.name: Prediction(i.fired_ns, i.resolved_ns) for i in intervals}


def test_a_burn_that_is_not_over_the_factor_never_fires():
    episode = Episode(minute(0), minute(6000), bad=144, total=10_000)
    assert predict(OBJECTIVE, DEFAULT_TIERS[0], episode) == Prediction(None, None)


def test_an_episode_that_is_over_sooner_never_fires():
    episode = Episode(minute(0), minute(8), bad=800, total=8_000)
    assert predict(OBJECTIVE, DEFAULT_TIERS[0], episode) == Prediction(None, None)


def test_episodes_that_lie_five_minutes_apart_are_two():
    times, good, total = history(500, outage=range(10, 20), count=60)
    good[26:30] = 0
    found = [find_episode(OBJECTIVE, times, good, total, minute(n)) for n in (5, 18, 28)]
    assert [e and (e.start_ns, e.end_ns) for e in found] == [
        None,
        (minute(10), minute(20)),
        (minute(26), minute(30)),
    ]


def test_a_slice_is_bad_from_its_start():
    sliced = replace(OBJECTIVE, method=BudgetingMethod.TIMESLICES, slice_ns=HOUR_NS)
    lasts = np.array([minute(59), minute(119), minute(179)], dtype=np.int64)
    ones = np.ones(3, dtype=np.int64)
    assert find_episode(sliced, lasts, np.array([1, 0, 0]), ones, minute(180)) == Episode(
        minute(60), minute(180), 2, 2
    )
