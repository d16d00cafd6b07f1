"""Clients that nobody here wrote deliver through an outage of the database: nothing is lost, nothing is doubled.

The official SDKs of Python (gRPC and HTTP) and JavaScript (gRPC and OTLP/JSON), with metrics, traces and logs. They
keep little and give up after ten seconds, so it is the collector that must carry the outage. It lasts HERALD_OUTAGE_S
seconds (default 5; 60 for the real thing).
"""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import Counter, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from store import EmbeddedServer, connect, migrate
from tests.acceptance.collecting import CollectorProcess, running_collector
from tests.acceptance.running import eventually
from tests.conftest import or_skip
from tests.services.otel_js import JavaScriptClient, javascript_client

OUTAGE_S = float(os.environ.get("HERALD_OUTAGE_S", "5"))
BESIDE_S = 1.0
PAUSE_S = 0.05
EXPORT_MS = 500
DELTA: Any = {Counter: AggregationTemporality.DELTA}

STORED = """
select 'metric:' || metric, sum(value)::bigint from point join series on series.id = series_id
 where scope <> '' group by metric
union all select 'span:' || name, count(*) from span group by name
union all select 'event:' || name, count(*) from event group by name
"""


class Sdk(NamedTuple):
    """The three providers of one door."""

    meters: MeterProvider
    tracers: TracerProvider
    logs: LoggerProvider


def sdk_over_grpc(endpoint: str) -> Sdk:
    return _sdk(
        GrpcMetrics(endpoint=endpoint, insecure=True, preferred_temporality=DELTA),
        GrpcSpans(endpoint=endpoint, insecure=True),
        GrpcLogs(endpoint=endpoint, insecure=True),
    )


def sdk_over_http(url: str) -> Sdk:
    return _sdk(
        HttpMetrics(endpoint=f"{url}/v1/metrics", preferred_temporality=DELTA),
        HttpSpans(endpoint=f"{url}/v1/traces"),
        HttpLogs(endpoint=f"{url}/v1/logs"),
    )


def _sdk(metrics: Any, spans: Any, logs: Any) -> Sdk:
    reader = PeriodicExportingMetricReader(metrics, export_interval_millis=EXPORT_MS)
    sdk = Sdk(MeterProvider([reader]), TracerProvider(), LoggerProvider())
    sdk.tracers.add_span_processor(BatchSpanProcessor(spans, schedule_delay_millis=EXPORT_MS))
    sdk.logs.add_log_record_processor(BatchLogRecordProcessor(logs, schedule_delay_millis=EXPORT_MS))
    return sdk


class Sender(threading.Thread):
    """Counts, spans and log records through one SDK, until told to stop."""

    def __init__(self, door: str, sdk: Sdk) -> None:
        super().__init__(name=door)
        self.sent = 0
        self._sdk = sdk
        self._enough = threading.Event()

    def run(self) -> None:
        counter = self._sdk.meters.get_meter("py").create_counter(f"py.{self.name}")
        tracer, logger = self._sdk.tracers.get_tracer("py"), self._sdk.logs.get_logger("py")
        while not self._enough.wait(PAUSE_S):
            counter.add(1)
            tracer.start_span(f"py.{self.name}").end()
            logger.emit(LogRecord(timestamp=time.time_ns(), event_name=f"py.{self.name}", body=str(self.sent)))
            self.sent += 1
        for provider in self._sdk:
            provider.shutdown()

    def stop(self) -> dict[str, int]:
        """Return what must be stored."""
        self._enough.set()
        self.join()
        return {f"{kind}:py.{self.name}": self.sent for kind in ("metric", "span", "event")}


@pytest.fixture
def javascript() -> JavaScriptClient:
    return or_skip(javascript_client)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    """A database of the test's own, which it may stop."""
    with EmbeddedServer(tmp_path / "database") as running:
        migrate(running.url)
        yield running


@pytest.fixture
def collector(server: EmbeddedServer, tmp_path: Path) -> Iterator[CollectorProcess]:
    data = tmp_path / "collector"
    data.mkdir()
    with running_collector(data, server.url) as running:
        yield running


def test_the_sdks_deliver_through_an_outage_of_the_database(
    server: EmbeddedServer, collector: CollectorProcess, javascript: JavaScriptClient
):
    url = server.url
    senders = [
        Sender("grpc", sdk_over_grpc(collector.grpc_url.replace("grpc://", "http://"))),
        Sender("http", sdk_over_http(collector.http_url)),
    ]
    for sender in senders:
        sender.start()
    script = javascript.start(collector.http_url, collector.grpc_url.replace("grpc://", "http://"))
    time.sleep(BESIDE_S)
    server.stop()
    time.sleep(OUTAGE_S)
    server.start()
    time.sleep(BESIDE_S)
    expected = {key: count for sender in senders for key, count in sender.stop().items()}
    said, complaints = script.communicate(timeout=60)
    assert complaints == ""
    names = ("metric:js.json", "metric:js.grpc", "span:js.span", "event:js.event")
    expected |= dict.fromkeys(names, int(said))
    assert min(expected.values()) >= OUTAGE_S / PAUSE_S / 4, "the clients were asleep: this proves nothing"
    eventually(lambda: sum(_stored(url).values()) >= sum(expected.values()), "all is stored", patience_s=30)
    assert _stored(url) == expected


def _stored(url: str) -> dict[str, int]:
    with connect(url) as connection:
        return {str(key): int(count) for key, count in connection.execute(STORED).fetchall()}
