"""Happenings to OTLP log requests and stages to OTLP trace requests, in virtual time.

There are few of them beside the points, so protobuf's own classes write them. Trace and span ids are
derived from the site and the job, never random: the same recordings give the same bytes, and the live road
gives a job the same ids.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, SeverityNumber
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from exporters.encode import encode_request, resource_of
from exporters.wire import build_any_value, build_attributes, encode_field
from model.attributes import Attributes
from model.readings import Happening, Stage
from model.recording import Recording

SEVERITY_NUMBERS: Final = {"TRACE": 1, "DEBUG": 5, "INFO": 9, "WARN": 13, "WARNING": 13, "ERROR": 17, "FATAL": 21}
"""OpenTelemetry's number for each severity word."""


def derive_trace_id(site: str, trace: str) -> bytes:
    """Return the 16-byte trace id of a job at a site."""
    return blake2b(f"{site}\0{trace}".encode(), digest_size=16).digest()


def derive_span_id(site: str, trace: str, name: str) -> bytes:
    """Return the 8-byte span id of the stage `name` of a job at a site."""
    return blake2b(f"{site}\0{trace}\0{name}".encode(), digest_size=8).digest()


def encode_logs(recordings: Sequence[Recording], *, resource: Attributes | None = None) -> bytes:
    """Return an ExportLogsServiceRequest with every happening; empty when there is none."""
    records = b"".join(
        encode_field(2, build_record(happening).SerializeToString(deterministic=True))
        for recording in recordings
        for happening in recording.happenings
    )
    return encode_request(resource or resource_of(recordings), [records]) if records else b""


def encode_traces(recordings: Sequence[Recording], *, resource: Attributes | None = None) -> bytes:
    """Return an ExportTraceServiceRequest with every stage as a span; empty when there is none."""
    spans = b"".join(
        encode_field(2, build_span(recording.site, stage).SerializeToString(deterministic=True))
        for recording in recordings
        for stage in recording.stages
    )
    return encode_request(resource or resource_of(recordings), [spans]) if spans else b""


def build_record(happening: Happening) -> LogRecord:
    """Return a happening as a log record; in virtual time it is observed when it happens."""
    return LogRecord(
        time_unix_nano=happening.time_ns,
        observed_time_unix_nano=happening.time_ns,
        severity_number=SeverityNumber.ValueType(SEVERITY_NUMBERS.get(happening.severity.upper(), 0)),
        severity_text=happening.severity,
        body=build_any_value(happening.body) if happening.body else None,
        attributes=build_attributes(happening.attributes),
        event_name=happening.event,
    )


def build_span(site: str, stage: Stage) -> Span:
    """Return a stage as a span of its job's trace."""
    return Span(
        trace_id=derive_trace_id(site, stage.trace),
        span_id=derive_span_id(site, stage.trace, stage.name),
        parent_span_id=derive_span_id(site, stage.trace, stage.parent) if stage.parent else b"",
        name=stage.name,
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=stage.start_ns,
        end_time_unix_nano=stage.end_ns,
        attributes=build_attributes(stage.attributes),
        status=Status(code=Status.STATUS_CODE_ERROR if stage.failed else Status.STATUS_CODE_UNSET),
    )
