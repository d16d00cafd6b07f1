"""Recordings to OTLP metric requests in virtual time: the bytes that go through the collector's door.

The OpenTelemetry SDK stamps every point with the machine's time, so history and game days cannot use it.
This module writes the same points straight from the columns of a recording: counters and histograms as deltas
over each cell `(start, end]`, gauges at the time they were measured, names, units, descriptions and bucket
bounds from the registry. All points of a series are written at once, because they have the same length. The same
recordings give the same bytes, so that a repeated request is recognised by its digest. Logs and traces are in
`encode_events`. Nothing is sent from here.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA

from exporters.histograms import build_buckets
from exporters.identity import SCOPE, agent_resource, scope_version
from exporters.rows import EIGHT, SPAN, TIME, Rows, Spans
from exporters.wire import encode_attributes, encode_field, encode_header, encode_text, encode_varint
from model.attributes import Attributes
from model.errors import InvalidInputError
from model.recording import CountTrack, LevelTrack, Recording, SampleTrack
from model.registry import MetricDefinition, load_registry

Points = dict[str, list[bytes]]
"""The encoded pieces of all points by metric, in the order in which the metrics first appear."""

# Fixed fields of a point with their tags, in ascending field order: see metrics.proto.
_INTEGER, _DOUBLE = b"\x31", b"\x21"
_COUNT, _SUM, _MIN, _MAX = b"\x21", b"\x29", b"\x59", b"\x61"
_LEVEL: Final = TIME + EIGHT + _DOUBLE + EIGHT
_HISTOGRAM: Final = SPAN + _COUNT + EIGHT + _SUM + EIGHT
_EXTREMES: Final = _MIN + EIGHT + _MAX + EIGHT
_NUMBER_ATTRIBUTES, _HISTOGRAM_ATTRIBUTES = 7, 9
_DELTA: Final = b"\x10" + encode_varint(AGGREGATION_TEMPORALITY_DELTA)
_MONOTONIC: Final = b"\x18\x01"


def encode_metrics(recordings: Sequence[Recording], *, resource: Attributes | None = None) -> bytes:
    """Return an ExportMetricsServiceRequest with every count, level and sample; empty when there is none.

    All recordings must be of one site. `resource` stands in for the site agent's own. Samples must be finite.
    Raises InvalidInputError for a metric that the registry does not know or knows as another instrument.
    """
    points: Points = {}
    for recording in recordings:
        spans = Spans(recording.edges_ns)
        for count in recording.counts:
            _open(points, count.metric, ("counter", "updowncounter")).append(_encode_counts(count, spans))
        for level in recording.levels:
            _open(points, level.metric, ("gauge",)).append(_encode_levels(level))
        for samples in recording.samples:
            _open(points, samples.metric, ("histogram",)).append(_encode_samples(samples, spans))
    pieces = [piece for name, of_metric in points.items() for piece in _frame_metric(name, of_metric)]
    return encode_request(resource or resource_of(recordings), pieces) if pieces else b""


def resource_of(recordings: Sequence[Recording]) -> Attributes:
    """Return the agent resource of the one site that all recordings are of."""
    sites = {recording.site for recording in recordings}
    if len(sites) != 1:
        raise InvalidInputError(
            f"one request speaks for one site, not for {', '.join(sorted(sites)) or 'none'}",
            remedy="encode the recordings of each site separately",
        )
    return agent_resource(sites.pop())


def encode_request(resource: Attributes, items: Sequence[bytes]) -> bytes:
    """Return an Export*ServiceRequest of one resource and our scope; the three signals have one shape."""
    scope = encode_field(1, encode_text(1, SCOPE) + encode_text(2, scope_version()))
    described = encode_field(1, encode_attributes(1, resource))
    return b"".join(_frame(1, [described, *_frame(2, [scope, *items])]))


def _frame(number: int, pieces: Sequence[bytes]) -> list[bytes]:
    """Return the pieces of a length-delimited field: requests are long, so they are joined once, at the end."""
    return [encode_header(number, sum(map(len, pieces))), *pieces]


def _encode_counts(track: CountTrack, spans: Spans) -> bytes:
    kind, value_tag = ("<i8", _INTEGER) if track.values.dtype.kind in "iu" else ("<f8", _DOUBLE)
    fixed = SPAN + value_tag + EIGHT
    rows = Rows(len(track.cells), fixed + encode_attributes(_NUMBER_ATTRIBUTES, track.attributes))
    rows.put(0, spans.of(track.cells), "u1")
    rows.put(len(SPAN) + 1, track.values, kind)
    return rows.encode()


def _encode_levels(track: LevelTrack) -> bytes:
    rows = Rows(len(track.times_ns), _LEVEL + encode_attributes(_NUMBER_ATTRIBUTES, track.attributes))
    rows.put(1, track.times_ns, "<u8")
    rows.put(10, track.values, "<f8")
    return rows.encode()


def _encode_samples(track: SampleTrack, spans: Spans) -> bytes:
    bounds, encoded_bounds = _bounds(track.metric)
    buckets = build_buckets(track.values, track.splits, bounds)
    if not np.isfinite(buckets.sum).all():
        raise InvalidInputError(
            f"{track.metric}: a sample is not finite", remedy="leave failed measurements out of the samples"
        )
    counts = encode_field(6, bytes(8 * (len(bounds) + 1)))
    tail = encode_attributes(_HISTOGRAM_ATTRIBUTES, track.attributes)
    rows = Rows(len(track.cells), _HISTOGRAM + counts + encoded_bounds + tail + _EXTREMES)
    rows.put(0, spans.of(track.cells), "u1")
    rows.put(19, buckets.count, "<u8")
    rows.put(28, buckets.sum, "<f8")
    rows.put(len(_HISTOGRAM) + len(counts) - 8 * (len(bounds) + 1), buckets.counts, "<u8")
    rows.put(-17, buckets.min, "<f8")
    rows.put(-8, buckets.max, "<f8")
    return rows.encode()


def _frame_metric(name: str, points: list[bytes]) -> list[bytes]:
    number, properties = _DATA[_definition(name).instrument]
    return _frame(2, [_describe(name), *_frame(number, [*points, properties])])


@lru_cache(maxsize=256)
def _describe(name: str) -> bytes:
    definition = _definition(name)
    return encode_text(1, name) + encode_text(2, definition.brief) + encode_text(3, definition.unit)


_DATA: Final = {
    "gauge": (5, b""),
    "counter": (7, _DELTA + _MONOTONIC),
    "updowncounter": (7, _DELTA),
    "histogram": (9, _DELTA),
}
"""The field of each instrument's data in a metric, and what follows its points there."""


def _open(points: Points, metric: str, instruments: tuple[str, ...]) -> list[bytes]:
    if metric in points:
        return points[metric]
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


@lru_cache(maxsize=256)
def _bounds(metric: str) -> tuple[NDArray[np.float64], bytes]:
    bounds = np.array(_definition(metric).bounds, dtype=np.float64)
    return bounds, encode_field(7, bounds.astype("<f8").tobytes())
