"""Windows of time and how long they are.

A window is `(start, end]`, as in the OpenTelemetry data model: a count whose window ends exactly on a
minute belongs to the minute that ends there. A minute is named by its start.
"""

import re
from dataclasses import dataclass

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS, format_time
from model.errors import InvalidInputError

_UNITS_NS = {"s": SECOND_NS, "m": MINUTE_NS, "h": HOUR_NS, "d": DAY_NS, "w": 7 * DAY_NS}
_LONGEST_NS = 36_525 * DAY_NS
_DURATION = re.compile(r"(\d+)([smhdw])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time after `start_ns` up to and including `end_ns`."""

    start_ns: int
    end_ns: int

    def __post_init__(self) -> None:
        """Refuse a window that ends before it starts."""
        if self.end_ns < self.start_ns:
            raise InvalidInputError(
                f"the window ends at {format_time(self.end_ns)}, before its start {format_time(self.start_ns)}",
                remedy="swap the two times",
            )

    @property
    def length_ns(self) -> int:
        """Return the length in nanoseconds."""
        return self.end_ns - self.start_ns

    def minutes(self) -> range:
        """Return the start of each whole minute inside the window."""
        first = -(-self.start_ns // MINUTE_NS) * MINUTE_NS
        return range(first, self.end_ns - MINUTE_NS + 1, MINUTE_NS)


def minute_of(end_ns: int) -> int:
    """Return the start of the minute that the moment `end_ns` closes or lies in.

    >>> minute_of(120 * SECOND_NS) // SECOND_NS     # 00:02:00 closes the minute that starts at 00:01:00
    60
    """
    return (end_ns - 1) // MINUTE_NS * MINUTE_NS


def floor_minute(when_ns: int) -> int:
    """Return the start of the minute in which `when_ns` lies, counting its own start in."""
    return when_ns // MINUTE_NS * MINUTE_NS


def parse_duration(text: str) -> int:
    """Return a duration such as `90s`, `5m`, `1h`, `3d` or `4w` in nanoseconds.

    Raises InvalidInputError for anything else, `1h30m`, fractions and more than a hundred years included.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise InvalidInputError(
            f"{text!r} is not a duration", remedy="write a whole number and one of s, m, h, d, w, e.g. 28d"
        )
    length_ns = int(match[1]) * _UNITS_NS[match[2]]
    if length_ns > _LONGEST_NS:
        raise InvalidInputError(f"{text!r} is longer than a hundred years", remedy="give a shorter duration")
    return length_ns


def render_duration(length_ns: int) -> str:
    """Return the shortest exact form that `parse_duration` reads, e.g. `28d` (never weeks) or `90s`."""
    for unit in ("d", "h", "m"):
        if length_ns >= _UNITS_NS[unit] and length_ns % _UNITS_NS[unit] == 0:
            return f"{length_ns // _UNITS_NS[unit]}{unit}"
    seconds, rest_ns = divmod(length_ns, SECOND_NS)
    return f"{seconds}.{rest_ns:09d}".rstrip("0") + "s" if rest_ns else f"{seconds}s"
