"""OTLP requests for tests: small, valid, and easy to spoil."""

import base64
from collections.abc import Iterable
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from collector.decode import Decoded

TIME_NS = 1_700_000_000_000_000_000
DELTA, CUMULATIVE = 1, 2


def metrics_request(*metrics: Metric) -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    group.resource.attributes.add(key="service.name").value.string_value = "test"
    scope = group.scope_metrics.add()
    scope.scope.name, scope.scope.version = "test.scope", "1.2"
    scope.metrics.extend(metrics)
    return request


def gauge(values: Iterable[float], *, name: str = "test.gauge", unit: str = "1", time_ns: int = TIME_NS) -> Metric:
    metric = Metric(name=name, unit=unit)
    for index, value in enumerate(values):
        metric.gauge.data_points.add(time_unix_nano=time_ns + index, as_double=value)
    return metric


def counter(*values: int, temporality: int = DELTA) -> Metric:
    metric = Metric(name="test.counter", unit="{thing}")
    metric.sum.aggregation_temporality = temporality  # type: ignore[assignment]
    metric.sum.is_monotonic = True
    for index, value in enumerate(values):
        metric.sum.data_points.add(start_time_unix_nano=TIME_NS, time_unix_nano=TIME_NS + index, as_int=value)
    return metric


def histogram(bounds: Iterable[float], buckets: Iterable[int], *, count: int | None = None) -> Metric:
    metric = Metric(name="test.histogram", unit="s")
    metric.histogram.aggregation_temporality = DELTA  # type: ignore[assignment]
    point = metric.histogram.data_points.add(start_time_unix_nano=TIME_NS - 10, time_unix_nano=TIME_NS)
    point.explicit_bounds.extend(bounds)
    point.bucket_counts.extend(buckets)
    point.count = sum(point.bucket_counts) if count is None else count
    return metric


def exponential(*, scale: int = 0, zero: int = 1, positive: Iterable[int] = (2, 3), offset: int = 0) -> Metric:
    metric = Metric(name="test.exponential", unit="s")
    metric.exponential_histogram.aggregation_temporality = DELTA  # type: ignore[assignment]
    point = metric.exponential_histogram.data_points.add(time_unix_nano=TIME_NS, scale=scale, zero_count=zero)
    point.positive.offset = offset
    point.positive.bucket_counts.extend(positive)
    point.count = zero + sum(point.positive.bucket_counts)
    return metric


def logs_request() -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.add(key="service.name").value.string_value = "test"
    record = group.scope_logs.add().log_records.add(
        time_unix_nano=TIME_NS, event_name="test.event", severity_number=9
    )
    record.body.string_value = "it happened"
    record.trace_id, record.span_id = bytes(range(16)), bytes(range(8))
    return request


def traces_request() -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(name="test.span")
    span.trace_id, span.span_id, span.parent_span_id = bytes(range(16)), bytes(range(8)), bytes(range(1, 9))
    span.start_time_unix_nano, span.end_time_unix_nano = TIME_NS, TIME_NS + 5
    span.status.code = 2  # type: ignore[assignment]
    return request


def body_of(*values: float, time_ns: int = TIME_NS) -> bytes:
    """Return the body of a request with one gauge."""
    return metrics_request(gauge(values, time_ns=time_ns)).SerializeToString()


def seen_in(decoded: Decoded) -> tuple[object, ...]:
    """Return everything that decoding came to, in an order that does not depend on the road; NaN equals itself."""
    batch = decoded.batch
    histograms = [point for block in batch.histograms for point in block.rows()]
    spans = [span for block in batch.spans for span in block.rows()]
    rows = [*batch.numbers.rows(), *histograms, *batch.exponentials, *batch.events, *spans]
    rejections = decoded.rejections
    left_out = (rejections.counts(), rejections.render_message("items"), decoded.no_value)
    return sorted(map(repr, rows)), *left_out, decoded.mended_starts


def to_otlp_json(message: Message) -> dict[str, Any]:
    """Return what an OTLP/JSON exporter sends: integers for enums, hexadecimal ids."""
    document: dict[str, Any] = json_format.MessageToDict(message, use_integers_for_enums=True)
    _hex_ids(document)
    return document


def _hex_ids(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _hex_ids(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("traceId", "spanId", "parentSpanId"):
                node[key] = base64.b64decode(value).hex()
            else:
                _hex_ids(value)
