"""Calendar periods: months of unequal length, clock changes, and the budget of a period that is not over."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, to_ns
from slo import CalendarPeriod, CalendarUnit, Ledger, State, budget_history, evaluate
from tests.unit.slo.telemetry import READ_SUCCESS

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def local(text: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM))


def period(start: str, count: int, unit: CalendarUnit) -> CalendarPeriod:
    return CalendarPeriod(start=start, zone="Europe/Amsterdam", count=count, unit=unit)


MONTH = period("2026-01-01 00:00:00", 1, CalendarUnit.MONTH)
IN_MARCH = replace(READ_SUCCESS, calendar=MONTH, window_ns=30 * DAY_NS)


@pytest.mark.parametrize(
    ("start", "unit", "nth", "begins"),
    [
        ("2026-01-31 00:00:00", CalendarUnit.MONTH, 1, "2026-02-28 00:00:00"),
        ("2026-01-31 00:00:00", CalendarUnit.MONTH, 2, "2026-03-31 00:00:00"),
        ("2028-01-31 00:00:00", CalendarUnit.MONTH, 1, "2028-02-29 00:00:00"),
        ("2028-02-29 00:00:00", CalendarUnit.YEAR, 1, "2029-02-28 00:00:00"),
        ("2026-01-01 00:00:00", CalendarUnit.QUARTER, 3, "2026-10-01 00:00:00"),
        ("2026-03-29 02:30:00", CalendarUnit.DAY, 0, "2026-03-29 03:30:00"),  # skipped by the clocks
        ("2026-01-01 00:00:00", CalendarUnit.MONTH, -1, "2025-12-01 00:00:00"),
    ],
)
def test_a_period_begins_where_the_calendar_says(start: str, unit: CalendarUnit, nth: int, begins: str) -> None:
    assert period(start, 1, unit).nth_start(nth) == local(begins)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_has_the_hours_that_its_clocks_give_it(day: str, hours: int) -> None:
    around = period("2026-01-01 00:00:00", 1, CalendarUnit.DAY).around(local(f"{day} 12:00:00"))
    assert around.length_ns == hours * HOUR_NS


def test_the_moment_between_two_periods_closes_the_first() -> None:
    assert MONTH.around(local("2026-03-01 00:00:00")).start_ns == local("2026-02-01 00:00:00")


@given(
    st.integers(0, 40 * 365 * 24 * 60),
    st.sampled_from(list(CalendarUnit)),
    st.integers(1, 5),
    st.sampled_from(("2026-01-31 02:30:00", "2025-12-31 23:59:59")),
)
def test_periods_follow_each_other_without_a_gap(minute: int, unit: CalendarUnit, count: int, start: str) -> None:
    each = period(start, count, unit)
    at_ns = local("2020-01-01 00:00:00") + minute * MINUTE_NS
    found = each.around(at_ns)
    assert found.start_ns < at_ns <= found.end_ns
    assert each.around(found.end_ns + 1).start_ns == found.end_ns
    assert found.length_ns <= each.longest_ns


def test_what_is_still_to_come_of_a_period_counts_as_good() -> None:
    begin = local("2026-02-01 00:00:00")
    ledger = Ledger(IN_MARCH.lookback_ns)
    for n in range(7 * 24 * 60):  # a quarter of February
        ledger.put(begin + n * MINUTE_NS, 99 if n % 2 else 100, 100)
    status = evaluate(IN_MARCH, ledger, begin + 7 * DAY_NS)
    assert status.budget_remaining == 1 - Fraction(1, 2) * Fraction(1, 4)
    assert (status.state, status.sli) == (State.OK, Fraction(995, 1000))


def test_a_new_period_starts_with_a_whole_budget() -> None:
    begin = local("2026-03-01 00:00:00")
    ledger = Ledger(IN_MARCH.lookback_ns)
    ledger.put(begin - MINUTE_NS, 0, 100)
    ledger.put(begin, 100, 100)
    statuses = [evaluate(IN_MARCH, ledger, begin + minutes * MINUTE_NS) for minutes in (0, 1)]
    assert [status.bad for status in statuses] == [100, 0]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(4, 60)), min_size=30, max_size=60))
def test_the_history_of_calendar_budgets_says_what_each_evaluation_says(minutes: list[tuple[int, int]]) -> None:
    objective = replace(IN_MARCH, target=Decimal("0.9"))
    begin = local("2026-03-01 00:00:00") - 20 * MINUTE_NS
    ledger = Ledger(objective.lookback_ns)
    for n, (bad, total) in enumerate(minutes):
        ledger.put(begin + n * MINUTE_NS, total - bad, total)
    at_ns = np.array([begin + n * MINUTE_NS for n in range(1, 70, 7)], dtype=np.int64)
    history = budget_history(objective, ledger, at_ns)
    statuses = [evaluate(objective, ledger, at) for at in at_ns.tolist()]
    assert history.state == [status.state for status in statuses]
    remaining = [float("nan") if s.budget_remaining is None else float(s.budget_remaining) for s in statuses]
    np.testing.assert_allclose(history.budget_remaining, remaining, atol=1e-12)
