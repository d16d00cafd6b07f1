"""Live telemetry of one site through the OpenTelemetry SDK: OTLP to a collector, and Prometheus beside it.

Readings drive instruments, log records and spans; the SDK aggregates over the export interval (5 s) and hands
delta counters and histograms to `otlp_exporters`, which encode each batch once and leave it in an `Outbox`.
The SDK never waits for the collector, and what a collector that is away misses is sent, byte-identical and in
order, when it is back: counters in the database equal what was read here. Why the SDK's own exporters cannot
do that stands in `otlp_exporters`.
"""

from collections.abc import Callable, Sequence
from typing import Final

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from exporters.credentials import Credentials
from exporters.identity import SCOPE, agent_resource, scope_version
from exporters.instruments import Instruments
from exporters.otlp_exporters import OutboxLogExporter, OutboxMetricExporter, OutboxSpanExporter
from exporters.outbox import KEEP_S, Outbox, Tally, say_on_stderr
from exporters.prometheus_endpoint import PrometheusEndpoint
from exporters.push import connect
from exporters.spans import DerivedIds, emit_happening, emit_stage
from model.errors import InvalidInputError
from model.readings import Readings

EXPORT_INTERVAL_S: Final = 5.0
_QUEUE_SIZE: Final = 65_536
_BATCH_SIZE: Final = 512
_FLUSH_EVERY: Final = 8_192  # events between two forced flushes: the SDK's queues drop when they are full


class LiveExporter:
    """Exports one site's readings as they come, to the collector at `url` and to a Prometheus endpoint."""

    def __init__(
        self,
        site: str,
        url: str,
        *,
        export_interval_s: float = EXPORT_INTERVAL_S,
        prometheus: PrometheusEndpoint | None = None,
        keep_s: float = KEEP_S,
        say: Callable[[str], None] = say_on_stderr,
        credentials: Credentials | None = None,
    ) -> None:
        """Start; nothing is sent yet. Raises InvalidInputError for a URL that cannot be one."""
        self._site = site
        self._events = 0
        self._outbox = Outbox(connect(url, credentials=credentials), keep_s=keep_s, say=say)
        self._ids = DerivedIds(site)
        resource, interval_ms = Resource(dict(agent_resource(site))), export_interval_s * 1000
        pull = [prometheus.reader(site)] if prometheus else []
        self._meters = _build_meters(self._outbox, resource, interval_ms, pull)
        self._logs = _build_logs(self._outbox, resource, interval_ms)
        self._traces = _build_traces(self._outbox, resource, interval_ms, self._ids)
        self._instruments = Instruments(self._meters.get_meter(SCOPE, scope_version()))
        self._logger = self._logs.get_logger(SCOPE, scope_version())
        self._tracer = self._traces.get_tracer(SCOPE, scope_version())

    @property
    def tally(self) -> Tally:
        """Return what became of the requests so far."""
        return self._outbox.tally

    @property
    def backlog(self) -> int:
        """Return how many requests wait for the collector."""
        return len(self._outbox)

    def take(self, readings: Readings) -> None:
        """Drive the readings into the instruments; never waits for the collector."""
        if readings.site != self._site:
            raise InvalidInputError(
                f"the exporter of site {self._site} was handed readings of {readings.site}",
                remedy="run one exporter per site",
            )
        for count in readings.counts:
            self._instruments.add(count)
        for level in readings.levels:
            self._instruments.set(level)
        for samples in readings.samples:
            self._instruments.record(samples)
        for happening in readings.happenings:
            emit_happening(self._logger, happening)
            self._make_room()
        for stage in readings.stages:
            emit_stage(self._tracer, self._ids, self._site, stage)
            self._make_room()

    def flush(self, deadline_s: float = 10.0) -> bool:
        """Collect and deliver everything taken so far; return whether the collector has it all."""
        self._meters.force_flush()
        self._logs.force_flush()
        self._traces.force_flush()
        return self._outbox.flush(deadline_s)

    def shutdown(self, deadline_s: float = 10.0) -> int:
        """Flush within the deadline and stop; return how many requests could not be delivered."""
        self._meters.shutdown()
        self._logs.shutdown()
        self._traces.shutdown()
        return self._outbox.close(deadline_s)

    def _make_room(self) -> None:
        self._events += 1
        if self._events % _FLUSH_EVERY == 0:
            self._logs.force_flush()
            self._traces.force_flush()


# The providers are shut down by their owner, with a deadline, not by the interpreter's exit without one.


def _build_meters(
    outbox: Outbox, resource: Resource, interval_ms: float, pull: Sequence[MetricReader]
) -> MeterProvider:
    push = PeriodicExportingMetricReader(OutboxMetricExporter(outbox), export_interval_millis=interval_ms)
    return MeterProvider([push, *pull], resource, exemplar_filter=AlwaysOffExemplarFilter(), shutdown_on_exit=False)


def _build_logs(outbox: Outbox, resource: Resource, interval_ms: float) -> LoggerProvider:
    processor = BatchLogRecordProcessor(
        OutboxLogExporter(outbox),
        schedule_delay_millis=interval_ms,
        max_queue_size=_QUEUE_SIZE,
        max_export_batch_size=_BATCH_SIZE,
    )
    provider = LoggerProvider(resource, shutdown_on_exit=False)
    provider.add_log_record_processor(processor)
    return provider


def _build_traces(outbox: Outbox, resource: Resource, interval_ms: float, ids: DerivedIds) -> TracerProvider:
    processor = BatchSpanProcessor(
        OutboxSpanExporter(outbox),
        schedule_delay_millis=interval_ms,
        max_queue_size=_QUEUE_SIZE,
        max_export_batch_size=_BATCH_SIZE,
    )
    provider = TracerProvider(ALWAYS_ON, resource, shutdown_on_exit=False, id_generator=ids)
    provider.add_span_processor(processor)
    return provider
