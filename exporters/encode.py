"""Readings to OTLP metric requests in virtual time: the bytes that go through the collector's door.

The OpenTelemetry SDK stamps every point with the machine's time, so history and game days cannot use it.
This module writes the same points straight from the readings: counters and histograms as deltas over the
readings' window `(start, end]`, gauges at the time they were measured, names, units, descriptions and bucket
bounds from the registry. The same readings give the same bytes, so that a repeated request is recognised
by its digest. Logs and traces are in `encode_events`. Nothing is sent from here.
"""

import math
import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA

from exporters.histograms import build_buckets
from exporters.identity import SCOPE, agent_resource, scope_version
from exporters.wire import encode_attributes, encode_field, encode_text, encode_varint
from model.attributes import Attributes
from model.errors import InvalidInputError
from model.readings import Readings, Samples
from model.registry import MetricDefinition, load_registry

Points = dict[str, list[bytes]]
"""The encoded pieces of all points by metric, in the order in which the metrics first appear."""

# Fixed fields of a point with their tags, in ascending field order: see metrics.proto.
_START, _TIME, _INTEGER, _DOUBLE = 0x11, 0x19, 0x31, 0x21
_COUNT, _SUM, _MIN, _MAX = 0x21, 0x29, 0x59, 0x61
_pack_integer: Final = struct.Struct("<BQBQBq").pack
_pack_double: Final = struct.Struct("<BQBQBd").pack
_pack_level: Final = struct.Struct("<BQBd").pack
_pack_histogram: Final = struct.Struct("<BQBQBQBd").pack
_pack_extremes: Final = struct.Struct("<BdBd").pack
_NUMBER_BYTES, _LEVEL_BYTES, _HISTOGRAM_BYTES = 27, 18, 54
_NUMBER_ATTRIBUTES, _HISTOGRAM_ATTRIBUTES = 7, 9
_DELTA: Final = b"\x10" + encode_varint(AGGREGATION_TEMPORALITY_DELTA)
_MONOTONIC: Final = b"\x18\x01"


def encode_metrics(readings: Sequence[Readings], *, resource: Attributes | None = None) -> bytes:
    """Return an ExportMetricsServiceRequest with every count, level and sample; empty when there is none.

    All readings must be of one site. `resource` stands in for the site agent's own. Samples must be finite.
    Raises InvalidInputError for a metric that the registry does not know or knows as another instrument.
    """
    points: Points = {}
    for reading in readings:
        _add_counts(points, reading)
        _add_levels(points, reading)
        for samples in reading.samples:
            if len(samples.values):
                _add_samples(points, samples, reading.start_ns, reading.end_ns)
    metrics = b"".join(encode_field(2, _encode_metric(name, pieces)) for name, pieces in points.items())
    return encode_request(resource or resource_of(readings), metrics) if metrics else b""


def resource_of(readings: Sequence[Readings]) -> Attributes:
    """Return the agent resource of the one site that all readings are of."""
    sites = {reading.site for reading in readings}
    if len(sites) != 1:
        raise InvalidInputError(
            f"one request speaks for one site, not for {', '.join(sorted(sites)) or 'none'}",
            remedy="encode the readings of each site separately",
        )
    return agent_resource(sites.pop())


def encode_request(resource: Attributes, items: bytes) -> bytes:
    """Return an Export*ServiceRequest of one resource and our scope; the three signals have one shape."""
    scope = encode_field(1, encode_text(1, SCOPE) + encode_text(2, scope_version()))
    described = encode_field(1, encode_attributes(1, resource))
    return encode_field(1, described + encode_field(2, scope + items))


