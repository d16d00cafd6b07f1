"""Over what time a report speaks: the last so many days, or a calendar month, quarter or year in a time zone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from model.clock import MINUTE_NS, to_datetime
from model.errors import InvalidInputError
from model.windows import Window, render_duration
from slo.period import CalendarPeriod, CalendarUnit, to_instant_ns
from slo.recurrence import find_zone

_FORMS = re.compile(r"(?P<year>19[7-9]\d|20\d\d|21\d\d)(-(?P<month>0[1-9]|1[0-2])|-Q(?P<quarter>[1-4]))?")
_A_MONDAY = "2001-01-01 00:00:00"
_UNITS = {"month": CalendarUnit.MONTH, "quarter": CalendarUnit.QUARTER, "year": CalendarUnit.YEAR}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPeriod:
    """A window with a name for people, e.g. `October 2026`, and the zone whose months it is told in.

    Of an unfinished period `window` is what has been judged; it ends at `ends_ns`.
    """

    label: str
    window: Window
    zone: str = "UTC"
    ends_ns: int

    @property
    def is_complete(self) -> bool:
        """Return whether the whole period has been judged."""
        return self.window.end_ns == self.ends_ns

    def until(self, judged_ns: int) -> "ReportPeriod":
        """Return what of it has been judged. Raises InvalidInputError where that is nothing."""
        if judged_ns <= self.window.start_ns:
            raise InvalidInputError(f"nothing of {self.label} has been judged yet", remedy="choose an earlier period")
        if judged_ns >= self.window.end_ns:
            return self
        window = Window(start_ns=self.window.start_ns, end_ns=judged_ns)
        return replace(self, label=f"{self.label} so far", window=window)


def rolling_period(length_ns: int, end_ns: int, zone: str = "UTC") -> ReportPeriod:
    """Return the `length_ns` before a moment."""
    window = Window(start_ns=end_ns - length_ns, end_ns=end_ns)
    return ReportPeriod(label=f"the last {render_duration(length_ns)}", window=window, zone=zone, ends_ns=end_ns)


def parse_period(text: str, zone: str = "UTC") -> ReportPeriod:
    """Return the period that `2026-10`, `2026-Q4` or `2026` names, on the clocks of an IANA time zone.

    Raises InvalidInputError for any other text or an unknown zone.
    """
    found = _FORMS.fullmatch(text)
    if found is None:
        raise InvalidInputError(
            f"{text!r} is no period", remedy="write a month 2026-10, a quarter 2026-Q4, a year 2026"
        )
    year, month, quarter = int(found["year"]), int(found["month"] or 1), int(found["quarter"] or 0)
    unit = "quarter" if quarter else "month" if found["month"] else "year"
    first = datetime(year, 3 * quarter - 2 if quarter else month, 1)  # noqa: DTZ001 - a local time
    start_ns = to_instant_ns(first, find_zone(zone))
    label = f"{first:%B %Y}" if unit == "month" else f"quarter {quarter} of {year}" if quarter else str(year)
    window = _calendar(unit, zone).around(start_ns + MINUTE_NS)
    return ReportPeriod(label=label, window=window, zone=zone, ends_ns=window.end_ns)


def last_period(unit: str, now_ns: int, zone: str = "UTC") -> str:
    """Return the name of the last whole `month`, `quarter` or `year` before a moment, as `parse_period` reads it."""
    this = _calendar(unit, zone).around(now_ns)
    last = to_datetime(this.start_ns - MINUTE_NS).astimezone(find_zone(zone))
    if unit == "quarter":
        return f"{last.year}-Q{(last.month + 2) // 3}"
    return f"{last:%Y-%m}" if unit == "month" else str(last.year)


def ended_periods(unit: str, known: Window, zone: str) -> Iterator[str]:
    """Yield the names of the calendar periods that ended inside a window, the latest first."""
    at_ns = known.end_ns
    while True:
        name = last_period(unit, at_ns, zone)
        at_ns = parse_period(name, zone).window.end_ns
        if at_ns <= known.start_ns:
            return
        yield name


def last_week_end(now_ns: int, zone: str) -> int:
    """Return the last moment before another at which a Monday began on the clocks of a time zone."""
    return CalendarPeriod(start=_A_MONDAY, zone=zone, count=1, unit=CalendarUnit.WEEK).around(now_ns).start_ns


def months_before(end_ns: int, zone: str, count: int) -> list[Window]:
    """Return the calendar months up to the one that ends at or after a moment, oldest first."""
    months = [_calendar("month", zone).around(end_ns)]
    while len(months) < count:
        months.insert(0, _calendar("month", zone).around(months[0].start_ns))
    return months


def month_label(month: Window, zone: str) -> str:
    """Return `2026-10`."""
    middle = to_datetime(month.start_ns) + timedelta(days=14)
    return f"{middle.astimezone(find_zone(zone)):%Y-%m}"


def name_report(name: str, period: ReportPeriod, service: str = "") -> str:
    """Return the name of a report's files without their suffix, given what its period was asked for by.

    >>> name_report("2026-10", parse_period("2026-10", "Europe/Amsterdam"), "quantum-memory")
    '2026-10.Europe-Amsterdam.quantum-memory'
    """
    zone = "" if period.zone == "UTC" else period.zone.replace("/", "-")
    return ".".join(filter(None, (name, zone, service, "" if period.is_complete else "so-far")))


def name_rolling(window: str, as_of_ns: int, zone: str) -> str:
    """Return by what a rolling window that ends at a chosen moment is named: `28d-to-2026-11-23`, with a time of day.

    >>> name_rolling("7d", 0, "UTC"), name_rolling("7d", 90 * MINUTE_NS, "UTC")
    ('7d-to-1970-01-01', '7d-to-1970-01-01T0130')
    """
    local = to_datetime(as_of_ns).astimezone(find_zone(zone))
    return f"{window}-to-{local:%Y-%m-%d}{'' if (local.hour, local.minute) == (0, 0) else f'{local:T%H%M}'}"


def _calendar(unit: str, zone: str) -> CalendarPeriod:
    find_zone(zone)
    return CalendarPeriod(start="2000-01-01 00:00:00", zone=zone, count=1, unit=_UNITS[unit])
