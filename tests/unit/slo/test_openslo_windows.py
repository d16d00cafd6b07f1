"""Time windows and slices: what rolls, what a calendar counts, what is a minute and what a month."""

from decimal import Decimal

import pytest

from model.clock import DAY_NS, MINUTE_NS
from slo import BudgetingMethod, CalendarPeriod, CalendarUnit, Objective
from slo.openslo import read_texts
from tests.unit.slo.openslo_texts import THRESHOLD, VALID

CALENDAR = "calendar: {startTime: 2026-01-31 00:00:00, timeZone: Europe/Amsterdam}"


def only(text: str) -> Objective:
    reading = read_texts({"a.yaml": text})
    assert reading.reports[0].errors == []
    (objective,) = reading.objectives
    return objective


def codes(text: str, *, errors: bool = False) -> list[str]:
    report = read_texts({"a.yaml": text}).reports[0]
    return [error.code for error in report.errors] if errors else [lint.code for lint in report.lints]


@pytest.mark.parametrize(
    ("duration", "count", "unit", "days"),
    [
        ("1d", 1, CalendarUnit.DAY, 1),
        ("2w", 2, CalendarUnit.WEEK, 14),
        ("1M", 1, CalendarUnit.MONTH, 30),
        ("1Q", 1, CalendarUnit.QUARTER, 90),
        ("1Y", 1, CalendarUnit.YEAR, 365),
    ],
)
def test_a_calendar_window_has_a_period_and_a_nominal_length(duration, count, unit, days):
    objective = only(VALID.replace("28d", duration).replace("isRolling: true", CALENDAR))
    assert objective.window_ns == days * DAY_NS
    assert objective.calendar == CalendarPeriod(
        start="2026-01-31 00:00:00", zone="Europe/Amsterdam", count=count, unit=unit
    )


def test_a_calendar_window_may_say_that_it_does_not_roll():
    assert only(VALID.replace("isRolling: true", f"isRolling: false\n      {CALENDAR}")).calendar is not None


def test_a_window_that_rolls_has_no_calendar():
    assert only(VALID).calendar is None


def test_a_start_that_the_sdk_accepts_is_made_regular():
    calendar = only(VALID.replace("isRolling: true", CALENDAR.replace("00:00:00", "7:05:00.25"))).calendar
    assert calendar is not None
    assert calendar.start == "2026-01-31 07:05:00"


@pytest.mark.parametrize("window", ["isRolling: true", CALENDAR], ids=["rolling", "calendar"])
def test_a_minute_is_not_taken_for_a_month(window):
    assert codes(VALID.replace("28d", "1m").replace("isRolling: true", window), errors=True) == [
        "minutes-for-a-month"
    ]


def test_a_bare_number_of_a_slice_is_minutes():
    text = THRESHOLD.replace("timeSliceWindow: 5m", "timeSliceWindow: 5")
    assert (only(text).slice_ns, codes(text)) == (5 * MINUTE_NS, ["bare-minutes"])


def test_a_duration_with_a_space_is_read_and_remarked():
    text = VALID.replace("28d", '"28 d"')
    assert (only(text).window_ns, codes(text)) == (28 * DAY_NS, ["odd-duration"])


def test_ratio_slices_have_a_length_and_no_target():
    objective = only(
        VALID.replace("Occurrences", "RatioTimeslices").replace(
            "target: 0.99", "target: 0.99\n      timeSliceWindow: 5m"
        )
    )
    assert (objective.method, objective.slice_ns, objective.slice_target) == (
        BudgetingMethod.RATIO_TIMESLICES,
        5 * MINUTE_NS,
        Decimal(1),
    )
