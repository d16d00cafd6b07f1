"""A report's period is named on the clocks of a time zone."""

from datetime import UTC, datetime

import pytest

from herald.report_period import last_period, month_label, months_before, parse_period
from model.clock import HOUR_NS, format_time, to_ns
from model.errors import InvalidInputError


@pytest.mark.parametrize(
    ("text", "zone", "start", "end", "label"),
    [
        ("2026-10", "UTC", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", "October 2026"),
        ("2026-10", "Europe/Amsterdam", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z", "October 2026"),
        ("2026-03", "America/New_York", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z", "March 2026"),
        ("2026-Q4", "Pacific/Auckland", "2026-09-30T11:00:00Z", "2026-12-31T11:00:00Z", "quarter 4 of 2026"),
        ("2024-02", "UTC", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z", "February 2024"),
        ("2026", "Asia/Kathmandu", "2025-12-31T18:15:00Z", "2026-12-31T18:15:00Z", "2026"),
    ],
)
def test_periods_follow_the_clocks_of_their_zone(text: str, zone: str, start: str, end: str, label: str):
    told = parse_period(text, zone)
    assert (format_time(told.window.start_ns), format_time(told.window.end_ns), told.label) == (start, end, label)


@pytest.mark.parametrize("text", ["", "0000", "0000-01", "1969-12", "2200", "9999-12", "2026-0", "2026-Q5", "2026-1"])
def test_what_names_no_period_is_refused(text: str):
    with pytest.raises(InvalidInputError, match="is no period"):
        parse_period(text)


@pytest.mark.parametrize(
    ("unit", "zone", "told"),
    [
        ("month", "UTC", "2026-09"),
        ("month", "Pacific/Auckland", "2026-10"),
        ("quarter", "UTC", "2026-Q3"),
        ("year", "UTC", "2025"),
    ],
)
def test_the_last_whole_period_depends_on_the_zone(unit: str, zone: str, told: str):
    late_in_october_ns = to_ns(datetime(2026, 10, 31, 12, tzinfo=UTC))
    assert last_period(unit, late_in_october_ns, zone) == told


def test_twelve_months_end_with_the_one_that_closes_then():
    zone = "Europe/Amsterdam"
    october = parse_period("2026-10", zone).window
    labels = [month_label(month, zone) for month in months_before(october.end_ns, zone, 12)]
    assert (labels[0], labels[-1], len(set(labels))) == ("2025-11", "2026-10", 12)
    assert month_label(months_before(october.end_ns + HOUR_NS, zone, 1)[0], zone) == "2026-11"
