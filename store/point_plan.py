"""Decide what becomes of the points of one call, before the transaction that stores them begins."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from store.point_rows import PointColumns
from store.series import KnownSeries
from store.sieve import Int64s, minutes_of, sift, weeks_of

_PAIR_SHIFT = 2**44

Marks = dict[int, int]
"""Series id -> the high-water mark it gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointPlan:
    """COPY `fresh`, look the suspects up, move the marks.

    `dirty` are (metric, minute) and `metric_weeks` (metric, week), counted as in `sieve`.
    """

    fresh: list[bytes]
    fresh_count: int
    suspects: list[bytes]
    suspect_count: int
    duplicates: int
    dirty: set[tuple[str, int]]
    metric_weeks: set[tuple[str, int]]
    marks: Marks


def plan_points(columns: PointColumns, known: Sequence[KnownSeries]) -> PointPlan:
    """Decide about every point; `known` answers `columns.series`, in that order."""
    series_id = np.array([k.id for k in known], dtype=np.int64)[columns.index]
    mark_us = np.array([k.mark_us for k in known], dtype=np.int64)[columns.index]
    sifted = sift(series_id=series_id, time_us=columns.time_us, start_us=columns.start_us, mark_us=mark_us)
    return PointPlan(
        fresh=columns.encode(series_id, sifted.fresh),
        fresh_count=len(sifted.fresh),
        suspects=columns.encode(series_id, sifted.suspect),
        suspect_count=len(sifted.suspect),
        duplicates=sifted.duplicates,
        dirty=_pairs(columns, known, minutes_of(columns.time_us)),
        metric_weeks=_pairs(columns, known, weeks_of(columns.time_us)),
        marks=_marks(columns, known),
    )


def _marks(columns: PointColumns, known: Sequence[KnownSeries]) -> Marks:
    newest = np.full(len(known), np.iinfo(np.int64).min, dtype=np.int64)
    np.maximum.at(newest, columns.index, columns.time_us)
    marks: Marks = {}
    for series, new in zip(known, newest.tolist(), strict=True):
        marks[series.id] = max(marks.get(series.id, series.mark_us), new)
    return marks


def _pairs(columns: PointColumns, known: Sequence[KnownSeries], numbers: Int64s) -> set[tuple[str, int]]:
    """Return each pair of a metric and a number (a minute, a week) that occurs among the points."""
    metrics = list(dict.fromkeys(k.metric for k in known))
    of_series = np.array([metrics.index(k.metric) for k in known], dtype=np.int64)
    packed = np.unique(of_series[columns.index] * _PAIR_SHIFT + numbers + _PAIR_SHIFT // 2)
    pairs = zip((packed // _PAIR_SHIFT).tolist(), (packed % _PAIR_SHIFT - _PAIR_SHIFT // 2).tolist(), strict=True)
    return {(metrics[metric], number) for metric, number in pairs}
