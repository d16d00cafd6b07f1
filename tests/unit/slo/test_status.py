from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from slo import (
    DEFAULT_TIERS,
    BudgetingMethod,
    Counts,
    Ledger,
    Ledgers,
    Objective,
    State,
    Status,
    Verdict,
    budget_history,
    evaluate,
    evaluate_all,
    is_frozen,
    is_silent,
    time_to_exhaustion_ns,
)
from slo.status import budget_remaining, frozen_each
from tests.unit.slo.telemetry import READ_SUCCESS, ledger_of, minute

WITH_TIERS = replace(READ_SUCCESS, tiers=DEFAULT_TIERS)
EVENTS = st.lists(st.none() | st.tuples(st.integers(0, 3), st.integers(3, 200)), min_size=1, max_size=120)


def status_of(*minutes: tuple[int, int] | None, objective: Objective = READ_SUCCESS, later: int = 0) -> Status:
    return evaluate(objective, ledger_of(minutes), minute(len(minutes) + later))


def test_a_quarter_of_the_allowed_bad_events_leaves_three_quarters_of_the_budget():
    assert status_of((25, 10_000)).budget_remaining == Fraction(3, 4)


def test_a_quiet_hour_weighs_what_it_counts():
    """Half of 24 events is 12 of 120,024, which is no mean of 0 % and 50 %."""
    status = status_of(*[(0, 2000)] * 60, *[(1, 2), *[None] * 4] * 12)
    assert (status.sli, status.budget_remaining) == (1 - Fraction(12, 120_024), 1 - Fraction(1200, 120_024))


@pytest.mark.parametrize("idle", [(0, 0), None], ids=["no event", "no data"])
def test_five_idle_minutes_change_nothing_of_a_month(idle: tuple[int, int] | None):
    status = status_of((25, 10_000), *[idle] * 5)
    assert (status.sli, status.budget_remaining) == (1 - Fraction(25, 10_000), Fraction(3, 4))
    assert status.burns["5m"] is None


def test_an_overspent_budget_is_negative():
    assert status_of((3, 100)).budget_remaining == -2


def test_the_burn_of_each_window_counts_only_its_events():
    status = status_of((10, 100), *[(0, 100)] * 9)
    assert (status.burns["5m"], status.burns["1h"]) == (Fraction(0), Fraction(1))


def test_events_older_than_the_window_are_forgotten():
    ledger = ledger_of([(100, 100)])
    ledger.put(minute(0) + 28 * DAY_NS, 50, 50)
    assert evaluate(READ_SUCCESS, ledger, minute(1) + 28 * DAY_NS).bad == 0


@pytest.mark.parametrize(
    ("minutes", "later", "state"),
    [
        ([(0, 100)], 0, State.OK),
        ([(75, 10_000)], 0, State.OK),
        ([(76, 10_000)], 0, State.AT_RISK),
        ([(1, 100)], 0, State.EXHAUSTED),
        ([(0, 100)], 15, State.OK),
        ([(0, 100)], 16, State.NO_DATA),
        ([(100, 100)], 16, State.NO_DATA),
        ([(0, 0)], 0, State.NO_DATA),
        ([], 0, State.NO_DATA),
    ],
)
def test_the_state_says_how_things_stand(minutes, later, state):
    assert status_of(*minutes, later=later).state is state


def test_a_burning_tier_puts_an_objective_at_risk_while_most_of_the_budget_is_left():
    minutes = [*[(0, 100)] * 10_000, *[(100, 100)] * 20]
    status = status_of(*minutes, objective=WITH_TIERS)
    assert (status.state, as_float(status.budget_remaining) > 0.5) == (State.AT_RISK, True)


def test_coverage_counts_from_the_first_data():
    assert status_of(None, None, (0, 1), None, (0, 1), None).coverage == Fraction(1, 2)


def test_the_coverage_of_slices_expects_one_entry_a_slice():
    slices = replace(READ_SUCCESS, method=BudgetingMethod.TIMESLICES, slice_ns=5 * MINUTE_NS)
    assert status_of(*[None, None, None, None, (0, 1)] * 4, objective=slices).coverage == 1


def test_the_budget_left_at_the_present_burn_lasts_this_long():
    assert time_to_exhaustion_ns(READ_SUCCESS, Fraction(1, 2), Fraction(14)) == 24 * HOUR_NS


def test_a_budget_that_is_not_spent_lasts_for_ever():
    assert time_to_exhaustion_ns(READ_SUCCESS, Fraction(1, 2), Fraction(0)) is None


