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
    Objective,
    State,
    Status,
    budget_history,
    evaluate,
    time_to_exhaustion_ns,
)
from slo.status import budget_remaining
from tests.unit.slo.telemetry import READ_SUCCESS, ledger_of, minute

WITH_TIERS = replace(READ_SUCCESS, tiers=DEFAULT_TIERS)
EVENTS = st.lists(st.none() | st.tuples(st.integers(0, 3), st.integers(3, 200)), min_size=1, max_size=120)


def status_of(*minutes: tuple[int, int] | None, objective: Objective = READ_SUCCESS, later: int = 0) -> Status:
    return evaluate(objective, ledger_of(minutes), minute(len(minutes) + later))


def test_a_quarter_of_the_allowed_bad_events_leaves_three_quarters_of_the_budget():
    assert status_of((25, 10_000)).budget_remaining == Fraction(3, 4)


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
