from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from model import names
from model.clock import MINUTE_NS
from model.queries import Group, MetricQuery, Reducer
from model.windows import Window
from slo import (
    PARTS,
    BudgetingMethod,
    Comparison,
    Objective,
    RatioIndicator,
    Silence,
    SliMinute,
    ThresholdIndicator,
    compute_minutes,
    find_anomalies,
)
from tests.unit.slo.telemetry import (
    DELFT,
    GOOD_READS,
    HAGUE,
    READ_SUCCESS,
    READS,
    ListedSource,
    first_minutes,
    minute,
)

BAD_READS = replace(READS, filters=((names.ATTR_OUTCOME, ("failure",)),))
FIDELITY = MetricQuery(metric=names.METRIC_LINK_FIDELITY, reducer=Reducer.COUNT, above=0.85)
ATTEMPTS = MetricQuery(metric=names.METRIC_LINK_ATTEMPTS, reducer=Reducer.SUM)
TEN_MINUTES = first_minutes(10)
AVAILABILITY = replace(
    READ_SUCCESS,
    indicator=ThresholdIndicator(value=FIDELITY, comparison=Comparison.GTE, bound=Decimal(60), zero_while=ATTEMPTS),
)
SLICES = replace(READ_SUCCESS, method=BudgetingMethod.TIMESLICES, slice_ns=5 * MINUTE_NS, slice_target=Decimal("0.9"))


def tallies(
    objective: Objective, source: ListedSource, window: Window = TEN_MINUTES, expected: Sequence[Group] = ()
) -> list[tuple[int, int, int]]:
    minutes = compute_minutes(objective, source, window, expected=expected)
    return [(m.minute_ns, m.good, m.total) for m in minutes]


def test_good_and_total_events_are_counted_per_group_and_minute():
    source = ListedSource().add(READS, 0, 10).add(GOOD_READS, 0, 9).add(READS, 0, 4, HAGUE)
    assert compute_minutes(READ_SUCCESS, source, first_minutes(5)) == [
        SliMinute(DELFT, minute(0), 9, 10),
        SliMinute(HAGUE, minute(0), 0, 4),
    ]


def test_bad_events_leave_the_rest_good():
    objective = replace(READ_SUCCESS, indicator=RatioIndicator(bad=BAD_READS, total=READS))
    source = ListedSource().add(READS, 0, 10).add(BAD_READS, 0, 3).add(READS, 1, 10)
    assert tallies(objective, source) == [(minute(0), 7, 10), (minute(1), 10, 10)]


def test_minutes_without_data_are_not_made_up():
    assert tallies(READ_SUCCESS, ListedSource().add(READS, 7, 1)) == [(minute(7), 0, 1)]


def test_more_good_than_total_events_stay_as_reported_and_are_named():
    source = ListedSource().add(READS, 0, 9).add(GOOD_READS, 0, 10)
    minutes = compute_minutes(READ_SUCCESS, source, first_minutes(1))
    assert find_anomalies(minutes) == [SliMinute(DELFT, minute(0), 10, 9)]


@pytest.mark.parametrize(
    ("comparison", "value", "good"),
    [
        (Comparison.GTE, 0.95, 1),
        (Comparison.GTE, 0.9499999, 0),
        (Comparison.GT, 0.95, 0),
        (Comparison.LTE, 0.95, 1),
        (Comparison.LT, 0.95, 0),
        (Comparison.LT, 0.94, 1),
    ],
)
def test_a_minute_is_one_event_that_the_bound_judges(comparison, value, good):
    mean = MetricQuery(metric=names.METRIC_MEMORY_FIDELITY, reducer=Reducer.MEAN)
    indicator = ThresholdIndicator(value=mean, comparison=comparison, bound=Decimal("0.95"))
    objective = replace(READ_SUCCESS, indicator=indicator)
    assert tallies(objective, ListedSource().add(mean, 0, value)) == [(minute(0), good, 1)]


def test_a_link_that_attempts_without_a_pair_is_down():
    source = ListedSource().add(ATTEMPTS, 0, 1e6).add(ATTEMPTS, 1, 1e6).add(FIDELITY, 1, 60)
    assert tallies(AVAILABILITY, source) == [(minute(0), 0, 1), (minute(1), 1, 1)]


def test_a_slice_is_good_at_exactly_its_target():
    source = ListedSource().add(READS, 0, 10).add(GOOD_READS, 0, 8).add(READS, 3, 10).add(GOOD_READS, 3, 10)
    assert tallies(SLICES, source) == [(minute(4), 1, 1)]


def test_a_slice_just_below_its_target_is_bad():
    source = ListedSource().add(READS, 0, 100).add(GOOD_READS, 0, 89)
    assert tallies(SLICES, source) == [(minute(4), 0, 1)]


def test_a_slice_with_telemetry_but_without_events_judges_nothing():
    assert tallies(SLICES, ListedSource().add(READS, 0, 0)) == [(minute(4), 0, 0)]


def test_one_late_minute_reopens_its_whole_slice():
    source = ListedSource().add(READS, 0, 10).add(READS, 4, 10).add(GOOD_READS, 4, 10)
    window = Window(start_ns=minute(4), end_ns=minute(5))
    assert tallies(SLICES, source, window) == [(minute(4), 0, 1)]


def test_bad_silence_counts_every_silent_minute_of_an_expected_entity():
    objective = replace(READ_SUCCESS, silence=Silence.BAD)
    source = ListedSource().add(READS, 1, 5).add(GOOD_READS, 1, 5)
    assert tallies(objective, source, first_minutes(3), expected=[DELFT]) == [
        (minute(0), 0, 1),
        (minute(1), 5, 5),
        (minute(2), 0, 1),
    ]


def test_bad_silence_counts_silent_slices_once():
    objective = replace(SLICES, silence=Silence.BAD)
    assert tallies(objective, ListedSource(), expected=[DELFT]) == [(minute(4), 0, 1), (minute(9), 0, 1)]


RATIOS = replace(SLICES, method=BudgetingMethod.RATIO_TIMESLICES)


@pytest.mark.parametrize(
    ("good", "total", "parts"),
    [(999, 1000, 999_000_000), (1, 3, 333_333_333), (2, 3, 666_666_667), (0, 5, 0), (12, 10, PARTS)],
)
def test_a_slice_is_the_parts_of_it_that_are_good(good, total, parts):
    source = ListedSource().add(READS, 0, total).add(GOOD_READS, 0, good)
    assert tallies(RATIOS, source) == [(minute(4), parts, PARTS)]


def test_a_silent_slice_of_parts_is_bad_as_a_whole_where_silence_is_bad():
    objective = replace(RATIOS, silence=Silence.BAD)
    assert tallies(objective, ListedSource(), first_minutes(5), expected=[DELFT]) == [(minute(4), 0, PARTS)]
