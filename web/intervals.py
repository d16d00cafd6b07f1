"""Time ranges and step widths as Grafana reads them: `now-6h`, `now/d`, `$__interval`.

Pure arithmetic on integers; the time that `now` means is a parameter. Everything is rounded in UTC.
"""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

from model.errors import InvalidInputError

_MAX_MS = 253_402_300_799_000  # the end of the year 9999, the last that datetime knows

_STEPS_MS = (
    (10, 1), (15, 10), (35, 20), (75, 50), (150, 100), (350, 200), (750, 500), (1500, 1000), (3500, 2000),
    (7500, 5000), (12_500, 10_000), (17_500, 15_000), (25_000, 20_000), (45_000, 30_000), (90_000, 60_000),
    (210_000, 120_000), (450_000, 300_000), (750_000, 600_000), (1_050_000, 900_000), (1_500_000, 1_200_000),
    (2_700_000, 1_800_000), (5_400_000, 3_600_000), (9_000_000, 7_200_000), (16_200_000, 10_800_000),
    (32_400_000, 21_600_000), (86_400_000, 43_200_000), (604_800_000, 86_400_000), (1_814_400_000, 604_800_000),
    (3_628_800_000, 2_592_000_000),
)  # fmt: skip
"""(below this many ms, use this step), from Grafana's `rangeutil.ts`."""

_YEAR_MS = 31_536_000_000
_NAMED_UNITS_MS = (
    (_YEAR_MS, "y"),
    (604_800_000, "w"),
    (86_400_000, "d"),
    (3_600_000, "h"),
    (60_000, "m"),
    (1000, "s"),
    (1, "ms"),
)

_GO_UNITS_S = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_GO_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_CALENDAR = re.compile(r"(\d+)([dwMy])")
_DATE_MATH = re.compile(r"now((?:[+-]\d+[smhdwMQy]|/[smhdwMQy])*)")
_DATE_MATH_STEP = re.compile(r"([+-])(\d+)([smhdwMQy])|/([smhdwMQy])")
_FIXED_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_MONTHS = {"M": 1, "Q": 3, "y": 12}


def round_interval_ms(interval_ms: float) -> int:
    """Return the step that Grafana uses for an ideal step of `interval_ms`."""
    return next((step for below, step in _STEPS_MS if interval_ms < below), _YEAR_MS)


def choose_interval_ms(from_ms: int, to_ms: int, max_points: int, at_least_ms: int) -> int:
    """Return the step width for a range drawn with `max_points`; never finer than `at_least_ms`.

    >>> choose_interval_ms(0, 6 * 3_600_000, 800, 10_000)     # 27 s
    30000
    """
    return max(round_interval_ms((to_ms - from_ms) / max(max_points, 1)), at_least_ms)


def render_interval(interval_ms: int) -> str:
    """Return the largest single unit, floored: 90 s is `1m`."""
    return next((f"{interval_ms // size}{unit}" for size, unit in _NAMED_UNITS_MS if interval_ms >= size), "1ms")


def parse_interval_s(text: str, now_ms: int) -> float:
    """Return the seconds of a Go duration (`1h30m`, `300ms`, `1.5h`) or a count of `d`, `w`, `M` or `y`.

    Months and years are as long as they are counted back from now. Raises InvalidInputError for anything else and
    for intervals of no length.
    """
    seconds = _parse_calendar_s(text, now_ms) if _CALENDAR.fullmatch(text) else _parse_go_duration_s(text)
    if seconds <= 0:
        raise InvalidInputError(f"error parsing interval {text}", remedy="write a duration such as 5m, 1h or 1d")
    return seconds


def parse_time_ms(text: str, now_ms: int, *, round_up: bool = False) -> int:
    """Return epoch milliseconds of `1700000000000`, `now-6h` or `now-1d/d`; `/` rounds down, or to the unit's end."""
    if text.isdecimal() and text.isascii():
        return _within_calendar(int(text), text)
    match = _DATE_MATH.fullmatch(text)
    if match is None:
        raise InvalidInputError(
            f"{text!r} is not a time", remedy="write epoch milliseconds or a relative time such as now-6h or now/d"
        )
    when_ms = now_ms
    for sign, count, unit, rounded_unit in _DATE_MATH_STEP.findall(match[1]):
        if rounded_unit:
            when_ms = _round_to_unit(when_ms, rounded_unit, round_up=round_up)
        else:
            when_ms = _shift(_within_calendar(when_ms, text), int(f"{sign}{count}"), unit, text)
    return _within_calendar(when_ms, text)


def parse_range_ms(start: str, end: str, now_ms: int) -> tuple[int, int]:
    """Return both ends of a time range in epoch milliseconds; refuse a range that ends before it starts."""
    from_ms, to_ms = parse_time_ms(start, now_ms), parse_time_ms(end, now_ms, round_up=True)
    if to_ms <= from_ms:
        raise InvalidInputError(f"the range {start} to {end} has no length", remedy="choose an end after the start")
    return from_ms, to_ms


def _parse_calendar_s(text: str, now_ms: int) -> float:
    count, unit = int(text[:-1]), text[-1]
    if unit in _FIXED_UNITS_S:
        return count * _FIXED_UNITS_S[unit]
    return (now_ms - _shift(now_ms, -count, unit, text)) / 1000


def _parse_go_duration_s(text: str) -> float:
    if not text or _GO_PART.sub("", text):
        raise InvalidInputError(f"error parsing interval {text}", remedy="write a duration such as 5m, 1h or 1d")
    return sum(float(count) * _GO_UNITS_S[unit] for count, unit in _GO_PART.findall(text))


def _within_calendar(when_ms: int, text: str) -> int:
    if not 0 <= when_ms <= _MAX_MS:
        raise InvalidInputError(f"{text!r} lies outside the years 1970 to 9999", remedy="choose a nearer time")
    return when_ms


def _shift(when_ms: int, count: int, unit: str, text: str) -> int:
    if unit in _FIXED_UNITS_S:
        return when_ms + count * _FIXED_UNITS_S[unit] * 1000
    when = _to_datetime(when_ms)
    months = when.year * 12 + when.month - 1 + count * _MONTHS[unit]
    year, month = divmod(months, 12)
    if not 1970 <= year <= 9999:
        raise InvalidInputError(f"{text!r} lies outside the years 1970 to 9999", remedy="choose a nearer time")
    day = min(when.day, monthrange(year, month + 1)[1])
    return _to_ms(when.replace(year=year, month=month + 1, day=day))


def _round_to_unit(when_ms: int, unit: str, *, round_up: bool) -> int:
    start_ms = _unit_start_ms(when_ms, unit)
    return _shift(start_ms, 1, unit, f"now/{unit}") - 1 if round_up else start_ms


def _unit_start_ms(when_ms: int, unit: str) -> int:
    if unit in "smhd":
        size_ms = _FIXED_UNITS_S[unit] * 1000
        return when_ms // size_ms * size_ms
    day = _to_datetime(when_ms).replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "w":  # Grafana's week starts where the locale says; ours on Monday
        return _to_ms(day - timedelta(days=day.weekday()))
    months = _MONTHS[unit]
    return _to_ms(day.replace(month=(day.month - 1) // months * months + 1, day=1))


def _to_datetime(when_ms: int) -> datetime:
    return datetime.fromtimestamp(when_ms // 1000, UTC) + timedelta(milliseconds=when_ms % 1000)


def _to_ms(when: datetime) -> int:
    return round((when - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
