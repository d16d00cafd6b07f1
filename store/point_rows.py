"""The points of one call as columns: gathered from batches, and encoded for COPY.

Numbers and histograms go the same way; only their payload differs.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.points import Batch, ExponentialPoint, HistogramPoint, Series
from store.pgcopy import Columns, encode_rows, to_pg_us
from store.sieve import Int64s

NO_START_US = -(2**62)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointColumns(ABC):
    """Points of one table: `series` holds each series once, `index` says which of them a point belongs to."""

    series: list[Series]
    index: Int64s
    time_us: Int64s
    start_us: Int64s

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.time_us)

    @abstractmethod
    def encode(self, series_id: Int64s, rows: Int64s) -> list[bytes]:
        """Return the points at the positions `rows` in COPY format; `series_id` is per point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberColumns(PointColumns):
    """Rows of the table `point`."""

    value: NDArray[np.float64]

    def encode(self, series_id: Int64s, rows: Int64s) -> list[bytes]:
        """Return the points at the positions `rows` in COPY format; `series_id` is per point."""
        without_start = self.start_us[rows] == NO_START_US
        parts = (rows[without_start], rows[~without_start])
        return [encode_rows(self._columns(series_id, part), len(part)) for part in parts if len(part)]

    def _columns(self, series_id: Int64s, rows: Int64s) -> Columns:
        return {
            "time": self.time_us[rows],
            "series_id": series_id[rows].astype(np.int32),
            "value": self.value[rows],
            "start_time": _starts(self.start_us[rows]),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramColumns(PointColumns):
    """Rows of the table `histogram`."""

    points: list[HistogramPoint | ExponentialPoint]

    def encode(self, series_id: Int64s, rows: Int64s) -> list[bytes]:
        """Return the points at the positions `rows` in COPY format; `series_id` is per point."""
        alike: dict[tuple[object, ...], list[int]] = {}
        for row in rows.tolist():
            alike.setdefault(_shape(self.points[row]), []).append(row)
        groups = (np.array(group, dtype=np.int64) for group in alike.values())
        return [encode_rows(self._columns(series_id, group), len(group)) for group in groups]

    def _columns(self, series_id: Int64s, rows: Int64s) -> Columns:
        points = [self.points[row] for row in rows.tolist()]
        return {
            "time": self.time_us[rows],
            "series_id": series_id[rows].astype(np.int32),
            "start_time": _starts(self.start_us[rows]),
            "count": np.array([p.count for p in points], dtype=np.int64),
            "sum": _floats([p.sum for p in points]),
            "min": _floats([p.min for p in points]),
            "max": _floats([p.max for p in points]),
            **_buckets(points),
        }


def gather_numbers(batches: Sequence[Batch]) -> NumberColumns:
    """Return the number points of all batches."""
    numbers = [batch.numbers for batch in batches]
    series, index = _number_series([series for part in numbers for series in part.series])
    return NumberColumns(
        series=series,
        index=index,
        time_us=to_pg_us(np.array([ns for part in numbers for ns in part.time_ns], dtype=np.int64)),
        start_us=_to_start_us([ns for part in numbers for ns in part.start_ns]),
        value=np.array([value for part in numbers for value in part.value], dtype=np.float64),
    )


def gather_histograms(batches: Sequence[Batch]) -> HistogramColumns:
    """Return the histogram points of all batches, explicit and exponential."""
    points: list[HistogramPoint | ExponentialPoint] = []
    for batch in batches:
        points += batch.histograms
        points += batch.exponentials
    series, index = _number_series([point.series for point in points])
    return HistogramColumns(
        series=series,
        index=index,
        time_us=to_pg_us(np.array([point.time_ns for point in points], dtype=np.int64)),
        start_us=_to_start_us([point.start_ns for point in points]),
        points=points,
    )


def _number_series(all_series: list[Series]) -> tuple[list[Series], Int64s]:
    """Return each series object once, and the position there of every point's.

    By identity of the objects, which a decoder shares between points: to hash a series costs more than to store a
    point.
    """
    objects = np.fromiter(map(id, all_series), dtype=np.int64, count=len(all_series))
    _, first, index = np.unique(objects, return_index=True, return_inverse=True)
    return [all_series[i] for i in first.tolist()], index.astype(np.int64)


def _to_start_us(start_ns: list[int]) -> Int64s:
    starts = np.array(start_ns, dtype=np.int64)
    return np.where(starts == 0, NO_START_US, to_pg_us(starts))


def _starts(start_us: Int64s) -> Int64s | None:
    return None if start_us[0] == NO_START_US else start_us


def _shape(point: HistogramPoint | ExponentialPoint) -> tuple[object, ...]:
    """Return what must be equal for points to be encoded together: lengths of arrays, and what is null."""
    nulls = (point.start_ns == 0, point.sum is None, point.min is None, point.max is None)
    if isinstance(point, HistogramPoint):
        return (len(point.bounds), len(point.buckets), None, *nulls)
    return (0, len(point.positive), len(point.negative), *nulls)


def _floats(values: list[float | None]) -> NDArray[np.float64] | None:
    return None if values[0] is None else np.array(values, dtype=np.float64)


def _buckets(points: list[HistogramPoint | ExponentialPoint]) -> Columns:
    explicit = [p for p in points if isinstance(p, HistogramPoint)]
    if explicit:
        return {
            "bounds": _matrix([p.bounds for p in explicit], np.float64),
            "buckets": _matrix([p.buckets for p in explicit], np.int64),
            "scale": None,
            "zero_count": None,
            "positive_offset": None,
            "negative_offset": None,
            "negative": None,
        }
    exponential = [p for p in points if isinstance(p, ExponentialPoint)]
    return {
        "bounds": None,
        "buckets": _matrix([p.positive for p in exponential], np.int64),
        "scale": np.array([p.scale for p in exponential], dtype=np.int16),
        "zero_count": np.array([p.zero_count for p in exponential], dtype=np.int64),
        "positive_offset": np.array([p.positive_offset for p in exponential], dtype=np.int32),
        "negative_offset": np.array([p.negative_offset for p in exponential], dtype=np.int32),
        "negative": _matrix([p.negative for p in exponential], np.int64),
    }


def _matrix(rows: Sequence[Sequence[float]], kind: type[np.float64 | np.int64]) -> NDArray[np.generic]:
    return np.array(rows, dtype=kind).reshape(len(rows), len(rows[0]))
