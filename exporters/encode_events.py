"""Happenings to OTLP log requests and stages to OTLP trace requests, in virtual time.

There are few logs beside the points, so protobuf's own classes write them; spans are packed. Trace and span ids are
derived from the site and the job, never random: the same recordings give the same bytes, and the live road
gives a job the same ids.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, SeverityNumber
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from exporters.encode import encode_request, resource_of
from exporters.wire import (
    build_any_value,
    build_attributes,
    encode_field,
    encode_new_attributes,
    encode_text,
    encode_varint,
)
from model.attributes import Attributes
from model.readings import Happening, Stage
from model.recording import Recording

SEVERITY_NUMBERS: Final = {"TRACE": 1, "DEBUG": 5, "INFO": 9, "WARN": 13, "WARNING": 13, "ERROR": 17, "FATAL": 21}
"""OpenTelemetry's number for each severity word."""

# Fields of a span, see trace.proto: its kind, the tags of its times, its status.
_INTERNAL: Final = b"\x30" + encode_varint(Span.SPAN_KIND_INTERNAL)
_START, _END = b"\x39", b"\x41"
_UNSET, _FAILED = (
    encode_field(15, Status(code=code).SerializeToString())
    for code in (Status.STATUS_CODE_UNSET, Status.STATUS_CODE_ERROR)
)


@lru_cache(maxsize=256)
def derive_trace_id(site: str, trace: str) -> bytes:
    """Return the 16-byte trace id of a job at a site."""
    return blake2b(f"{site}\0{trace}".encode(), digest_size=16).digest()


@lru_cache(maxsize=256)
def derive_span_id(site: str, trace: str, name: str) -> bytes:
    """Return the 8-byte span id of the stage `name` of a job at a site."""
    return blake2b(f"{site}\0{trace}\0{name}".encode(), digest_size=8).digest()


def encode_logs(recordings: Sequence[Recording], *, resource: Attributes | None = None) -> bytes:
    """Return an ExportLogsServiceRequest with every happening; empty when there is none."""
    records = b"".join(
        encode_field(2, _build_record(happening).SerializeToString(deterministic=True))
        for recording in recordings
        for happening in recording.happenings
    )
    return encode_request(resource or resource_of(recordings), [records]) if records else b""


def encode_traces(recordings: Sequence[Recording], *, resource: Attributes | None = None) -> bytes:
    """Return an ExportTraceServiceRequest with every stage as a span; empty when there is none."""
    spans = b"".join(
        encode_field(2, _encode_span(recording.site, stage)) for recording in recordings for stage in recording.stages
    )
    return encode_request(resource or resource_of(recordings), [spans]) if spans else b""


def _build_record(happening: Happening) -> LogRecord:
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


def _encode_span(site: str, stage: Stage) -> bytes:
    """Return a stage as a span of its job's trace: the bytes that protobuf's class would write."""
    parent = encode_field(4, derive_span_id(site, stage.trace, stage.parent)) if stage.parent else b""
    return b"".join(
        (
            encode_field(1, derive_trace_id(site, stage.trace)),
            encode_field(2, derive_span_id(site, stage.trace, stage.name)),
            parent,
            encode_text(5, stage.name),
            _INTERNAL,
            _encode_time(_START, stage.start_ns),
            _encode_time(_END, stage.end_ns),
            _encode_job(stage.attributes),
            _FAILED if stage.failed else _UNSET,
        )
    )


def _encode_time(tag: bytes, time_ns: int) -> bytes:
    return tag + time_ns.to_bytes(8, "little") if time_ns else b""


@lru_cache(maxsize=256)
def _encode_job(attributes: Attributes) -> bytes:
    """Return the attributes of a span; the stages of a job share theirs."""
    return encode_new_attributes(9, attributes)
