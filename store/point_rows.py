"""The points of one call as columns: gathered from batches, and encoded for COPY.

Numbers and histograms go the same way; only their payload differs.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.points import Batch, ExponentialPoint, Histograms, Int64s, Numbers, Series
from store.pgcopy import Columns, encode_rows, to_pg_us

NO_START_US = -(2**62)

FindRows = Callable[[Sequence[Series]], Int64s]
"""Says where in the book of series each of these stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointColumns(ABC):
    """Points of one table; `series` is the row of each point's series in the book."""

    series: Int64s
    time_us: Int64s
    start_us: Int64s

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.time_us)

    @abstractmethod
    def encode(self, series_id: Int64s, rows: Int64s) -> Iterator[bytes]:
        """Yield the points at the positions `rows` in COPY format; `series_id` is per point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberColumns(PointColumns):
    """Rows of the table `point`."""

    value: NDArray[np.float64]
    whole: Int64s

    def encode(self, series_id: Int64s, rows: Int64s) -> Iterator[bytes]:
        """Yield the points at the positions `rows` in COPY format; `series_id` is per point."""
        for part in _split(rows, self.start_us[rows] == NO_START_US, self.whole[rows] == 0):
            whole = self.whole[part]
            columns: Columns = {
                "time": self.time_us[part],
                "series_id": series_id[part].astype(np.int32),
                "value": self.value[part],
                "start_time": _starts(self.start_us[part]),
                "value_int": whole if whole[0] else None,
            }
            yield encode_rows(columns, len(part))


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramColumns(PointColumns):
    """Rows of the table `histogram`; a point is row `position` of `payloads[shape]`, whose rows have one width."""

    shape: Int64s
    position: Int64s
    payloads: Sequence[Columns]

    def encode(self, series_id: Int64s, rows: Int64s) -> Iterator[bytes]:
        """Yield the points at the positions `rows` in COPY format; `series_id` is per point."""
        for number, payload in enumerate(self.payloads):
            alike = rows[self.shape[rows] == number]
            for part in _split(alike, self.start_us[alike] == NO_START_US):
                position = self.position[part]
                columns = {
                    "time": self.time_us[part],
                    "series_id": series_id[part].astype(np.int32),
                    "start_time": _starts(self.start_us[part]),
                    **{name: None if values is None else values[position] for name, values in payload.items()},
                }
                yield encode_rows(columns, len(part))


def gather_numbers(batches: Sequence[Batch], find_rows: FindRows) -> NumberColumns:
    """Return the number points of all batches."""
    parts = [batch.numbers for batch in batches if len(batch.numbers)] or [Numbers.of(())]
    return NumberColumns(
        series=np.concatenate([find_rows(part.series) for part in parts]),
        time_us=to_pg_us(np.concatenate([part.time_ns for part in parts])),
        start_us=_to_start_us(np.concatenate([part.start_ns for part in parts])),
        value=np.concatenate([part.value for part in parts]),
        whole=np.concatenate([part.whole for part in parts]),
    )


def gather_histograms(batches: Sequence[Batch], find_rows: FindRows) -> HistogramColumns:
    """Return the histogram points of all batches, explicit and exponential."""
    blocks = [block for batch in batches for block in batch.histograms]
    points = [point for batch in batches for point in batch.exponentials]
    series = [one for block in blocks for one in block.series] + [point.series for point in points]
    times = [block.time_ns for block in blocks] + [np.array([point.time_ns for point in points], dtype=np.int64)]
    starts = [block.start_ns for block in blocks] + [np.array([point.start_ns for point in points], dtype=np.int64)]
    payloads = _Payloads()
    for block in blocks:
        payloads.add(_explicit_payload(block), len(block))
    for point in points:
        payloads.add(_exponential_payload(point), 1)
    return HistogramColumns(
        series=find_rows(series),
        time_us=to_pg_us(np.concatenate(times)),
        start_us=_to_start_us(np.concatenate(starts)),
        shape=_concatenate(payloads.shapes),
        position=_concatenate(payloads.positions),
        payloads=payloads.join(),
    )


class _Payloads:
    """Joins payloads that are alike; `shapes` and `positions` say, part by part, where the points went."""

    def __init__(self) -> None:
        self.shapes: list[Int64s] = []
        self.positions: list[Int64s] = []
        self._numbers: dict[tuple[object, ...], int] = {}
        self._parts: list[list[Columns]] = []
        self._sizes: list[int] = []

    def add(self, payload: Columns, rows: int) -> None:
        key = tuple(None if values is None else values.shape[1:] for values in payload.values())
        number = self._numbers.setdefault(key, len(self._parts))
        if number == len(self._parts):
            self._parts.append([])
            self._sizes.append(0)
        self._parts[number].append(payload)
        self.shapes.append(np.full(rows, number, dtype=np.int64))
        self.positions.append(np.arange(rows, dtype=np.int64) + self._sizes[number])
        self._sizes[number] += rows

    def join(self) -> list[Columns]:
        return [{name: _join([part[name] for part in parts]) for name in parts[0]} for parts in self._parts]


def _explicit_payload(block: Histograms) -> Columns:
    return {
        "count": block.count,
        "sum": block.sum,
        "min": block.min,
        "max": block.max,
        "bounds": np.broadcast_to(np.array(block.bounds, dtype=np.float64), (len(block), len(block.bounds))),
        "buckets": block.buckets,
        "scale": None,
        "zero_count": None,
        "positive_offset": None,
        "negative_offset": None,
        "negative": None,
        "zero_threshold": None,
    }


def _exponential_payload(point: ExponentialPoint) -> Columns:
    return {
        "count": np.array([point.count], dtype=np.int64),
        "sum": _float(point.sum),
        "min": _float(point.min),
        "max": _float(point.max),
        "bounds": None,
        "buckets": np.array([point.positive], dtype=np.int64),
        "scale": np.array([point.scale], dtype=np.int16),
        "zero_count": np.array([point.zero_count], dtype=np.int64),
        "positive_offset": np.array([point.positive_offset], dtype=np.int32),
        "negative_offset": np.array([point.negative_offset], dtype=np.int32),
        "negative": np.array([point.negative], dtype=np.int64),
        "zero_threshold": _float(point.zero_threshold or None),
    }


def _float(value: float | None) -> NDArray[np.float64] | None:
    return None if value is None else np.array([value], dtype=np.float64)


def _join(parts: Sequence[NDArray[np.generic] | None]) -> NDArray[np.generic] | None:
    there = [part for part in parts if part is not None]
    return np.concatenate(there) if there else None


def _concatenate(parts: Sequence[Int64s]) -> Int64s:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _split(rows: Int64s, *marks: NDArray[np.bool_]) -> Iterator[Int64s]:
    """Yield the rows in parts in each of which every mark is the same for all."""
    if not marks:
        yield from [rows] if len(rows) else []
        return
    for chosen in (marks[0], ~marks[0]):
        if chosen.any():
            yield from _split(rows[chosen], *(mark[chosen] for mark in marks[1:]))


def _to_start_us(start_ns: Int64s) -> Int64s:
    return np.where(start_ns == 0, NO_START_US, to_pg_us(start_ns))


def _starts(start_us: Int64s) -> Int64s | None:
    return None if start_us[0] == NO_START_US else start_us
