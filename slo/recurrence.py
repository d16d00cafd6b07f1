"""Stretches of time that come again by an RRULE (RFC 5545), on the clock of their own time zone.

A window from 02:00 to 04:00 each Sunday begins at 02:00 local time in summer and in winter, and lasts as long as the
first one did: it is 2 h long also in the night in which the clocks change.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrule, rrulestr

from model.clock import SECOND_NS, to_datetime
from model.errors import InvalidInputError
from model.windows import Window
from slo.period import to_instant_ns

_CLOCK_CHANGE = timedelta(days=1)


def recurring_windows(rule: str, first: Window, zone: str, within: Window) -> Iterator[Window]:
    """Yield the occurrences of `first` that overlap `within`, ascending; `rule` is e.g. `FREQ=WEEKLY;BYDAY=SU`."""
    local_zone = find_zone(zone)
    rules = _parse(rule, _local(first.start_ns, local_zone))
    begin = _local(within.start_ns - first.length_ns, local_zone) - _CLOCK_CHANGE
    end = _local(within.end_ns, local_zone) + _CLOCK_CHANGE
    for local in rules.between(begin, end, inc=True):
        start_ns = to_instant_ns(local, local_zone)
        if start_ns < within.end_ns and start_ns + first.length_ns > within.start_ns:
            yield Window(start_ns=start_ns, end_ns=start_ns + first.length_ns)


def check_rule(rule: str, zone: str) -> None:
    """Raise InvalidInputError for a rule or a zone that cannot be read, or a rule that repeats within a day."""
    find_zone(zone)
    _parse(rule, datetime(2026, 1, 1))  # noqa: DTZ001 - a local time, like all that rules compute with


def find_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name. Raises InvalidInputError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise InvalidInputError(
            f"{name!r} is no time zone", remedy="give an IANA name, e.g. Europe/Amsterdam"
        ) from exc


def _parse(rule: str, start: datetime) -> rrule:
    text = rule.removeprefix("RRULE:")
    if any(part in text.upper() for part in ("DTSTART", "\n", "SECONDLY", "MINUTELY", "HOURLY")):
        raise InvalidInputError(
            f"{rule!r} is more than a daily, weekly, monthly or yearly rule",
            remedy="give FREQ and its parts only, e.g. FREQ=WEEKLY;BYDAY=SU; the first occurrence tells the start",
        )
    try:
        parsed = rrulestr(text, dtstart=start)
    except (ValueError, TypeError) as exc:
        raise InvalidInputError(
            f"{rule!r} is no recurrence rule: {exc}", remedy="see RFC 5545, section 3.3.10"
        ) from exc
    assert isinstance(parsed, rrule)
    return parsed


def _local(when_ns: int, zone: ZoneInfo) -> datetime:
    return to_datetime(when_ns // SECOND_NS * SECOND_NS).astimezone(zone).replace(tzinfo=None)
