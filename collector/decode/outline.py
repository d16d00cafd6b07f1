"""A second, wire-compatible description of OTLP requests, in which points and spans stay bytes.

On the wire a message and a `bytes` field look the same. Parsing a request by this outline therefore yields its frame
as messages and its many items unread, for `packed` to view as columns. `Opaque` messages keep what they hold as
unknown fields, which protobuf merges and writes as it would the real ones.

Field numbers: https://github.com/open-telemetry/opentelemetry-proto, metrics.proto and trace.proto.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message
from opentelemetry.proto.common.v1 import common_pb2

from collector.outsize import walk_fields

_PACKAGE = "herald.outline"
_Field = descriptor_pb2.FieldDescriptorProto
_KEY_VALUE = ".opentelemetry.proto.common.v1.KeyValue"

# Of each field: number, name, type (a scalar, or the name of a message), and its mark: `*` repeated, `|` in the
# oneof.
_MESSAGES: dict[str, tuple[tuple[int, str, str, str], ...]] = {
    "Opaque": (),
    "Points": (
        (1, "data_points", "bytes", "*"),
        (2, "aggregation_temporality", "int32", ""),
        (3, "is_monotonic", "bool", ""),
    ),
    "Metric": (
        (1, "name", "string", ""),
        (2, "description", "string", ""),
        (3, "unit", "string", ""),
        (5, "gauge", "Points", "|"),
        (7, "sum", "Points", "|"),
        (9, "histogram", "Points", "|"),
        (10, "exponential_histogram", "Opaque", "|"),
        (11, "summary", "Opaque", "|"),
        (12, "metadata", "KeyValue", "*"),
    ),
    "ScopeMetrics": ((1, "scope", "Opaque", ""), (2, "metrics", "Metric", "*"), (3, "schema_url", "string", "")),
    "ResourceMetrics": (
        (1, "resource", "Opaque", ""),
        (2, "scope_metrics", "ScopeMetrics", "*"),
        (3, "schema_url", "string", ""),
    ),
    "Metrics": ((1, "resource_metrics", "ResourceMetrics", "*"),),
    "ScopeSpans": ((1, "scope", "Opaque", ""), (2, "spans", "bytes", "*"), (3, "schema_url", "string", "")),
    "ResourceSpans": (
        (1, "resource", "Opaque", ""),
        (2, "scope_spans", "ScopeSpans", "*"),
        (3, "schema_url", "string", ""),
    ),
    "Traces": ((1, "resource_spans", "ResourceSpans", "*"),),
}
_SCALARS = {
    "bytes": _Field.TYPE_BYTES,
    "int32": _Field.TYPE_INT32,
    "bool": _Field.TYPE_BOOL,
    "string": _Field.TYPE_STRING,
}


def _build_file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="herald/outline.proto", package=_PACKAGE, syntax="proto3")
    file.dependency.append(common_pb2.DESCRIPTOR.name)
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        if any(mark == "|" for *_, mark in fields):
            message.oneof_decl.add(name="data")
        message.field.extend(_build_fields(fields))
    return file


def _build_fields(fields: Iterable[tuple[int, str, str, str]]) -> Iterable[_Field]:
    for number, name, kind, mark in fields:
        field = _Field(
            number=number, name=name, label=_Field.LABEL_REPEATED if mark == "*" else _Field.LABEL_OPTIONAL
        )
        field.type = _SCALARS.get(kind, _Field.TYPE_MESSAGE)
        if kind not in _SCALARS:
            field.type_name = _KEY_VALUE if kind == "KeyValue" else f".{_PACKAGE}.{kind}"
        if mark == "|":
            field.oneof_index = 0
        yield field


def _build_classes() -> tuple[type[Message], type[Message]]:
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(common_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(_build_file().SerializeToString())
    metrics, traces = (pool.FindMessageTypeByName(f"{_PACKAGE}.{name}") for name in ("Metrics", "Traces"))
    return message_factory.GetMessageClass(metrics), message_factory.GetMessageClass(traces)


_METRICS, _TRACES = _build_classes()


def parse_metrics_outline(body: bytes) -> Any:
    """Return the frame of a metrics request. Raises google.protobuf.message.DecodeError."""
    outline = _METRICS()
    outline.ParseFromString(body)
    return outline


def split(body: bytes, piece_bytes: int) -> Iterator[bytes]:
    """Yield requests that say together what `body` says: whole groups, of about `piece_bytes` unless one has more."""
    start = 0
    for _, _, end in walk_fields(body, [(0, len(body))]):
        if end - start >= piece_bytes and end < len(body):
            yield body[start:end]
            start = end
    yield body[start:]


def parse_traces_outline(body: bytes) -> Any:
    """Return the frame of a traces request. Raises google.protobuf.message.DecodeError."""
    outline = _TRACES()
    outline.ParseFromString(body)
    return outline
