"""The good and total events of one entity, minute by minute, over the time that its objective looks back.

A ledger answers sums over any window that ends on a minute. Windows are (start, end]: the minute that starts at
`end - 1 min` is the last one in. It knows the difference between a minute with zero events and one without data.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.clock import DAY_NS, MINUTE_NS
from model.errors import InvalidInputError

LOOKBACK_MARGIN_NS = 3 * DAY_NS
"""What is kept beyond the objective's window, so that late data and the past three days can be judged."""

_SLACK_MINUTES = DAY_NS // MINUTE_NS

Int64s = NDArray[np.int64]


class CountedMinute(Protocol):
    """What a ledger reads of an SLI minute."""

    @property
    def minute_ns(self) -> int:
        """Return the start of the minute."""
        ...

    @property
    def good(self) -> int:
        """Return the good events."""
        ...

    @property
    def total(self) -> int:
        """Return all events."""
        ...


@dataclass(frozen=True, slots=True)
class Counts:
    """Events in a window, and the number of minutes in it that have data."""

    good: int
    total: int
    minutes: int = 0

    @property
    def bad(self) -> int:
        """Return the events that were not good; negative where the telemetry reports more good than total."""
        return self.total - self.good


@dataclass(frozen=True, slots=True)
class CountArrays:
    """`Counts` of many windows."""

    good: Int64s
    total: Int64s
    minutes: Int64s

    @property
    def bad(self) -> Int64s:
        """Return the events that were not good."""
        return self.total - self.good


class Ledger:
    """Minutes of one entity: `put` them in any order, as often as they change."""

    def __init__(self, window_ns: int) -> None:
        self._retained = (window_ns + LOOKBACK_MARGIN_NS) // MINUTE_NS
        size = self._retained + _SLACK_MINUTES
        self._good = np.zeros(size, dtype=np.int64)
        self._total = np.zeros(size, dtype=np.int64)
        self._present = np.zeros(size, dtype=np.int64)
        self._base: int | None = None  # the minute number of index 0

    def put(self, minute_ns: int, good: int, total: int) -> bool:
        """Set a minute's counts; return False where the minute is older than what is kept."""
        index = self._make_room(minute_ns)
        if index < 0:
            return False
        self._good[index], self._total[index], self._present[index] = good, total, 1
        return True

    def put_all(self, minutes: Iterable[CountedMinute]) -> None:
        """Set many minutes of this entity."""
        for minute in minutes:
            self.put(minute.minute_ns, minute.good, minute.total)

    def put_arrays(self, minutes_ns: Int64s, good: Int64s, total: Int64s) -> None:
        """Set many minutes at once; much faster than `put_all`."""
        if minutes_ns.size == 0:
            return
        self._make_room(int(minutes_ns.max()))
        indices = minutes_ns // MINUTE_NS - (self._base or 0)
        kept = indices >= 0
        self._good[indices[kept]] = good[kept]
        self._total[indices[kept]] = total[kept]
        self._present[indices[kept]] = 1

    def drop(self, minute_ns: int) -> None:
        """Forget a minute, as if it never had data."""
        index = self._index(minute_ns)
        if 0 <= index < self._good.size:
            self._good[index] = self._total[index] = self._present[index] = 0

    def counts(self, end_ns: int, length_ns: int) -> Counts:
        """Return the sums over the `length_ns` before `end_ns`; an unfinished last minute is left out."""
        span = self._slice(end_ns, length_ns)
        return Counts(int(self._good[span].sum()), int(self._total[span].sum()), int(self._present[span].sum()))

    def minutes_expected(self, end_ns: int, length_ns: int) -> int:
        """Return the minutes of the window that lie after the first one that ever had data."""
        first = self.first_data_ns
        if first is None:
            return 0
        return max(0, min(length_ns, _floor(end_ns) - first) // MINUTE_NS)

    @property
    def first_data_ns(self) -> int | None:
        """Return the start of the first minute with data that is still kept."""
        if self._base is None or not self._present.any():
            return None
        return (self._base + int(self._present.argmax())) * MINUTE_NS

    def last_data_ns(self, end_ns: int) -> int | None:
        """Return the end of the last minute with data that ended by `end_ns`."""
        present = self._present[: max(0, min(self._present.size, self._index(end_ns)))]
        if not present.any():
            return None
        last = present.size - 1 - int(present[::-1].argmax())
        return ((self._base or 0) + last + 1) * MINUTE_NS

    def sums(self) -> "RunningSums":
        """Return prefix sums for evaluating many windows at once; later puts do not change them."""
        return RunningSums(
            base=self._base or 0, good=_prefix(self._good), total=_prefix(self._total), present=self._present
        )

    def _index(self, when_ns: int) -> int:
        return when_ns // MINUTE_NS - (self._base or 0)

    def _slice(self, end_ns: int, length_ns: int) -> slice:
        end = self._index(end_ns)
        return slice(max(0, end - length_ns // MINUTE_NS), max(0, end))

    def _make_room(self, minute_ns: int) -> int:
        if minute_ns % MINUTE_NS:
            raise InvalidInputError(f"{minute_ns} ns is not the start of a minute", remedy="put counts by the minute")
        if self._base is None:
            self._base = minute_ns // MINUTE_NS - self._retained + 1
        index = self._index(minute_ns)
        if index >= self._good.size:
            self._forget(index - self._retained + 1)
            index = self._retained - 1
        return index

    def _forget(self, oldest: int) -> None:
        self._base = (self._base or 0) + oldest
        kept = max(0, self._good.size - oldest)
        for array in (self._good, self._total, self._present):
            array[:kept] = array[array.size - kept :].copy() if kept else 0
            array[kept:] = 0


class RunningSums:
    """Sums of a ledger from its first minute on: any window is one subtraction."""

    def __init__(self, *, base: int, good: Int64s, total: Int64s, present: Int64s) -> None:
        self._base = base
        self._good = good
        self._total = total
        self._present = _prefix(present)
        index = np.arange(1, present.size + 1)
        self._last = np.concatenate(([0], np.maximum.accumulate(np.where(present > 0, index, 0))))
        self._first = int(present.argmax()) if present.any() else None

    def counts(self, ends_ns: Int64s, length_ns: int) -> CountArrays:
        """Return the sums over the `length_ns` before each of `ends_ns`."""
        ends = self._indices(ends_ns)
        starts = self._indices(ends_ns - length_ns // MINUTE_NS * MINUTE_NS)
        good, total, minutes = (s[ends] - s[starts] for s in (self._good, self._total, self._present))
        return CountArrays(good, total, minutes)

    def minutes_expected(self, ends_ns: Int64s, length_ns: int) -> Int64s:
        """Do as `Ledger.minutes_expected`, for each of `ends_ns`."""
        if self._first is None:
            return np.zeros(ends_ns.size, dtype=np.int64)
        lived = ends_ns // MINUTE_NS - self._base - self._first
        return np.clip(lived, 0, length_ns // MINUTE_NS)

    def last_data_ns(self, ends_ns: Int64s) -> Int64s:
        """Return the end of the last minute with data by each of `ends_ns`; 0 where there is none."""
        last = self._last[self._indices(ends_ns)]
        return np.where(last > 0, (last + self._base) * MINUTE_NS, 0)

    def _indices(self, when_ns: Int64s) -> Int64s:
        return np.clip(when_ns // MINUTE_NS - self._base, 0, self._good.size - 1)


def _prefix(values: Int64s) -> Int64s:
    return np.concatenate(([0], np.cumsum(values)))


def _floor(when_ns: int) -> int:
    return when_ns // MINUTE_NS * MINUTE_NS
