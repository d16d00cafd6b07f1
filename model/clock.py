"""Time as a parameter.

Code below `herald/` never asks the machine what time it is: it is handed a `Clock`. Time travels as
integer nanoseconds since 1970-01-01 UTC (`_ns`), the unit of OTLP, or as an aware UTC `datetime`.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Tells the time and waits for it to pass."""

    def now_ns(self) -> int:
        """Return nanoseconds since 1970-01-01 UTC."""
        ...

    def sleep_until(self, when_ns: int) -> None:
        """Return once the clock shows at least `when_ns`; at once if it already does."""
        ...


class RealClock:
    """The machine's wall clock."""

    def now_ns(self) -> int:
        """Return nanoseconds since 1970-01-01 UTC."""
        return time.time_ns()

    def sleep_until(self, when_ns: int) -> None:
        """Sleep in slices of at most a second, so that a step of the clock is noticed."""
        while (left_ns := when_ns - self.now_ns()) > 0:
            time.sleep(min(left_ns, SECOND_NS) / SECOND_NS)


class VirtualClock:
    """A clock that moves only when it is told to: for history, back-tests and game days."""

    def __init__(self, start_ns: int) -> None:
        self._now_ns = start_ns

    def now_ns(self) -> int:
        """Return the virtual time in nanoseconds since 1970-01-01 UTC."""
        return self._now_ns

    def sleep_until(self, when_ns: int) -> None:
        """Jump to `when_ns`; time never runs backwards."""
        self._now_ns = max(self._now_ns, when_ns)


def to_datetime(when_ns: int) -> datetime:
    """Return `when_ns` as an aware UTC datetime, truncated to the microsecond."""
    return _EPOCH + timedelta(microseconds=when_ns // 1000)


def to_ns(when: datetime) -> int:
    """Return an aware datetime as nanoseconds since 1970-01-01 UTC, exactly."""
    delta = when - _EPOCH
    return ((delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds) * 1000


def format_time(when_ns: int) -> str:
    """Return `when_ns` as ISO 8601 UTC with a `Z`, to the second where it is whole."""
    text = to_datetime(when_ns).isoformat()
    return text.removesuffix("+00:00") + "Z"
