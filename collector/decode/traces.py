"""OTLP spans -> spans of the model; span events and links are not kept."""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as WireSpan

from collector.decode.decoded import Decoded
from collector.decode.rejections import Reason
from collector.decode.times import find_time_flaw
from collector.decode.values import decode_attributes, decode_text
from model.attributes import Attributes
from model.points import Span

_STATUSES = {1: "ok", 2: "error"}
_TRACE_ID_BYTES, _SPAN_ID_BYTES = 16, 8


def decode_traces(request: ExportTraceServiceRequest) -> Decoded:
    """Return the good spans and the rejections."""
    decoded = Decoded()
    for group in request.resource_spans:
        resource = decode_attributes(group.resource.attributes)
        for scope in group.scope_spans:
            for span in scope.spans:
                _decode_span(span, resource, decoded)
    return decoded


def _decode_span(span: WireSpan, resource: Attributes, decoded: Decoded) -> None:
    flaw = _find_id_flaw(span)
    if flaw is not None:
        decoded.rejections.add(Reason.SPAN_ID, f"span {span.name!r}: {flaw}")
        return
    flaw = _find_window_flaw(span.start_time_unix_nano, span.end_time_unix_nano)
    if flaw is not None:
        decoded.rejections.add(Reason.TIME, f"span {span.name!r}: {flaw}")
        return
    decoded.batch.spans.append(
        Span(
            trace_id=span.trace_id.hex(),
            span_id=span.span_id.hex(),
            parent_span_id=span.parent_span_id.hex(),
            name=decode_text(span.name),
            start_ns=span.start_time_unix_nano,
            end_ns=span.end_time_unix_nano,
            status=_STATUSES.get(span.status.code, "unset"),
            resource=resource,
            attributes=decode_attributes(span.attributes),
        )
    )


def _find_id_flaw(span: WireSpan) -> str | None:
    if len(span.trace_id) != _TRACE_ID_BYTES or not any(span.trace_id):
        return f"the trace id must be {_TRACE_ID_BYTES} bytes, not all zero"
    if len(span.span_id) != _SPAN_ID_BYTES or not any(span.span_id):
        return f"the span id must be {_SPAN_ID_BYTES} bytes, not all zero"
    if span.parent_span_id and len(span.parent_span_id) != _SPAN_ID_BYTES:
        return f"the parent span id must be {_SPAN_ID_BYTES} bytes or empty"
    return None


def _find_window_flaw(start_ns: int, end_ns: int) -> str | None:
    if start_ns == 0:
        return "start_time_unix_nano is 0"
    return find_time_flaw(start_ns, end_ns, field="end_time_unix_nano")
