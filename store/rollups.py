"""Rollups: points by the minute, minutes by the hour, always equal to what a recount of the points would give.

The writer logs the minutes it touches together with the points; the engine passes them on to `rollup_dirty` in the
transaction that takes note of them. `refresh` takes some from there and replaces their buckets in one transaction:
late data is never missed, and a refresh that is killed has done nothing.
"""

import itertools
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from psycopg import sql

from model.clock import HOUR_NS, MINUTE_NS, to_datetime
from model.names import ATTR_SLOT_ID
from model.points import Kind, Temporality
from model.registry import load_registry
from model.windows import Window
from store.lookups import ALL_POINTS, VALID_NUMBERS, exact_difference, point_lookups, what_counts
from store.session import Session, window_params
from store.statements import load_statements

_SQL = load_statements("rollups")
_FIRST_LIMIT = 2_000
_SMALLEST_LIMIT, _LARGEST_LIMIT = 20, 200_000
_MERGE_GAP_NS = 10 * MINUTE_NS
_LONGEST_NS = 24 * HOUR_NS
_COUNT_EVERY_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """How many minutes of metrics were rolled up, and how many log entries wait."""

    minutes: int
    waiting: int


@dataclass(slots=True)
class _Ids:
    """The series of a metric by how they are rolled up; `first` maps each slot's to the first of its device."""

    numbers: list[int] = field(default_factory=list)
    deltas: list[int] = field(default_factory=list)
    cumulative: list[int] = field(default_factory=list)
    monotonic: list[int] = field(default_factory=list)
    histograms: list[int] = field(default_factory=list)
    cumulative_histograms: list[int] = field(default_factory=list)
    first: dict[int, int] = field(default_factory=dict)

    def of_slots(self, ids: Iterable[int]) -> tuple[list[int], list[int]]:
        """Return those that are of slots, and for each the first of its device."""
        slots = [each for each in ids if each in self.first]
        return slots, [self.first[each] for each in slots]

    def devices(self, ids: Iterable[int]) -> list[int]:
        """Return the ids under which the sums of these slots by device stand."""
        return sorted({-first for first in self.of_slots(ids)[1]})


