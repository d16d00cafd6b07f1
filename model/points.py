"""Telemetry as the collector hands it to the store: decoded, checked, not yet rows.

A `Batch` is one OTLP request. Number points travel as parallel lists, because there are many of them.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from model.attributes import Attributes


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


@dataclass(slots=True)
class Numbers:
    """Gauge and sum points as parallel lists; `start_ns` is 0 where the point has no start."""

    series: list[Series] = field(default_factory=list)
    time_ns: list[int] = field(default_factory=list)
    start_ns: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.series)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramPoint:
    """Explicit buckets: `buckets[i]` counts values in (bounds[i-1], bounds[i]]; one bucket more than bounds."""

    series: Series
    time_ns: int
    start_ns: int
    count: int
    sum: float | None
    min: float | None
    max: float | None
    bounds: tuple[float, ...]
    buckets: tuple[int, ...]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An OTLP span; ids are lower-case hex, `parent_span_id` empty for a root."""

    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    start_ns: int
    end_ns: int
    status: str
    resource: Attributes
    attributes: Attributes


@dataclass(slots=True, kw_only=True)
class Batch:
    """One accepted OTLP request: what is good in it, where it stands in the spool, and its digest.

    `digest` is the BLAKE2b-128 of the decompressed body: a byte-identical retry has the same.
    """

    position: int
    digest: bytes
    numbers: Numbers = field(default_factory=Numbers)
    histograms: list[HistogramPoint] = field(default_factory=list)
    exponentials: list[ExponentialPoint] = field(default_factory=list)
    events: list[LogEvent] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What storing batches came to: rows written, and rows that were there before (retries)."""

    stored: int
    duplicates: int
