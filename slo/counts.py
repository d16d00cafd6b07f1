"""Good and total events in windows that end on a minute: what ledgers answer and the arithmetic uses.

Windows are (start, end]: the minute that starts at `end - 1 min` is the last one in.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.clock import MINUTE_NS

Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counts:
    """Events in a window, and the number of minutes in it that have data.

    `events` are the bad events behind them where good and total are parts of a whole instead of events.
    """

    good: int
    total: int
    minutes: int = 0
    events: int | None = None

    @property
    def bad(self) -> int:
        """Return the events that were not good; negative where the telemetry reports more good than total."""
        return self.total - self.good

    @property
    def bad_events(self) -> int:
        """Return what a floor on bad events is held against."""
        return self.bad if self.events is None else self.events


@dataclass(frozen=True, slots=True)
class CountArrays:
    """`Counts` of many windows."""

    good: Int64s
    total: Int64s
    minutes: Int64s
    events: Int64s | None = None

    @property
    def bad(self) -> Int64s:
        """Return the events that were not good."""
        return self.total - self.good

    @property
    def bad_events(self) -> Int64s:
        """Return what a floor on bad events is held against."""
        return self.bad if self.events is None else self.events


class Sums(Protocol):
    """What judges many moments, or many entities, at once: element i of each answer belongs to `ends_ns[i]`."""

    def counts(self, ends_ns: Int64s, length_ns: int | Int64s) -> CountArrays:
        """Return the sums over the `length_ns` before each of `ends_ns`."""
        ...

    def minutes_expected(self, ends_ns: Int64s, length_ns: int | Int64s) -> Int64s:
        """Return the minutes of each window in which data are expected."""
        ...

    def last_data_ns(self, ends_ns: Int64s) -> Int64s:
        """Return the end of the last minute with data by each of `ends_ns`; 0 where there is none."""
        ...


class RunningSums:
    """`Sums` of one entity from its first minute on, at many moments: any window is one subtraction."""

    def __init__(self, *, base: int, good: Int64s, total: Int64s, present: Int64s, since: int | None) -> None:
        self._base = base
        self._good = good
        self._total = total
        self._present = prefix_sums(present)
        index = np.arange(1, present.size + 1)
        self._last = np.concatenate(([0], np.maximum.accumulate(np.where(present > 0, index, 0))))
        self._since = since

    def counts(self, ends_ns: Int64s, length_ns: int | Int64s) -> CountArrays:
        """Return the sums over the `length_ns` before each of `ends_ns`."""
        ends = self._indices(ends_ns)
        starts = self._indices(ends_ns - length_ns // MINUTE_NS * MINUTE_NS)
        good, total, minutes = (s[ends] - s[starts] for s in (self._good, self._total, self._present))
        return CountArrays(good, total, minutes)

    def minutes_expected(self, ends_ns: Int64s, length_ns: int | Int64s) -> Int64s:
        """Do as `Ledger.minutes_expected`, for each of `ends_ns`."""
        if self._since is None:
            return np.zeros(ends_ns.size, dtype=np.int64)
        return np.clip(ends_ns // MINUTE_NS - self._since, 0, length_ns // MINUTE_NS)

    def last_data_ns(self, ends_ns: Int64s) -> Int64s:
        """Return the end of the last minute with data by each of `ends_ns`; 0 where there is none."""
        last = self._last[self._indices(ends_ns)]
        return np.where(last > 0, (last + self._base) * MINUTE_NS, 0)

    def _indices(self, when_ns: Int64s) -> Int64s:
        return np.clip(when_ns // MINUTE_NS - self._base, 0, self._good.size - 1)


def prefix_sums(values: Int64s) -> Int64s:
    """Return the sum of all values before each index, and of all of them at the end."""
    return np.concatenate(([0], np.cumsum(values)))
