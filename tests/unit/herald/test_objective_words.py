"""What `herald slo list` says of windows, methods and parts."""

from dataclasses import replace
from decimal import Decimal

import pytest

from herald.objective_words import describe_objective, render_method, render_window
from model.clock import DAY_NS, MINUTE_NS
from model.queries import MetricQuery, Reducer
from slo import (
    BudgetingMethod,
    CalendarPeriod,
    CalendarUnit,
    Component,
    CompositeIndicator,
    Objective,
    RatioIndicator,
)

READS = RatioIndicator(
    total=MetricQuery(metric="quantum.memory.reads", reducer=Reducer.SUM),
    good=MetricQuery(metric="quantum.memory.reads", reducer=Reducer.SUM),
)
ROLLING = Objective(name="reads", service="memory", indicator=READS, target=Decimal("0.99"), window_ns=28 * DAY_NS)
MONTHLY = replace(
    ROLLING,
    window_ns=30 * DAY_NS,
    calendar=CalendarPeriod(start="2026-01-31 00:00:00", zone="Europe/Amsterdam", count=1, unit=CalendarUnit.MONTH),
)
SLICED = replace(ROLLING, method=BudgetingMethod.TIMESLICES, slice_ns=5 * MINUTE_NS, slice_target=Decimal("0.9"))
COMPOSITE = replace(
    ROLLING,
    indicator=CompositeIndicator(
        components=(
            Component(name="reads", indicator=READS, target=Decimal("0.99"), weight=Decimal(3)),
            Component(name="writes", indicator=READS, target=Decimal("0.9")),
        )
    ),
)


@pytest.mark.parametrize(("objective", "words"), [(ROLLING, "28d"), (MONTHLY, "1M of Europe/Amsterdam")])
def test_a_window_rolls_or_is_a_calendars(objective: Objective, words: str):
    assert render_window(objective) == words


@pytest.mark.parametrize(
    ("objective", "words"),
    [(ROLLING, "Occurrences"), (SLICED, "Timeslices of 5m"), (COMPOSITE, "Occurrences, 2 parts")],
)
def test_a_method_names_its_slices_and_parts(objective: Objective, words: str):
    assert render_method(objective) == words


def test_a_program_hears_the_calendar():
    described = describe_objective(MONTHLY)
    assert (described["window"], described["calendar"]) == (
        "30d",
        {"period": "1M", "start": "2026-01-31 00:00:00", "zone": "Europe/Amsterdam"},
    )


def test_a_program_hears_the_slices_only_where_there_are_any():
    assert describe_objective(SLICED)["slice"] == {"length": "5m", "target": 0.9}
    assert describe_objective(ROLLING)["slice"] is None


def test_a_program_hears_the_parts_of_a_composite():
    assert describe_objective(COMPOSITE)["parts"] == [
        {"name": "reads", "target": 0.99, "weight": 3.0},
        {"name": "writes", "target": 0.9, "weight": 1.0},
    ]