def _add_counts(points: Points, reading: Readings) -> None:
    start_ns, end_ns = reading.start_ns, reading.end_ns
    for count in reading.counts:
        pieces = points.get(count.metric)
        if pieces is None:
            pieces = _open(points, count.metric, ("counter", "updowncounter"))
        head, tail = _frame(count.attributes, _NUMBER_ATTRIBUTES, _NUMBER_BYTES)
        value = count.value
        if isinstance(value, int | np.integer):
            body = _pack_integer(_START, start_ns, _TIME, end_ns, _INTEGER, value)
        else:
            body = _pack_double(_START, start_ns, _TIME, end_ns, _DOUBLE, value)
        pieces += (head, body, tail)


def _add_levels(points: Points, reading: Readings) -> None:
    for level in reading.levels:
        pieces = points.get(level.metric)
        if pieces is None:
            pieces = _open(points, level.metric, ("gauge",))
        head, tail = _frame(level.attributes, _NUMBER_ATTRIBUTES, _LEVEL_BYTES)
        pieces += (head, _pack_level(_TIME, level.measured_at_ns, _DOUBLE, level.value), tail)


def _add_samples(points: Points, samples: Samples, start_ns: int, end_ns: int) -> None:
    pieces = points.get(samples.metric)
    if pieces is None:
        pieces = _open(points, samples.metric, ("histogram",))
    bounds, encoded_bounds = _bounds(samples.metric)
    buckets = build_buckets(samples.values, bounds)
    if not math.isfinite(buckets.sum):
        raise InvalidInputError(
            f"{samples.metric}: a sample is not finite", remedy="leave failed measurements out of the samples"
        )
    head, tail = _frame(
        samples.attributes,
        _HISTOGRAM_ATTRIBUTES,
        _HISTOGRAM_BYTES + len(encoded_bounds) + _packed_bytes(len(bounds) + 1),
    )
    pieces += (
        head,
        _pack_histogram(_START, start_ns, _TIME, end_ns, _COUNT, buckets.count, _SUM, buckets.sum),
        encode_field(6, buckets.counts.tobytes()),
        encoded_bounds,
        tail,
        _pack_extremes(_MIN, buckets.min, _MAX, buckets.max),
    )


def _encode_metric(name: str, pieces: list[bytes]) -> bytes:
    definition = _definition(name)
    described = encode_text(1, name) + encode_text(2, definition.brief) + encode_text(3, definition.unit)
    return described + _DATA[definition.instrument](b"".join(pieces))


_DATA: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gauge": lambda points: encode_field(5, points),
    "counter": lambda points: encode_field(7, points + _DELTA + _MONOTONIC),
    "updowncounter": lambda points: encode_field(7, points + _DELTA),
    "histogram": lambda points: encode_field(9, points + _DELTA),
}


def _open(points: Points, metric: str, instruments: tuple[str, ...]) -> list[bytes]:
    definition = _definition(metric)
    if definition.instrument not in instruments:
        raise InvalidInputError(
            f"{metric} is a {definition.instrument}, not a {' or '.join(instruments)}",
            remedy="read it as what the registry says it is",
        )
    return points.setdefault(metric, [])


def _definition(metric: str) -> MetricDefinition:
    try:
        return load_registry().metrics[metric]
    except KeyError:
        raise InvalidInputError(
            f"{metric!r} is not in the metric registry", remedy="define it in model/conventions"
        ) from None


@lru_cache(maxsize=65_536)
def _frame(attributes: Attributes, number: int, fixed_bytes: int) -> tuple[bytes, bytes]:
    """Return what stands before and after a point's fixed fields: tag and length, and the attributes."""
    tail = encode_attributes(number, attributes)
    return b"\x0a" + encode_varint(fixed_bytes + len(tail)), tail


@lru_cache(maxsize=256)
def _bounds(metric: str) -> tuple[NDArray[np.float64], bytes]:
    bounds = np.array(_definition(metric).bounds, dtype=np.float64)
    return bounds, encode_field(7, bounds.astype("<f8").tobytes())


def _packed_bytes(numbers: int) -> int:
    """Return the size of a packed field of 8-byte numbers with its tag and length."""
    return 1 + len(encode_varint(8 * numbers)) + 8 * numbers
