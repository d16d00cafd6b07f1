"""OTLP spans -> spans of the model; span events and links are not kept.

Two roads give the same: `decode` takes a parsed request span by span, `decode_bytes` reads the spans of a serialized
one in columns and leaves whatever is unusual to the first.
"""

from collections.abc import Iterable

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span as WireSpan

from collector.decode.decoded import Decoded
from collector.decode.outline import parse_traces_outline
from collector.decode.rejections import Reason
from collector.decode.span_attributes import SpanAttributes
from collector.decode.span_columns import STATUSES, decode_span_columns
from collector.decode.times import find_time_flaw
from collector.decode.values import decode_attributes, decode_text
from model.attributes import Attributes
from model.spans import SPAN_ID_BYTES, TRACE_ID_BYTES, Span

_FEW = 8
"""So many spans of a scope are decoded sooner one by one."""


class TracesDecoder:
    """Decodes traces requests; may be used from several threads."""

    def __init__(self, *, max_attributes: int = 50_000) -> None:
        self._attributes = SpanAttributes(max_attributes)

    def decode(self, request: ExportTraceServiceRequest) -> Decoded:
        """Return the good spans and the rejections."""
        decoded = Decoded()
        for group in request.resource_spans:
            resource = decode_attributes(group.resource.attributes)
            for scope in group.scope_spans:
                self._decode_spans(scope.spans, resource, decoded)
        return decoded.finish()

    def decode_bytes(self, body: bytes) -> Decoded:
        """Return the good spans and the rejections.

        Raises google.protobuf.message.DecodeError where `body` is no request.
        """
        decoded = Decoded()
        for group in parse_traces_outline(body).resource_spans:
            resource = decode_attributes(Resource.FromString(group.resource.SerializeToString()).attributes)
            for scope in group.scope_spans:
                InstrumentationScope.FromString(scope.scope.SerializeToString())  # not kept, but it must be one
                left = self._decode_columns(scope.spans, resource, decoded)
                self._decode_spans(map(WireSpan.FromString, left), resource, decoded)
        return decoded.finish()

    def _decode_columns(self, messages: Iterable[bytes], resource: Attributes, decoded: Decoded) -> list[bytes]:
        """Decode what columns can take and return the rest."""
        spans = list(messages)
        if len(spans) <= _FEW:
            return spans
        blocks, left = decode_span_columns(spans, resource, self._attributes)
        decoded.batch.spans += blocks
        return [spans[i] for i in left.tolist()]

    def _decode_spans(self, spans: Iterable[WireSpan], resource: Attributes, decoded: Decoded) -> None:
        for span in spans:
            self._decode_span(span, resource, decoded)

    def _decode_span(self, span: WireSpan, resource: Attributes, decoded: Decoded) -> None:
        flaw = _find_id_flaw(span)
        if flaw is not None:
            decoded.rejections.add(Reason.SPAN_ID, f"span {span.name!r}: {flaw}")
            return
        start_ns, end_ns = span.start_time_unix_nano, span.end_time_unix_nano
        flaw = _find_window_flaw(start_ns, end_ns)
        if flaw is not None:
            decoded.rejections.add(Reason.TIME, f"span {span.name!r}: {flaw}")
            return
        decoded.add_span(
            Span(
                trace_id=span.trace_id.hex(),
                span_id=span.span_id.hex(),
                parent_span_id=span.parent_span_id.hex() if any(span.parent_span_id) else "",
                name=decode_text(span.name),
                start_ns=start_ns,
                end_ns=end_ns,
                status=STATUSES.get(span.status.code, "unset"),
                resource=resource,
                attributes=self._attributes.of([pair.SerializeToString() for pair in span.attributes]),
            )
        )


def _find_id_flaw(span: WireSpan) -> str | None:
    if len(span.trace_id) != TRACE_ID_BYTES or not any(span.trace_id):
        return f"the trace id must be {TRACE_ID_BYTES} bytes, not all zero"
    if len(span.span_id) != SPAN_ID_BYTES or not any(span.span_id):
        return f"the span id must be {SPAN_ID_BYTES} bytes, not all zero"
    if span.parent_span_id and len(span.parent_span_id) != SPAN_ID_BYTES:
        return f"the parent span id must be {SPAN_ID_BYTES} bytes or empty"
    return None


def _find_window_flaw(start_ns: int, end_ns: int) -> str | None:
    if start_ns == 0:
        return "start_time_unix_nano is 0"
    flaw = find_time_flaw(end_ns, field="end_time_unix_nano")
    if flaw is None and start_ns > end_ns:
        return f"start_time_unix_nano {start_ns} is after end_time_unix_nano {end_ns}"
    return flaw
