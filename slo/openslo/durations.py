"""OpenSLO's duration shorthand: a whole number and one of m, h, d, w, M, Q, Y. M is a month, m a minute."""

import re
from dataclasses import dataclass

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from slo.openslo.place import Place

_UNITS_NS = {
    "m": MINUTE_NS,
    "h": HOUR_NS,
    "d": DAY_NS,
    "w": 7 * DAY_NS,
    "M": 30 * DAY_NS,
    "Q": 90 * DAY_NS,
    "Y": 365 * DAY_NS,
}
_DURATION = re.compile(r"\s*\+?([0-9]{1,6})\s*([mhdwMQY])\s*")
_RULE = "write a whole number and one of m, h, d, w, M, Q, Y, e.g. 28d"


@dataclass(frozen=True, slots=True)
class Duration:
    """A number of units."""

    count: int
    unit: str

    @property
    def length_ns(self) -> int:
        """Return the nominal length in nanoseconds: a month counts 30 days, as in the reference SDK."""
        return self.count * _UNITS_NS[self.unit]


def read_shorthand(place: Place, *, required: bool = True, may_be_zero: bool = False) -> Duration | None:
    """Return the duration at `place`; None after reporting that there is none."""
    if isinstance(place.value, int) and not isinstance(place.value, bool):
        place.error(f"{place.value} has no unit; {_RULE}")
        return None
    text = place.text(required=required)
    if text is None:
        return None
    match = _DURATION.fullmatch(text)
    if match is None or (int(match[1]) == 0 and not may_be_zero):
        place.error(f"{text!r} is not a duration; {_RULE}")
        return None
    duration = Duration(int(match[1]), match[2])
    if text != f"{match[1]}{match[2]}":
        place.lint("odd-duration", f"{text!r} is read as {duration.count}{duration.unit}; write it so")
    return duration


def read_duration(place: Place, *, required: bool = True, may_be_zero: bool = False) -> int | None:
    """Return the length at `place` in nanoseconds, saying aloud where a calendar's unit becomes days."""
    duration = read_shorthand(place, required=required, may_be_zero=may_be_zero)
    if duration is None:
        return None
    if duration.unit in "MQY":
        days = duration.length_ns // DAY_NS
        place.lint("calendar-unit", f"{place.value} without a calendar counts as {days} days; write {days}d")
    return duration.length_ns


def read_slice(place: Place) -> int | None:
    """Return the length of a time slice in nanoseconds; a bare number is minutes, as the README of OpenSLO has it."""
    number = place.value
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 10**6:
        place.lint("bare-minutes", f"{number} is read as minutes; the reference SDK wants {number}m")
        return number * MINUTE_NS
    return read_duration(place)
