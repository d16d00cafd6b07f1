"""Telemetry as the collector hands it to the store: decoded, checked, not yet rows.

A `Batch` is one OTLP request. Points travel as numpy columns of equal length, because there are many of them and a
Python object for each would cost more than storing it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.attributes import Attributes
from model.spans import Spans

Int64s = NDArray[np.int64]
Float64s = NDArray[np.float64]

LARGEST_EXACT_INT = 2**53
"""A double holds every integer up to here."""


class Kind(StrEnum):
    """The OpenTelemetry data type of a series."""

    GAUGE = "gauge"
    SUM = "sum"
    HISTOGRAM = "histogram"
    EXPONENTIAL_HISTOGRAM = "exponential_histogram"


class Temporality(StrEnum):
    """Whether a point counts since the previous point or since the start of its stream."""

    NONE = "none"  # gauges have none
    DELTA = "delta"
    CUMULATIVE = "cumulative"


@dataclass(frozen=True, slots=True)
class Series:
    """The identity of a time series, as the OpenTelemetry data model defines it."""

    metric: str
    kind: Kind
    unit: str
    temporality: Temporality
    monotonic: bool
    resource: Attributes
    scope: str
    scope_version: str
    attributes: Attributes
    scope_attributes: Attributes = ()

    @property
    def weight(self) -> int:
        """Return how many ordinary series take as much room: one more for each 1,024 characters of text."""
        pairs = (*self.attributes, *self.resource, *self.scope_attributes)
        texts = [value for _, value in pairs if isinstance(value, str)]
        return 1 + sum(map(len, (*texts, *(name for name, _ in pairs), self.scope, self.unit))) // 1024


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Gauge and sum points as columns; `series` has one entry per point.

    A decoder gives the same `series` tuple, as an object, whenever the same series come in the same order, so that
    whoever looks series up need not do it again. `start_ns` is 0 where a point has no start. `whole` is the exact
    value of an integer that a double cannot hold, else 0.
    """

    series: tuple[Series, ...]
    time_ns: Int64s
    start_ns: Int64s
    value: Float64s
    whole: Int64s

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.series)

    @classmethod
    def of(cls, points: Sequence[tuple[Series, int, int, float]]) -> Self:
        """Return the columns of points given as (series, time_ns, start_ns, value)."""
        return cls(
            series=tuple(p[0] for p in points),
            time_ns=np.array([p[1] for p in points], dtype=np.int64),
            start_ns=np.array([p[2] for p in points], dtype=np.int64),
            value=np.array([p[3] for p in points], dtype=np.float64),
            whole=np.array([_whole(p[3]) for p in points], dtype=np.int64),
        )

    @classmethod
    def join(cls, parts: Sequence["Numbers"]) -> "Numbers":
        """Return the points of all parts."""
        filled = [part for part in parts if len(part)]
        if len(filled) <= 1:
            return filled[0] if filled else cls.of(())
        return cls(
            series=tuple(series for part in filled for series in part.series),
            time_ns=np.concatenate([part.time_ns for part in filled]),
            start_ns=np.concatenate([part.start_ns for part in filled]),
            value=np.concatenate([part.value for part in filled]),
            whole=np.concatenate([part.whole for part in filled]),
        )

    def rows(self) -> list[tuple[Series, int, int, float]]:
        """Return the points one by one, with integers beyond a double as integers."""
        values = [whole or value for whole, value in zip(self.whole.tolist(), self.value.tolist(), strict=True)]
        return list(zip(self.series, self.time_ns.tolist(), self.start_ns.tolist(), values, strict=True))


