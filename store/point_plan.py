"""Decide what becomes of the points of one call, before the transaction that stores them begins."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import numpy as np

from model.clock import to_datetime
from model.points import Int64s
from store.pgcopy import from_pg_us
from store.point_rows import PointColumns
from store.series import SeriesBook
from store.sieve import minutes_of, sift, weeks_of

_PAIR_SHIFT = 2**44
_ROWS_AT_ONCE = 2048
"""So few that they are encoded before the database has stored what the socket holds of those before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointPlan:
    """COPY the points `fresh`, look the suspects up, move the marks of the rows `series` of the book to `marks_us`.

    `dirty` are (metric, minute) and `metric_weeks` (metric, week), counted as in `sieve`.
    """

    columns: PointColumns
    series_id: Int64s
    fresh: Int64s
    suspects: Int64s
    dirty: set[tuple[str, int]]
    metric_weeks: set[tuple[str, int]]
    series: Int64s
    marks_us: Int64s
    ready: Sequence[bytes] | None = None
    """The points `fresh` in COPY format, if they are encoded already."""

    def made_ready(self) -> Self:
        """Return the plan with its new points encoded."""
        return replace(self, ready=list(self.encode(self.fresh)))

    def encode_fresh(self) -> Iterable[bytes]:
        """Return the new points in COPY format, a few thousand at a time."""
        return self.encode(self.fresh) if self.ready is None else self.ready

    def suspect_times(self) -> dict[str, datetime]:
        """Return the `first` and the `last` time of the suspects, of which there are some."""
        times_us = self.columns.time_us[self.suspects]
        first_ns, last_ns = from_pg_us(np.array([times_us.min(), times_us.max()])).tolist()
        return {"first": to_datetime(first_ns), "last": to_datetime(last_ns)}

    def encode(self, rows: Int64s) -> Iterator[bytes]:
        """Yield these points in COPY format, a few thousand at a time."""
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            yield from self.columns.encode(self.series_id, rows[start : start + _ROWS_AT_ONCE])


def plan_points(columns: PointColumns, book: SeriesBook) -> PointPlan:
    """Decide about every point."""
    series_id, mark_us = book.ids[columns.series], book.marks_us[columns.series]
    sifted = sift(series_id=series_id, time_us=columns.time_us, start_us=columns.start_us, mark_us=mark_us)
    metric = book.metrics[columns.series]
    series, marks_us = _marks(columns, book)
    return PointPlan(
        columns=columns,
        series_id=series_id,
        fresh=sifted.fresh,
        suspects=sifted.suspect,
        dirty=_pairs(metric, minutes_of(columns.time_us), book.metric_names),
        metric_weeks=_pairs(metric, weeks_of(columns.time_us), book.metric_names),
        series=series,
        marks_us=marks_us,
    )


def _marks(columns: PointColumns, book: SeriesBook) -> tuple[Int64s, Int64s]:
    marks_us = book.marks_us.copy()
    np.maximum.at(marks_us, columns.series, columns.time_us)
    met = np.zeros(len(marks_us), dtype=bool)
    met[columns.series] = True
    series = np.flatnonzero(met)
    return series, marks_us[series]


def _pairs(metric: Int64s, number: Int64s, names: list[str]) -> set[tuple[str, int]]:
    """Return each pair of a metric and a number (a minute, a week) that occurs among the points."""
    packed = metric * _PAIR_SHIFT + number + _PAIR_SHIFT // 2
    differs = np.ones(len(packed), dtype=bool)
    differs[1:] = packed[1:] != packed[:-1]  # most points are of the same metric and minute as their neighbour
    packed = np.unique(packed[differs])
    pairs = zip((packed // _PAIR_SHIFT).tolist(), (packed % _PAIR_SHIFT - _PAIR_SHIFT // 2).tolist(), strict=True)
    return {(names[metric], number) for metric, number in pairs}
