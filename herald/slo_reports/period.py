"""Over what time a report speaks: the last so many days, or a calendar month, quarter or year in a time zone."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from model.clock import MINUTE_NS, to_datetime
from model.errors import InvalidInputError
from model.windows import Window, render_duration
from slo.period import CalendarPeriod, CalendarUnit, to_instant_ns
from slo.recurrence import find_zone

_FORMS = re.compile(r"(?P<year>19[7-9]\d|20\d\d|21\d\d)(-(?P<month>0[1-9]|1[0-2])|-Q(?P<quarter>[1-4]))?")
_UNITS = {"month": CalendarUnit.MONTH, "quarter": CalendarUnit.QUARTER, "year": CalendarUnit.YEAR}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPeriod:
    """A window with a name for people, e.g. `October 2026`, and the zone whose months it is told in."""

    label: str
    window: Window
    zone: str = "UTC"

    def until(self, judged_ns: int) -> "ReportPeriod":
        """Return what of it has been judged. Raises InvalidInputError where that is nothing."""
        if judged_ns <= self.window.start_ns:
            raise InvalidInputError(f"nothing of {self.label} has been judged yet", remedy="choose an earlier period")
        if judged_ns >= self.window.end_ns:
            return self
        window = Window(start_ns=self.window.start_ns, end_ns=judged_ns)
        return ReportPeriod(label=f"{self.label} so far", window=window, zone=self.zone)


def rolling_period(length_ns: int, end_ns: int, zone: str = "UTC") -> ReportPeriod:
    """Return the `length_ns` before a moment."""
    window = Window(start_ns=end_ns - length_ns, end_ns=end_ns)
    return ReportPeriod(label=f"the last {render_duration(length_ns)}", window=window, zone=zone)


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
    return ReportPeriod(label=label, window=_calendar(unit, zone).around(start_ns + MINUTE_NS), zone=zone)


def last_period(unit: str, now_ns: int, zone: str = "UTC") -> str:
    """Return the name of the last whole `month`, `quarter` or `year` before a moment, as `parse_period` reads it."""
    this = _calendar(unit, zone).around(now_ns)
    last = to_datetime(this.start_ns - MINUTE_NS).astimezone(find_zone(zone))
    if unit == "quarter":
        return f"{last.year}-Q{(last.month + 2) // 3}"
    return f"{last:%Y-%m}" if unit == "month" else str(last.year)


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


def _calendar(unit: str, zone: str) -> CalendarPeriod:
    find_zone(zone)
    return CalendarPeriod(start="2000-01-01 00:00:00", zone=zone, count=1, unit=_UNITS[unit])
