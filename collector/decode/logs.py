"""OTLP log records -> events."""

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from collector.decode.decoded import Decoded
from collector.decode.rejections import LONGEST_NAME, Reason
from collector.decode.times import find_time_flaw
from collector.decode.values import decode_attributes, decode_body, decode_text
from model.attributes import Attributes
from model.points import LogEvent

_SEVERITIES = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_EVENT_NAME = "event.name"
"""Where the event name stood before log records had a field for it."""


def decode_logs(request: ExportLogsServiceRequest) -> Decoded:
    """Return the good records and the rejections."""
    decoded = Decoded()
    for group in request.resource_logs:
        resource = decode_attributes(group.resource.attributes)
        for scope in group.scope_logs:
            for record in scope.log_records:
                _decode_record(record, resource, decoded)
    return decoded


def _decode_record(record: LogRecord, resource: Attributes, decoded: Decoded) -> None:
    time_ns = record.time_unix_nano or record.observed_time_unix_nano
    attributes = decode_attributes(record.attributes)
    event = decode_text(record.event_name) or str(dict(attributes).get(_EVENT_NAME, ""))
    if len(event) > LONGEST_NAME:
        example = f"log record: an event name of {len(event)} characters is longer than {LONGEST_NAME}"
        decoded.rejections.add(Reason.SIZE, example)
        return
    flaw = find_time_flaw(time_ns)
    if flaw is not None:
        decoded.rejections.add(Reason.TIME, f"log record {event!r}: {flaw}")
        return
    decoded.batch.events.append(
        LogEvent(
            time_ns=time_ns,
            event=event,
            severity=decode_text(record.severity_text) or severity_name(record.severity_number),
            body=decode_body(record.body),
            resource=resource,
            attributes=attributes,
            trace_id=_valid_id(record.trace_id, 16),
            span_id=_valid_id(record.span_id, 8),
        )
    )


def severity_name(number: int) -> str:
    """Return the name of the range of four that a severity number (1..24) lies in; empty for others."""
    return _SEVERITIES[(number - 1) // 4] if 1 <= number <= 24 else ""


def _valid_id(identifier: bytes, length: int) -> str:
    # The specification has a record with an invalid id taken as one that belongs to no trace.
    return identifier.hex() if len(identifier) == length and any(identifier) else ""
