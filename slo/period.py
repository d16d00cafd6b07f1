"""Over what time an objective keeps account: a rolling window, or a true calendar period in its own time zone."""

from dataclasses import dataclass
from enum import StrEnum


class CalendarUnit(StrEnum):
    """The units of OpenSLO's durations that a calendar can count."""

    DAY = "d"
    WEEK = "w"
    MONTH = "M"
    QUARTER = "Q"
    YEAR = "Y"


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
