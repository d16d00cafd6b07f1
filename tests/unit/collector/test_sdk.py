"""The exporters that people really use, against the running doors."""

import pytest
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from tests.unit.collector.conftest import Running
from tests.unit.collector.messages import TIME_NS

RESOURCE = Resource({"service.name": "sdk"})


@pytest.mark.parametrize("door", ["grpc", "http", "http+gzip"])
def test_metrics_of_the_sdk_arrive(running: Running, door):
    exporter: MetricExporter
    if door == "grpc":
        exporter = GrpcMetrics(endpoint=running.grpc, insecure=True)
    else:
        compression = Compression.Gzip if "gzip" in door else Compression.NoCompression
        exporter = HttpMetrics(endpoint=f"{running.http}/v1/metrics", compression=compression)
    provider = MeterProvider([PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)], RESOURCE)
    meter = provider.get_meter("sdk.scope", "1.0")
    meter.create_counter("sdk.counter", "{thing}").add(3, {"a": 1, "b": "x"})
    meter.create_histogram("sdk.histogram", "s").record(0.25)
    provider.shutdown()
    assert running.pipeline.flush(10)
    (batch,) = running.consumer.batches
    assert batch.numbers.value.tolist() == [3.0]
    assert batch.numbers.series[0].attributes == (("a", 1), ("b", "x"))
    (point,) = batch.histograms[0].rows()
    assert (point.count, point.sum) == (1, 0.25)


@pytest.mark.parametrize("door", ["grpc", "http"])
def test_spans_of_the_sdk_arrive(running: Running, door):
    exporter = (
        GrpcSpans(endpoint=running.grpc, insecure=True)
        if door == "grpc"
        else HttpSpans(endpoint=f"{running.http}/v1/traces")
    )
    provider = TracerProvider(resource=RESOURCE)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("sdk").start_as_current_span("outer") as span:
        identity = span.get_span_context()
    provider.shutdown()
    assert running.pipeline.flush(10)
    (stored,) = running.consumer.batches[0].spans[0].rows()
    assert (stored.name, stored.trace_id) == ("outer", f"{identity.trace_id:032x}")


@pytest.mark.parametrize("door", ["grpc", "http"])
def test_log_records_of_the_sdk_arrive(running: Running, door):
    exporter = (
        GrpcLogs(endpoint=running.grpc, insecure=True)
        if door == "grpc"
        else HttpLogs(endpoint=f"{running.http}/v1/logs")
    )
    provider = LoggerProvider(resource=RESOURCE)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    provider.get_logger("sdk").emit(
        LogRecord(timestamp=TIME_NS, event_name="sdk.event", body="b", severity_number=SeverityNumber.WARN)
    )
    provider.shutdown()
    assert running.pipeline.flush(10)
    (event,) = running.consumer.batches[0].events
    assert (event.event, event.severity, event.time_ns) == ("sdk.event", "WARN", TIME_NS)
    assert ("service.name", "sdk") in event.resource
