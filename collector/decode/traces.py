"""OTLP spans -> spans of the model; span events and links are not kept.

Spans differ from each other, but most of their attributes do not: each attribute that was seen lately is remembered
by its bytes.
"""

from collections.abc import Iterable
from operator import itemgetter

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as WireSpan

from collector.decode.decoded import Decoded
from collector.decode.lru import RecentCache
from collector.decode.rejections import Reason
from collector.decode.times import find_time_flaw
from collector.decode.values import decode_attributes, decode_text, decode_value
from model.attributes import Attributes, AttributeValue
from model.points import Span

_STATUSES = {1: "ok", 2: "error"}
_TRACE_ID_BYTES, _SPAN_ID_BYTES = 16, 8
_LARGEST_REMEMBERED_BYTES = 256
_NAME = itemgetter(0)


class TracesDecoder:
    """Decodes traces requests; may be used from several threads."""

    def __init__(self, *, max_attributes: int = 50_000) -> None:
        self._pairs: RecentCache[bytes, tuple[str, AttributeValue]] = RecentCache(max_attributes)

    def decode(self, request: ExportTraceServiceRequest) -> Decoded:
        """Return the good spans and the rejections."""
        decoded = Decoded()
        for group in request.resource_spans:
            resource = decode_attributes(group.resource.attributes)
            for scope in group.scope_spans:
                for span in scope.spans:
                    self._decode_span(span, resource, decoded)
        return decoded

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
        decoded.batch.spans.append(
            Span(
                trace_id=span.trace_id.hex(),
                span_id=span.span_id.hex(),
                parent_span_id=span.parent_span_id.hex(),
                name=decode_text(span.name),
                start_ns=start_ns,
                end_ns=end_ns,
                status=_STATUSES.get(span.status.code, "unset"),
                resource=resource,
                attributes=self._decode_attributes(span.attributes),
            )
        )

    def _decode_attributes(self, pairs: Iterable[KeyValue]) -> Attributes:
        """Return what `values.decode_attributes` does."""
        found = []
        for pair in pairs:
            key = pair.SerializeToString()
            known = self._pairs.get(key)
            if known is None:
                known = (decode_text(pair.key), decode_value(pair.value))
                if len(key) <= _LARGEST_REMEMBERED_BYTES:
                    self._pairs.put(key, known)
            found.append(known)
        return tuple(sorted(dict(found).items(), key=_NAME))


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
