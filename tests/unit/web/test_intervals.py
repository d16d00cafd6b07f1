"""Steps and time ranges as Grafana computes them (`rangeutil.ts`, `datemath.ts`)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.clock import to_ns
from model.errors import InvalidInputError
from tests.unit.web.given import NOW_MS
from web.intervals import (
    choose_interval_ms,
    parse_interval_s,
    parse_range_ms,
    parse_time_ms,
    render_interval,
    round_interval_ms,
)

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@pytest.mark.parametrize(
    ("ideal_ms", "step_ms"),
    [
        (0.5, 1),
        (9.99, 1),
        (10, 10),
        (14, 10),
        (15, 20),
        (349, 200),
        (350, 500),
        (27_000, 30_000),
        (44_999, 30_000),
        (45_000, 60_000),
        (5_400_000, 2 * HOUR_MS),
        (32_400_000, DAY_MS // 2),
        (86_400_000, DAY_MS),
        (3_628_799_999, 30 * DAY_MS),
        (3_628_800_000, 365 * DAY_MS),
    ],
)
def test_an_ideal_step_is_rounded_as_in_the_table(ideal_ms, step_ms):
    assert round_interval_ms(ideal_ms) == step_ms


@pytest.mark.parametrize(
    ("hours", "points", "at_least_ms", "step_ms"),
    [
        (6, 800, 10_000, 30_000),
        (6, 800, 60_000, 60_000),
        (1, 10_000, 10_000, 10_000),
        (24 * 30, 1000, 10_000, HOUR_MS // 2),
    ],
)
def test_the_step_follows_from_range_and_width_but_has_a_lower_bound(hours, points, at_least_ms, step_ms):
    assert choose_interval_ms(0, hours * HOUR_MS, points, at_least_ms) == step_ms


@given(span=st.integers(1, 10 * 365 * DAY_MS), points=st.integers(1, 10_000))
def test_a_wider_panel_never_gets_a_coarser_step(span, points):
    assert choose_interval_ms(0, span, points + 1, 1) <= choose_interval_ms(0, span, points, 1)


@pytest.mark.parametrize(
    ("step_ms", "text"),
    [
        (1, "1ms"),
        (500, "500ms"),
        (1000, "1s"),
        (90_000, "1m"),
        (300_000, "5m"),
        (2 * DAY_MS, "2d"),
        (8 * DAY_MS, "1w"),
        (0, "1ms"),
    ],
)
def test_a_step_is_written_in_its_largest_whole_unit(step_ms, text):
    assert render_interval(step_ms) == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5m", 300), ("1h30m", 5400), ("300ms", 0.3), ("1.5h", 5400), ("20ms", 0.02), ("12d", 12 * 86_400),
     ("1w", 604_800), ("1M", 31 * 86_400), ("1y", 365 * 86_400)],
)  # fmt: skip
def test_an_interval_is_a_go_duration_or_a_count_of_calendar_units(text, seconds):
    assert parse_interval_s(text, NOW_MS) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "m", "5 m", "five", "-5m", "0s", "5m;", "1d12h", "1h x"])
def test_anything_else_is_no_interval(text):
    with pytest.raises(InvalidInputError, match="error parsing interval"):
        parse_interval_s(text, NOW_MS)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("1700000000000", "2023-11-14T22:13:20", "2023-11-14T22:13:20"),
        ("now", "2026-11-20T12:00:00", "2026-11-20T12:00:00"),
        ("now-6h", "2026-11-20T06:00:00", "2026-11-20T06:00:00"),
        ("now+1d-1h", "2026-11-21T11:00:00", "2026-11-21T11:00:00"),
        ("now/d", "2026-11-20T00:00:00", "2026-11-20T23:59:59.999"),
        ("now-1d/d", "2026-11-19T00:00:00", "2026-11-19T23:59:59.999"),
        ("now/w", "2026-11-16T00:00:00", "2026-11-22T23:59:59.999"),
        ("now/M", "2026-11-01T00:00:00", "2026-11-30T23:59:59.999"),
        ("now/Q", "2026-10-01T00:00:00", "2026-12-31T23:59:59.999"),
        ("now/y", "2026-01-01T00:00:00", "2026-12-31T23:59:59.999"),
        ("now-1y", "2025-11-20T12:00:00", "2025-11-20T12:00:00"),
        ("now-9M", "2026-02-20T12:00:00", "2026-02-20T12:00:00"),
    ],
)
def test_a_time_is_rounded_down_as_a_start_and_up_as_an_end(text, start, end):
    assert parse_time_ms(text, NOW_MS) == _ms(start)
    assert parse_time_ms(text, NOW_MS, round_up=True) == _ms(end)


def test_a_month_before_its_31st_is_the_last_day_of_the_shorter_month():
    assert parse_time_ms("now-1M", _ms("2026-03-31T00:00:00")) == _ms("2026-02-28T00:00:00")


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "now-", "now-6", "now-6x", "now/", "-5", "1e9", "٣", "now-6h; DROP TABLE point", "now - 6h"],
)
def test_anything_else_is_no_time(text):
    with pytest.raises(InvalidInputError, match="is not a time"):
        parse_time_ms(text, NOW_MS)


@pytest.mark.parametrize("text", ["now-1000y", "now+99999999d", "now+99999y", "9" * 20])
def test_a_time_outside_the_calendar_is_refused(text):
    with pytest.raises(InvalidInputError, match="outside the years"):
        parse_time_ms(text, NOW_MS)


def test_a_range_that_ends_before_it_starts_is_refused():
    with pytest.raises(InvalidInputError, match="has no length"):
        parse_range_ms("now", "now-1h", NOW_MS)


def _ms(text: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=UTC)) // 1_000_000
