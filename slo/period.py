"""Over what time an objective keeps account: a rolling window, or a true calendar period in its own time zone.

Calendar arithmetic happens on the local clock: a day in which clocks go back has 25 hours, a month has the days that
it has. A local time that a clock change skips is taken as the moment that it would have been without the change
(RFC 5545), one that comes twice as the first.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from model.clock import DAY_NS, SECOND_NS, to_datetime
from model.windows import Window


class CalendarUnit(StrEnum):
    """The units of OpenSLO's durations that a calendar can count."""

    DAY = "d"
    WEEK = "w"
    MONTH = "M"
    QUARTER = "Q"
    YEAR = "Y"


_DAYS = {CalendarUnit.DAY: 1, CalendarUnit.WEEK: 7}
_MONTHS = {CalendarUnit.MONTH: 1, CalendarUnit.QUARTER: 3, CalendarUnit.YEAR: 12}
_LONGEST_DAYS = {
    CalendarUnit.DAY: 1,
    CalendarUnit.WEEK: 7,
    CalendarUnit.MONTH: 31,
    CalendarUnit.QUARTER: 92,
    CalendarUnit.YEAR: 366,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPeriod:
    """Periods of `count` units, one after the other, from a local time on.

    `start` is `YYYY-MM-DD hh:mm:ss` in `zone`, an IANA name. The nth period starts at `start` plus n times the count:
    a month after 31 January is the last day of February, and the next one 31 March again.
    """

    start: str
    zone: str
    count: int
    unit: CalendarUnit

    @property
    def name(self) -> str:
        """Return what a period is called: `calendar month`, `2 calendar weeks`."""
        unit = self.unit.name.lower()
        return f"calendar {unit}" if self.count == 1 else f"{self.count} calendar {unit}s"

    @property
    def longest_ns(self) -> int:
        """Return a length that no period exceeds, a clock change included."""
        return self.count * _LONGEST_DAYS[self.unit] * DAY_NS + DAY_NS

    def around(self, at_ns: int) -> Window:
        """Return the period that `at_ns` lies in; the moment at which one ends and the next begins closes the former.

        There is a period at any time, before `start` too.
        """
        return _around(self, at_ns)

    def nth_start(self, n: int) -> int:
        """Return the moment at which the nth period begins, counted from 0."""
        first = datetime.fromisoformat(self.start)
        if self.unit in _DAYS:
            local = first + timedelta(days=n * self.count * _DAYS[self.unit])
        else:
            local = _add_months(first, n * self.count * _MONTHS[self.unit])
        return to_instant_ns(local, ZoneInfo(self.zone))

    def _guess(self, at_ns: int) -> int:
        local = to_datetime(at_ns).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        first = datetime.fromisoformat(self.start)
        if self.unit in _DAYS:
            return (local - first).days // (self.count * _DAYS[self.unit])
        months = (local.year - first.year) * 12 + local.month - first.month
        return months // (self.count * _MONTHS[self.unit])


def to_instant_ns(local: datetime, zone: ZoneInfo) -> int:
    """Return the moment (Unix time) at which clocks in `zone` show `local`, which has no zone of its own."""
    return round(local.replace(tzinfo=zone).timestamp()) * SECOND_NS


@lru_cache(maxsize=4096)
def _around(period: CalendarPeriod, at_ns: int) -> Window:
    n = period._guess(at_ns)  # noqa: SLF001 - the same module; off by one where days are cut or clocks change
    while period.nth_start(n) >= at_ns:
        n -= 1
    while period.nth_start(n + 1) < at_ns:
        n += 1
    return Window(start_ns=period.nth_start(n), end_ns=period.nth_start(n + 1))


def _add_months(local: datetime, months: int) -> datetime:
    """Return the same day and time so many months later, or the last day of a month that is too short."""
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    return local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))
