"""The three exporters that the OpenTelemetry SDK calls: encode once, put into the outbox, done.

Why not the SDK's own OTLP exporters. In SDK 1.45 both the HTTP and the gRPC one try at most six times inside one
deadline (10 s by default), give up at once when the server asks for more patience than is left, and then
drop the batch; a delta counter that is dropped is lost for good. The gRPC one also encodes again for every try.
Neither keeps a backlog. So only their encoder is used (`opentelemetry.exporter.otlp.proto.common`), once per batch,
and the outbox owns the bytes from there on. `export` always succeeds and never waits, so the SDK's timers,
locks and queues are never held up by a collector that is away.
"""

from collections.abc import Sequence
from itertools import chain

from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.metrics import Counter, Histogram, UpDownCounter
from opentelemetry.sdk.metrics import _Gauge as Gauge
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    MetricExporter,
    MetricExportResult,
    MetricsData,
)
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from exporters.delivery import Signal
from exporters.outbox import Outbox

TEMPORALITY: dict[type, AggregationTemporality] = {
    Counter: AggregationTemporality.DELTA,
    UpDownCounter: AggregationTemporality.DELTA,
    Histogram: AggregationTemporality.DELTA,
    # A delta gauge is sent only when it was set: an old T1 is not passed off as a new one every interval.
    Gauge: AggregationTemporality.DELTA,
}


class OutboxMetricExporter(MetricExporter):
    """Puts each collection of metrics into the outbox."""

    def __init__(self, outbox: Outbox) -> None:
        super().__init__(preferred_temporality=TEMPORALITY)
        self._outbox = outbox

    def export(
        self,
        metrics_data: MetricsData,
        timeout_millis: float = 10_000,  # noqa: ARG002  nothing here takes time
        **_kwargs: object,
    ) -> MetricExportResult:
        """Encode and queue; an empty collection is no request."""
        if metrics_data.resource_metrics:
            request = encode_metrics(metrics_data)
            _mend_starts(request)
            self._outbox.put(Signal.METRICS, request.SerializeToString(deterministic=True))
        return MetricExportResult.SUCCESS

    def force_flush(self, timeout_millis: float = 10_000) -> bool:  # noqa: ARG002
        """Do nothing: whoever owns the outbox flushes it."""
        return True

    def shutdown(self, timeout_millis: float = 30_000, **_kwargs: object) -> None:
        """Do nothing: whoever owns the outbox closes it."""


def _mend_starts(request: ExportMetricsServiceRequest) -> None:
    """Let no point start after its own time, for which a collector would refuse it.

    SDK 1.45 takes the time of a collection first and its lock later; what an instrument is told for the very first
    time in between starts after that time.
    """
    for metric in chain.from_iterable(
        scope.metrics for resource in request.resource_metrics for scope in resource.scope_metrics
    ):
        for point in getattr(metric, str(metric.WhichOneof("data"))).data_points:
            point.start_time_unix_nano = min(point.start_time_unix_nano, point.time_unix_nano)


class OutboxLogExporter(LogRecordExporter):
    """Puts each batch of log records into the outbox."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        """Encode and queue."""
        self._outbox.put(Signal.LOGS, encode_logs(batch).SerializeToString(deterministic=True))
        return LogRecordExportResult.SUCCESS

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002
        """Do nothing: whoever owns the outbox flushes it."""
        return True

    def shutdown(self) -> None:
        """Do nothing: whoever owns the outbox closes it."""


class OutboxSpanExporter(SpanExporter):
    """Puts each batch of spans into the outbox."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Encode and queue."""
        self._outbox.put(Signal.TRACES, encode_spans(spans).SerializeToString(deterministic=True))
        return SpanExportResult.SUCCESS

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002
        """Do nothing: whoever owns the outbox flushes it."""
        return True

    def shutdown(self) -> None:
        """Do nothing: whoever owns the outbox closes it."""
