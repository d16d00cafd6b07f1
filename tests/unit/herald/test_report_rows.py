"""A report's rows: in which unit they count, how a composite's budget goes, and how much of what was due is there."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from herald.slo_reports.coverage import coverage_in
from herald.slo_reports.rows import Around, build_row, spent_share
from herald.slo_reports.units import unit_of
from herald.standings import Standing
from model.clock import HOUR_NS, MINUTE_NS
from model.names import METRIC_JOB_COST, METRIC_MEMORY_T2
from model.queries import MetricQuery, Reducer
from model.windows import Window
from slo import (
    BudgetingMethod,
    Comparison,
    CompositeIndicator,
    CompositeLedger,
    Ledger,
    Objective,
    ThresholdIndicator,
    evaluate,
)
from tests.unit.slo.telemetry import DELFT, READ_SUCCESS
from tests.unit.slo.test_composite import BOTH

WINDOW = Window(start_ns=0, end_ns=10 * HOUR_NS)
OUTAGE = Window(start_ns=4 * HOUR_NS, end_ns=5 * HOUR_NS)


def standing(objective: Objective, ledger: Ledger) -> Standing:
    return Standing(
        objective=objective, group=DELFT, ledger=ledger, status=evaluate(objective, ledger, WINDOW.end_ns)
    )


def told_at(minutes: Iterable[int], bad: Iterable[int] = ()) -> Ledger:
    """Return a ledger with one event in each of these minutes."""
    ledger, failed = Ledger(HOUR_NS), set(bad)
    for minute in minutes:
        ledger.put(minute * MINUTE_NS, int(minute not in failed), 1)
    return ledger


def measured(metric: str) -> Objective:
    """Return an objective that holds a value of a metric against a bound."""
    value = MetricQuery(metric=metric, reducer=Reducer.MEAN)
    indicator = ThresholdIndicator(value=value, comparison=Comparison.GTE, bound=Decimal(1))
    return replace(READ_SUCCESS, indicator=indicator)


@pytest.mark.parametrize(
    ("objective", "symbol", "per_count"),
    [
        (READ_SUCCESS, "{event}", Fraction(1)),
        (
            replace(READ_SUCCESS, method=BudgetingMethod.TIMESLICES, slice_ns=20 * MINUTE_NS),
            "s",
            Fraction(1200),
        ),
        (
            replace(READ_SUCCESS, method=BudgetingMethod.RATIO_TIMESLICES, slice_ns=5 * MINUTE_NS),
            "s",
            Fraction(300, 10**9),
        ),
        (replace(BOTH, method=BudgetingMethod.RATIO_TIMESLICES), "s", Fraction(300, 10**9)),
        (BOTH, "1", Fraction(1, 10**9)),
    ],
)
def test_counts_stand_for_events_time_or_shares(objective: Objective, symbol: str, per_count: Fraction):
    assert (unit_of(objective).symbol, unit_of(objective).per_count) == (symbol, per_count)


@pytest.fixture
def composite() -> Standing:
    """A composite of which every tenth event of one component fails in the fifth of ten hours."""
    outage = range(OUTAGE.start_ns // MINUTE_NS, OUTAGE.end_ns // MINUTE_NS)
    failed = [minute for minute in outage if minute % 10 == 0]
    indicator = BOTH.indicator
    assert isinstance(indicator, CompositeIndicator)
    ledgers = {
        part.name: told_at(range(600), failed if part.name == "reads" else ()) for part in indicator.components
    }
    return standing(BOTH, CompositeLedger(BOTH, ledgers))


def test_the_budget_of_a_composite_goes_while_it_fails_and_never_comes_back(composite: Standing):
    row = build_row(composite, Around(window=WINDOW, exclusions=(), without={}, before={}, months={}))
    assert row.history_remaining.tolist() == pytest.approx([1.0] * 5 + [0.0] * 6, abs=1e-6)
    assert row.remaining == pytest.approx(0.0, abs=1e-6)


def test_what_a_composite_lost_in_an_hour_is_a_share_of_the_whole_windows_budget(composite: Standing):
    assert spent_share(composite, OUTAGE, WINDOW) == pytest.approx(1.0, abs=1e-6)


def test_what_was_attained_is_told_step_by_step_and_is_unknown_without_data():
    ledger = told_at([*range(60), *range(120, 180)], bad=range(150, 180))
    window = Window(start_ns=0, end_ns=4 * HOUR_NS)
    row = build_row(
        standing(READ_SUCCESS, ledger), Around(window=window, exclusions=(), without={}, before={}, months={})
    )
    np.testing.assert_array_equal(row.history_sli, [np.nan, 1.0, np.nan, 0.5, np.nan])


EACH_20_MIN = range(19, 600, 20)


@pytest.mark.parametrize(
    ("metric", "told", "coverage"),
    [
        (METRIC_MEMORY_T2, range(600), 1.0),
        (METRIC_MEMORY_T2, [*range(300), *range(360, 600)], 0.9),
        (METRIC_MEMORY_T2, [minute for minute in range(600) if minute % 10], 0.9),
        (METRIC_MEMORY_T2, EACH_20_MIN, 1.0),
        (METRIC_MEMORY_T2, [minute for minute in EACH_20_MIN if not 300 <= minute < 360], 0.9),
        (METRIC_MEMORY_T2, range(0, 585, 20), 1.0),  # the next is due in five minutes
        (METRIC_MEMORY_T2, range(540), 0.9),
        (METRIC_MEMORY_T2, [599], 1.0),
        (METRIC_JOB_COST, [minute for minute in range(600) if minute % 10 < 4], 1.0),
        (METRIC_JOB_COST, [minute for minute in range(480) if minute % 2], 0.8),
        (METRIC_JOB_COST, [300], None),
        (METRIC_JOB_COST, [], None),
    ],
)
def test_data_are_due_as_often_as_they_are_told(metric: str, told: Iterable[int], coverage: float | None):
    found = coverage_in(standing(measured(metric), told_at(told)), WINDOW)
    assert found == (None if coverage is None else pytest.approx(coverage, abs=0.005))


def test_a_short_window_is_measured_by_what_an_entity_told_before():
    seldom = standing(measured(METRIC_MEMORY_T2), told_at(range(0, 600, 60)))
    assert coverage_in(seldom, Window(start_ns=545 * MINUTE_NS, end_ns=590 * MINUTE_NS)) == 1.0


def test_who_is_expected_and_never_told_anything_lacks_all():
    ledger = Ledger(HOUR_NS)
    ledger.expect(0)
    assert coverage_in(standing(measured(METRIC_MEMORY_T2), ledger), WINDOW) == 0.0
