"""Happenings and stages through the OpenTelemetry SDK, with their own times and derived ids."""

from opentelemetry import trace
from opentelemetry._logs import Logger, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags, Tracer

from exporters.encode_events import SEVERITY_NUMBERS, derive_span_id, derive_trace_id
from model.readings import Happening, Stage


class DerivedIds(IdGenerator):
    """Hands the SDK the ids of the stage that is about to start; used by one thread."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._trace, self._name = "", ""

    def point_at(self, stage: Stage) -> None:
        """Make the next ids those of `stage`."""
        self._trace, self._name = stage.trace, stage.name

    def generate_trace_id(self) -> int:
        """Return the id of the stage's job."""
        return int.from_bytes(derive_trace_id(self._site, self._trace), "big")

    def generate_span_id(self) -> int:
        """Return the id of the stage."""
        return int.from_bytes(derive_span_id(self._site, self._trace, self._name), "big")


def emit_stage(tracer: Tracer, ids: DerivedIds, site: str, stage: Stage) -> None:
    """Start and end a span for a stage that is over, under its parent if it has one."""
    ids.point_at(stage)
    span = tracer.start_span(
        stage.name,
        context=_parent_context(site, stage),
        attributes=dict(stage.attributes),
        start_time=stage.start_ns,
    )
    if stage.failed:
        span.set_status(Status(StatusCode.ERROR))
    span.end(end_time=stage.end_ns)


def emit_happening(logger: Logger, happening: Happening) -> None:
    """Emit a log record with the event's name and its own time."""
    logger.emit(
        timestamp=happening.time_ns,
        severity_number=SeverityNumber(SEVERITY_NUMBERS.get(happening.severity.upper(), 0)),
        severity_text=happening.severity,
        body=happening.body or None,
        attributes=dict(happening.attributes),
        event_name=happening.event,
    )


def _parent_context(site: str, stage: Stage) -> Context:
    if stage.parent is None:
        return Context()
    parent = SpanContext(
        trace_id=int.from_bytes(derive_trace_id(site, stage.trace), "big"),
        span_id=int.from_bytes(derive_span_id(site, stage.trace, stage.parent), "big"),
        is_remote=False,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )
    return trace.set_span_in_context(NonRecordingSpan(parent), Context())