class RollupStore(Session):
    """Keeps the tables `number_minute`, `number_hour`, `histogram_minute` and `histogram_hour`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._limit = _FIRST_LIMIT
        self._waiting, self._count_at_s = 0, 0.0

    def refresh(self, *, closed_ns: int, since_ns: int, budget_s: float) -> Refreshed:
        """Roll up changed minutes that ended by `closed_ns`, the newest first, for about `budget_s` seconds.

        Minutes before `since_ns` are left as they are: their points may be gone. What waits is counted once a minute,
        as counting a long past takes longer than rolling some of it up. Raises DatabaseUnavailableError.
        """
        deadline = time.monotonic() + budget_s
        done = 0
        while True:
            begun = time.monotonic()
            minutes, is_last = self._refresh_some(closed_ns, since_ns)
            done += minutes
            now = time.monotonic()
            self._adapt(now - begun, budget_s)
            if is_last or now >= deadline:
                return Refreshed(minutes=done, waiting=0 if is_last else self._estimate_waiting(closed_ns, done))

    def count_waiting(self, closed_ns: int) -> int:
        """Return how many log entries of closed minutes wait."""
        return int(self._rows(_SQL["count_dirty"], {"closed": to_datetime(closed_ns)})[0][0])

    def _estimate_waiting(self, closed_ns: int, done: int) -> int:
        """Return how many entries wait, at least one; between two counts, less what was done since."""
        self._waiting = max(1, self._waiting - done)
        if time.monotonic() >= self._count_at_s:
            self._waiting = self.count_waiting(closed_ns)
            self._count_at_s = time.monotonic() + _COUNT_EVERY_S
        return self._waiting

    def _refresh_some(self, closed_ns: int, since_ns: int) -> tuple[int, bool]:
        """Return how many minutes were rolled up, and whether the log is empty now."""
        params = {"closed": to_datetime(closed_ns), "since": to_datetime(since_ns), "limit": self._limit}
        with self.transaction():
            self._rows(_SQL["lock"])
            rows = self._rows(_SQL["take_dirty"], params)
            for metric, entries in itertools.groupby(rows, key=lambda row: str(row[0])):
                ids = self._read_ids(metric)
                for window in merge_minutes([minute * MINUTE_NS for _, minute in entries]):
                    self._roll(ids, window)
        return len(rows), not self._rows(_SQL["has_dirty"], params)[0][0]

    def _adapt(self, took_s: float, budget_s: float) -> None:
        """Take so much at once that it fits the budget, whatever a minute of this installation costs."""
        factor = min(2.0, max(0.25, budget_s / 2 / max(took_s, 0.001)))
        self._limit = round(min(_LARGEST_LIMIT, max(_SMALLEST_LIMIT, self._limit * factor)))

    def _read_ids(self, metric: str) -> _Ids:
        ids = _Ids()
        has_slots = is_by_slot(metric)
        for series_id, kind, temporality, monotonic, first in self._rows(_SQL["read_series"], {"metric": metric}):
            if has_slots:
                ids.first[series_id] = first
            cumulative = temporality == Temporality.CUMULATIVE
            if kind in (Kind.HISTOGRAM, Kind.EXPONENTIAL_HISTOGRAM):
                (ids.cumulative_histograms if cumulative else ids.histograms).append(series_id)
                continue
            (ids.cumulative if cumulative else ids.numbers).append(series_id)
            if cumulative and monotonic:
                ids.monotonic.append(series_id)
            elif kind == Kind.SUM and not cumulative:
                ids.deltas.append(series_id)
        return ids

    def _roll(self, ids: _Ids, minutes: Window) -> None:
        hours = Window(start_ns=minutes.start_ns // HOUR_NS * HOUR_NS, end_ns=-(-minutes.end_ns // HOUR_NS) * HOUR_NS)
        if numbers := [*ids.numbers, *ids.cumulative]:
            rolled, (slots, firsts) = [*numbers, *ids.devices(numbers)], ids.of_slots(numbers)
            self._clear("number_minute", rolled, minutes)
            self._run("roll_numbers", ids.numbers, minutes, deltas=ids.deltas)
            self._run("roll_cumulative_numbers", ids.cumulative, minutes, monotonic=ids.monotonic)
            self._run("add_up_numbers", slots, minutes, firsts=firsts)
            self._clear("number_hour", rolled, hours)
            self._run("roll_number_hours", rolled, hours)
        if histograms := [*ids.histograms, *ids.cumulative_histograms]:
            rolled, (slots, firsts) = [*histograms, *ids.devices(histograms)], ids.of_slots(histograms)
            self._clear("histogram_minute", rolled, minutes)
            self._merge("histogram_minute", "delta_histograms", ids.histograms, minutes)
            self._merge("histogram_minute", "cumulative_histograms", ids.cumulative_histograms, minutes)
            self._merge("histogram_minute", "slots_of_histograms", slots, minutes, firsts=firsts)
            self._clear("histogram_hour", rolled, hours)
            self._merge("histogram_hour", "minutes_of_histograms", rolled, hours)

    def _clear(self, table: str, ids: Sequence[int], window: Window) -> None:
        for moment_ns in {window.start_ns, window.end_ns - 1}:
            self._rows(_SQL["ensure_week"], {"table": table, "time": to_datetime(moment_ns)})
        statement = sql.SQL(_SQL["delete_buckets"]).format(table=sql.Identifier(table))
        self._rows(statement, {"ids": list(ids), **window_params(window)})

    def _run(self, statement: str, ids: Sequence[int], window: Window, **more: Sequence[int]) -> None:
        if ids:
            difference = exact_difference("value")
            counts = what_counts(sql.SQL(_SQL["number_has_fallen"]).format(difference=difference))
            parts = {**point_lookups("point", VALID_NUMBERS), "difference": difference, "counts": counts}
            full = sql.SQL(_SQL[statement]).format(**parts)
            self._rows(full, {"ids": list(ids), **window_params(window), **more})

    def _merge(self, target: str, source: str, ids: Sequence[int], window: Window, **more: Sequence[int]) -> None:
        if not ids:
            return
        for merge in ("merge_explicit", "merge_exponential"):
            counts = what_counts(sql.SQL(_SQL["histogram_has_fallen"]))
            points = sql.SQL(_SQL[source]).format(**point_lookups("histogram", ALL_POINTS), counts=counts)
            statement = sql.SQL(_SQL[merge]).format(target=sql.Identifier(target), source=points)
            self._rows(statement, {"ids": list(ids), **window_params(window), **more})


def is_by_slot(metric: str) -> bool:
    """Return whether a registered metric tells the slots of a device apart."""
    definition = load_registry().metrics.get(metric)
    return definition is not None and ATTR_SLOT_ID in definition.attributes


def merge_minutes(starts_ns: Iterable[int]) -> Iterator[Window]:
    """Yield windows that cover the minutes, which ascend: minutes less than ten apart go together, a day at most."""
    begin = end = 0
    for start in starts_ns:
        if end and start - end <= _MERGE_GAP_NS and start - begin < _LONGEST_NS:
            end = start + MINUTE_NS
            continue
        if end:
            yield Window(start_ns=begin, end_ns=end)
        begin, end = start, start + MINUTE_NS
    if end:
        yield Window(start_ns=begin, end_ns=end)
