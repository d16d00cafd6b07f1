"""The good and total events of many entities, minute by minute, over the time that their objective looks back.

They answer sums over any window at a cost that its length does not change, and know the difference between a minute
with zero events and one without data.
"""

import numpy as np

from model.clock import DAY_NS, MINUTE_NS
from model.errors import InvalidInputError
from slo.counts import CountArrays, Counts, Int64s, RunningSums, prefix_sums
from slo.rolling import BLOCK, RollingSums

LOOKBACK_MARGIN_NS = 3 * DAY_NS
"""What is kept beyond the objective's window, so that late data and the past three days can be judged."""

_SLACK_NS = DAY_NS
_NEVER = 2**62
_AT_ONCE = 6 * BLOCK
"""Minutes that are replaced at once: the counts of all entities in them lie in memory."""


class Ledgers:
    """Minutes of many entities that look equally far back; each has a row."""

    def __init__(self, window_ns: int, *, rows: int = 0) -> None:
        self._blocks = (window_ns + LOOKBACK_MARGIN_NS + _SLACK_NS) // MINUTE_NS // BLOCK
        self._first = np.full(rows, _NEVER, dtype=np.int64)  # the minutes between which there are data
        self._last = np.full(rows, -1, dtype=np.int64)
        self._expected = np.full(rows, _NEVER, dtype=np.int64)
        self._numbers: tuple[RollingSums, RollingSums, RollingSums] | None = None  # good, total, present

    def __len__(self) -> int:
        """Return the number of entities."""
        return self._first.size

    def add_row(self) -> int:
        """Make room for one more entity and return its row."""
        self._first = np.append(self._first, _NEVER)
        self._last = np.append(self._last, -1)
        self._expected = np.append(self._expected, _NEVER)
        for numbers in self._numbers or ():
            if len(self) > numbers.rows:
                numbers.add_rows(numbers.rows + 1)
        return len(self) - 1

    def expect(self, row: int, since_ns: int) -> None:
        """Expect data of an entity from a time on, whether or not there ever are any."""
        self._expected[row] = min(int(self._expected[row]), since_ns // MINUTE_NS)

    def put(self, row: int, minute_ns: int, good: int, total: int) -> bool:
        """Set the counts of an entity's minute; return False where the minute is older than what is kept."""
        minute = self._make_room(minute_ns)
        if minute is None or self._numbers is None:
            return False
        for numbers, value in zip(self._numbers, (good, total, 1), strict=True):
            numbers.put_one(row, minute, value)
        self._first[row] = min(int(self._first[row]), minute)
        self._last[row] = max(int(self._last[row]), minute)
        return True

    def replace(self, minutes_ns: Int64s, rows: Int64s, told_ns: Int64s, good: Int64s, total: Int64s) -> None:
        """Set minutes of all entities: what is told of entity `rows[i]` at `told_ns[i]`, and no data in all others.

        `minutes_ns` ascend; what is told of any other minute, or of one older than what is kept, is left out.
        """
        meant = np.isin(told_ns, minutes_ns)
        rows, told_ns, good, total = (values[meant] for values in (rows, told_ns, good, total))
        if told_ns.size:
            self._make_room(int(told_ns.max()))
        if self._numbers is None:
            return
        minutes, told = minutes_ns // MINUTE_NS, told_ns // MINUTE_NS
        has_room = (minutes >= self._numbers[0].first_minute) & (minutes < self._numbers[0].end_minute)
        minutes = minutes[has_room]
        for part in (minutes[start : start + _AT_ONCE] for start in range(0, minutes.size, _AT_ONCE)):
            inside = (told >= part[0]) & (told <= part[-1])
            self._replace_part(part, rows[inside], told[inside], (good[inside], total[inside]))

    def _replace_part(self, minutes: Int64s, rows: Int64s, told: Int64s, counts: tuple[Int64s, Int64s]) -> None:
        if not (told.size or np.any((self._first <= minutes[-1]) & (self._last >= minutes[0]))):
            return
        assert self._numbers is not None
        values = np.zeros((3, len(self), minutes.size), dtype=np.int64)
        values[:, rows, np.searchsorted(minutes, told)] = *counts, np.ones_like(told)
        for numbers, of_all in zip(self._numbers, values, strict=True):
            numbers.put_all(minutes, of_all)
        np.minimum.at(self._first, rows, told)
        np.maximum.at(self._last, rows, told)
        for edges in (self._first, self._last):
            places = np.searchsorted(minutes, edges).clip(max=minutes.size - 1)
            is_gone = (minutes[places] == edges) & (values[2, np.arange(len(self)), places] == 0)
            for row in np.flatnonzero(is_gone).tolist():
                self._find_edges(row)

    def put_arrays(self, row: int, minutes_ns: Int64s, good: Int64s, total: Int64s) -> None:
        """Set many minutes of one entity at once."""
        if minutes_ns.size == 0 or self._make_room(int(minutes_ns.max())) is None or self._numbers is None:
            return
        minutes = minutes_ns // MINUTE_NS
        kept = minutes >= self._numbers[0].first_minute
        minutes = minutes[kept]
        for numbers, values in zip(self._numbers, (good, total, np.ones_like(good)), strict=True):
            numbers.put_row(row, minutes, values[kept])
        self._first[row] = min(int(self._first[row]), int(minutes.min()))
        self._last[row] = max(int(self._last[row]), int(minutes.max()))

    def drop(self, row: int, minute_ns: int) -> None:
        """Forget a minute of an entity, as if it never had data."""
        minute = minute_ns // MINUTE_NS
        if self._numbers is None or not self._first[row] <= minute <= self._last[row]:
            return
        for numbers in self._numbers:
            numbers.put_one(row, minute, 0)
        if minute in {self._first[row], self._last[row]}:
            self._find_edges(row)

    def at(self, at_ns: int) -> "EntitySums":
        """Return the sums of every entity at one moment."""
        return EntitySums(self, at_ns)

    def all_before(self, when_ns: int) -> tuple[Int64s, Int64s, Int64s]:
        """Return good, total and minutes with data before a moment, of every entity, counted from some time on."""
        if self._numbers is None:
            nothing = np.zeros(len(self), dtype=np.int64)
            return nothing, nothing, nothing
        good, total, present = (numbers.before(when_ns // MINUTE_NS)[: len(self)] for numbers in self._numbers)
        return good, total, present

    def counts_of(self, row: int, end_ns: int, length_ns: int) -> Counts:
        """Return the sums of an entity over the `length_ns` before `end_ns`."""
        if self._numbers is None:
            return Counts(0, 0)
        end = end_ns // MINUTE_NS
        start = end - length_ns // MINUTE_NS
        good, total, present = (n.before_of(row, end) - n.before_of(row, start) for n in self._numbers)
        return Counts(good, total, present)

    def lived_since(self) -> Int64s:
        """Return the minute from which each entity is expected to have data; far ahead where there is none."""
        return np.minimum(self._first, self._expected)

    def first_data_ns(self, row: int) -> int | None:
        """Return the start of the first minute with data that is still kept."""
        first = int(self._first[row])
        return None if first == _NEVER else first * MINUTE_NS

    def expected_since_ns(self, row: int) -> int | None:
        """Return since when data of an entity are there or expected; None where nobody expects any."""
        since = min(int(self._first[row]), int(self._expected[row]))
        return None if since == _NEVER else since * MINUTE_NS

    def last_minutes(self, end: int) -> Int64s:
        """Return the last minute with data before the minute `end`, of every entity; -1 where there is none."""
        last = self._last.copy()
        ahead = np.flatnonzero(last >= end)
        if self._numbers is None or not ahead.size:
            return last
        present = self._numbers[2]
        # As a rule all are ahead by the minute that is running, and have data a few minutes before.
        for minute in range(end - 1, max(end - 1 - BLOCK, present.first_minute - 1), -1):
            has_data = present.column(minute)[ahead] > 0
            last[ahead[has_data]] = minute
            ahead = ahead[~has_data]
            if not ahead.size:
                break
        for row in ahead.tolist():
            last[row] = self.last_minute(row, end)
        return last

    def last_minute(self, row: int, end: int) -> int:
        """Return the same of one entity."""
        if self._numbers is None or self._last[row] < end:
            return int(self._last[row])
        oldest = self._numbers[2].first_minute
        present = self._numbers[2].row(row)[: max(0, end - oldest)]
        found = np.flatnonzero(present)
        return oldest + int(found[-1]) if found.size else -1

    def sums_of(self, row: int) -> RunningSums:
        """Return prefix sums of one entity for evaluating many windows; later puts do not change them."""
        if self._numbers is None:
            nothing = np.zeros(0, dtype=np.int64)
            return RunningSums(
                base=0, good=prefix_sums(nothing), total=prefix_sums(nothing), present=nothing, since=None
            )
        good, total, present = (numbers.row(row) for numbers in self._numbers)
        since_ns = self.expected_since_ns(row)
        return RunningSums(
            base=self._numbers[0].first_minute,
            good=prefix_sums(good),
            total=prefix_sums(total),
            present=present,
            since=None if since_ns is None else since_ns // MINUTE_NS,
        )

    def _make_room(self, minute_ns: int) -> int | None:
        """Return the number of a minute that may be set; None where it is too old."""
        if minute_ns % MINUTE_NS:
            raise InvalidInputError(f"{minute_ns} ns is not the start of a minute", remedy="put counts by the minute")
        minute = minute_ns // MINUTE_NS
        if self._numbers is None:
            good, total, present = (
                RollingSums(rows=len(self), blocks=self._blocks, last=minute // BLOCK) for _ in range(3)
            )
            self._numbers = good, total, present
        if minute < self._numbers[0].first_minute:
            return None
        for numbers in self._numbers:
            numbers.open(minute // BLOCK)
        for row in np.flatnonzero(self._first < self._numbers[0].first_minute).tolist():
            self._find_edges(row)
        return minute

    def _find_edges(self, row: int) -> None:
        assert self._numbers is not None
        found = np.flatnonzero(self._numbers[2].row(row))
        oldest = self._numbers[2].first_minute
        self._first[row] = oldest + found[0] if found.size else _NEVER
        self._last[row] = oldest + found[-1] if found.size else -1


class EntitySums:
    """`Sums` of many entities at one moment, one element for each: `ends_ns` are all that moment."""

    def __init__(self, ledgers: Ledgers, at_ns: int) -> None:
        self._ledgers = ledgers
        self._at_ns = at_ns
        self.ends_ns = np.full(len(ledgers), at_ns, dtype=np.int64)
        self._before: dict[int, tuple[Int64s, Int64s, Int64s]] = {}

    def counts(self, ends_ns: Int64s, length_ns: int | Int64s) -> CountArrays:  # noqa: ARG002
        """Return the sums over the `length_ns`, the same for all, before the moment."""
        end, start = self._all_before(self._at_ns), self._all_before(self._at_ns - _shared(length_ns))
        return CountArrays(*(after - before for after, before in zip(end, start, strict=True)))

    def minutes_expected(self, ends_ns: Int64s, length_ns: int | Int64s) -> Int64s:  # noqa: ARG002
        """Return the minutes of the window in which data of each entity are expected."""
        lived = self._at_ns // MINUTE_NS - self._ledgers.lived_since()
        return np.clip(lived, 0, _shared(length_ns) // MINUTE_NS)

    def last_data_ns(self, ends_ns: Int64s) -> Int64s:  # noqa: ARG002
        """Return the end of each entity's last minute with data by the moment; 0 where there is none."""
        last = self._ledgers.last_minutes(self._at_ns // MINUTE_NS)
        return np.where(last >= 0, (last + 1) * MINUTE_NS, 0)

    def _all_before(self, when_ns: int) -> tuple[Int64s, Int64s, Int64s]:
        if when_ns not in self._before:
            self._before[when_ns] = self._ledgers.all_before(when_ns)
        return self._before[when_ns]


def _shared(length_ns: int | Int64s) -> int:
    """Return the length that windows of all entities have at one moment."""
    return length_ns if isinstance(length_ns, int) else int(length_ns[:1].sum())
