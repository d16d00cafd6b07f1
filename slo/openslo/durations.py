"""OpenSLO's duration shorthand: a whole number and one of m, h, d, w, M, Q, Y. M is a month, m a minute."""

import re

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
_DURATION = re.compile(r"([0-9]{1,6})([mhdwMQY])")


def read_duration(place: Place, *, required: bool = True, may_be_zero: bool = False) -> int | None:
    """Return the duration at `place` in nanoseconds; a month counts 30 days, as in the reference SDK."""
    if isinstance(place.value, int) and not isinstance(place.value, bool):
        place.error(f"{place.value} has no unit; write a whole number and one of m, h, d, w, M, Q, Y, e.g. 28d")
        return None
    text = place.text(required=required)
    if text is None:
        return None
    match = _DURATION.fullmatch(text)
    if match is None or (int(match[1]) == 0 and not may_be_zero):
        place.error(f"{text!r} is not a duration; write a whole number and one of m, h, d, w, M, Q, Y, e.g. 28d")
        return None
    length_ns = int(match[1]) * _UNITS_NS[match[2]]
    if match[2] in "MQY":
        days = length_ns // DAY_NS
        place.lint("calendar-unit", f"{text} of a rolling window counts as {days} days; write {days}d")
    return length_ns


def read_window(place: Place) -> int | None:
    """Return the length of an SLO's window; a few minutes are refused, because `1m` was meant as a month."""
    length_ns = read_duration(place)
    if length_ns is not None and length_ns < DAY_NS:
        hint = "; m means minutes, write 30d for a month" if str(place.value).endswith("m") else ""
        place.error(f"{place.value} is shorter than a day, too short for a budget{hint}")
        return None
    return length_ns