@given(st.integers(1, 10**9), st.integers(1, 999))
def test_burn_one_spends_exactly_the_budget_in_the_window(hundreds, permille):
    budget = Fraction(permille, 1000)
    counts = Counts(good=hundreds * (1000 - permille), total=hundreds * 1000)
    assert budget_remaining(counts, budget) == 0


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_bad_event_never_raises_the_budget(good, bad):
    before = budget_remaining(Counts(good, good + bad), Fraction(1, 100))
    after = budget_remaining(Counts(good, good + bad + 1), Fraction(1, 100))
    assert before is None or (after is not None and after <= before)


@given(EVENTS)
def test_the_history_says_what_each_evaluation_says(minutes):
    ledger = ledger_of(minutes)
    at_ns = np.array([minute(n) for n in range(0, len(minutes) + 20, 7)], dtype=np.int64)
    history = budget_history(WITH_TIERS, ledger, at_ns)
    statuses = [evaluate(WITH_TIERS, ledger, int(at)) for at in at_ns]
    assert history.state == [s.state for s in statuses]
    assert history.bad.tolist() == [s.bad for s in statuses]
    assert history.last_data_ns.tolist() == [s.last_data_ns or 0 for s in statuses]
    np.testing.assert_allclose(history.coverage, [float(s.coverage) for s in statuses])
    for text, burns in history.burns.items():
        np.testing.assert_allclose(burns, [as_float(s.burns[text]) for s in statuses])
    np.testing.assert_allclose(history.budget_remaining, [as_float(s.budget_remaining) for s in statuses], atol=1e-12)


def as_float(value: Fraction | None) -> float:
    return float("nan") if value is None else float(value)


def with_gaps(*lengths: int) -> Ledger:
    """A ledger that reports for the first so many minutes, then does not for so many, and so on."""
    minutes: list[tuple[int, int] | None] = []
    for n, length in enumerate(lengths):
        minutes += [None if n % 2 else (0, 10)] * length
    return ledger_of(minutes)


@pytest.mark.parametrize(
    ("lengths", "frozen"),
    [((600, 2, 3), False), ((600, 3, 2), True), ((600, 5), True), ((600, 34, 26), True), ((600, 29, 31), False)],
    ids=["most of 5 min", "less of 5 min", "none of 5 min", "less of 1 h", "most of 1 h"],
)
def test_an_alert_is_frozen_where_a_window_is_thinner_than_usual(lengths, frozen):
    ledger, end = with_gaps(*lengths), minute(sum(lengths))
    assert is_frozen(WITH_TIERS, ledger, DEFAULT_TIERS[0], end) is frozen
    ends = np.array([end], dtype=np.int64)
    assert frozen_each(WITH_TIERS, DEFAULT_TIERS[0], ledger.sums(), ends).tolist() == [frozen]


def test_who_always_reports_rarely_is_not_frozen():
    minutes = [(0, 10), None, None, None] * 300
    assert not is_frozen(WITH_TIERS, ledger_of(minutes), DEFAULT_TIERS[0], minute(len(minutes)))


@pytest.mark.parametrize(("expected_ago", "silent"), [(15, False), (16, True)])
def test_who_never_reported_is_silent_once_it_should_have(expected_ago, silent):
    ledger = Ledger(DAY_NS)
    ledger.expect(minute(0))
    assert is_silent(READ_SUCCESS, ledger, minute(expected_ago)) is silent


def test_not_to_know_is_neither_good_nor_bad():
    verdicts = [status_of(*minutes).verdict for minutes in ([(0, 100)], [(1, 100)], [])]
    assert verdicts == [Verdict.GOOD, Verdict.BAD, Verdict.UNKNOWN]


@given(st.lists(EVENTS, min_size=1, max_size=4))
def test_a_fleet_is_judged_as_each_entity_alone(fleet):
    ledgers = Ledgers(WITH_TIERS.window_ns, rows=len(fleet))
    for row, minutes in enumerate(fleet):
        for n, counts in enumerate(minutes):
            if counts is not None:
                ledgers.put(row, minute(n), counts[1] - counts[0], counts[1])
    at_ns = minute(60)
    sums = ledgers.at(at_ns)
    together = evaluate_all(WITH_TIERS, sums, sums.ends_ns)
    alone = [evaluate(WITH_TIERS, ledger_of(minutes), at_ns) for minutes in fleet]
    assert together.state == [status.state for status in alone]
    assert together.bad.tolist() == [status.bad for status in alone]
    assert together.last_data_ns.tolist() == [status.last_data_ns or 0 for status in alone]
    np.testing.assert_allclose(together.coverage, [float(status.coverage) for status in alone])