def _whole(value: float) -> int:
    return value if isinstance(value, int) and float(value) != value else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramPoint:
    """Explicit buckets: `buckets[i]` counts values in (bounds[i-1], bounds[i]]; one more than bounds, or neither."""

    series: Series
    time_ns: int
    start_ns: int
    count: int
    sum: float | None
    min: float | None
    max: float | None
    bounds: tuple[float, ...]
    buckets: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Histograms:
    """Histogram points as columns: of equal bounds, and alike in whether they have a sum, a minimum, a maximum.

    `buckets` has a row per point; what no point has is None.
    """

    series: tuple[Series, ...]
    time_ns: Int64s
    start_ns: Int64s
    count: Int64s
    sum: Float64s | None
    min: Float64s | None
    max: Float64s | None
    bounds: tuple[float, ...]
    buckets: Int64s

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.series)

    @classmethod
    def of(cls, points: Iterable[HistogramPoint]) -> list[Self]:
        """Return the columns of these points."""
        alike: dict[tuple[object, ...], list[HistogramPoint]] = {}
        for point in points:
            shape = (point.bounds, len(point.buckets), point.sum is None, point.min is None, point.max is None)
            alike.setdefault(shape, []).append(point)
        return [cls._of_alike(group) for group in alike.values()]

    @classmethod
    def _of_alike(cls, points: Sequence[HistogramPoint]) -> Self:
        return cls(
            series=tuple(p.series for p in points),
            time_ns=np.array([p.time_ns for p in points], dtype=np.int64),
            start_ns=np.array([p.start_ns for p in points], dtype=np.int64),
            count=np.array([p.count for p in points], dtype=np.int64),
            sum=_floats([p.sum for p in points]),
            min=_floats([p.min for p in points]),
            max=_floats([p.max for p in points]),
            bounds=points[0].bounds,
            buckets=np.array([p.buckets for p in points], dtype=np.int64),
        )

    def select(self, kept: Sequence[bool]) -> "Histograms":
        """Return the points for which `kept` is true."""
        mask = np.array(kept, dtype=np.bool_)
        return Histograms(
            series=tuple(series for series, keep in zip(self.series, kept, strict=True) if keep),
            time_ns=self.time_ns[mask],
            start_ns=self.start_ns[mask],
            count=self.count[mask],
            sum=None if self.sum is None else self.sum[mask],
            min=None if self.min is None else self.min[mask],
            max=None if self.max is None else self.max[mask],
            bounds=self.bounds,
            buckets=self.buckets[mask],
        )

    def rows(self) -> list[HistogramPoint]:
        """Return the points one by one."""
        sums, least, most = ([None] * len(self) if c is None else c.tolist() for c in (self.sum, self.min, self.max))
        return [
            HistogramPoint(
                series=self.series[i],
                time_ns=int(self.time_ns[i]),
                start_ns=int(self.start_ns[i]),
                count=int(self.count[i]),
                sum=sums[i],
                min=least[i],
                max=most[i],
                bounds=self.bounds,
                buckets=tuple(self.buckets[i].tolist()),
            )
            for i in range(len(self))
        ]


def _floats(values: Sequence[float | None]) -> Float64s | None:
    return None if values[0] is None else np.array(values, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExponentialPoint:
    """Exponential buckets: index k of `positive` counts values in (base**k, base**(k+1)], base = 2**(2**-scale)."""

    series: Series
    time_ns: int
    start_ns: int
    count: int
    sum: float | None
    min: float | None
    max: float | None
    scale: int
    zero_count: int
    positive_offset: int
    positive: tuple[int, ...]
    negative_offset: int
    negative: tuple[int, ...]
    zero_threshold: float = 0.0
    """`zero_count` counts values whose magnitude is at most this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """An OTLP log record: a calibration, a change, an alarm. `event` is its event name, empty if it has none."""

    time_ns: int
    event: str
    severity: str
    body: str
    resource: Attributes
    attributes: Attributes
    trace_id: str = ""
    span_id: str = ""


@dataclass(slots=True, kw_only=True)
class Batch:
    """One accepted OTLP request: what is good in it, where it stands in the spool, and its digest.

    `digest` is the BLAKE2b-128 of the decompressed body: a byte-identical retry has the same.
    """

    position: int
    digest: bytes
    numbers: Numbers = field(default_factory=lambda: Numbers.of(()))
    histograms: list[Histograms] = field(default_factory=list)
    exponentials: list[ExponentialPoint] = field(default_factory=list)
    events: list[LogEvent] = field(default_factory=list)
    spans: list[Spans] = field(default_factory=list)

    def __len__(self) -> int:
        """Return the number of points, records and spans."""
        points = len(self.numbers) + sum(map(len, self.histograms)) + len(self.exponentials)
        return points + len(self.events) + sum(map(len, self.spans))


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What storing batches came to: rows written, and rows that were there before (retries)."""

    stored: int
    duplicates: int
