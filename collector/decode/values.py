"""OTLP attribute values as the model keeps them.

PostgreSQL can hold neither NUL in a text nor NaN in a JSON number, and a request that the database can never
take would stand in the way of all later ones; both are replaced here, once.
"""

import base64
import json
import math
from collections.abc import Iterable

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from model.attributes import Attributes, AttributeValue

_Nested = str | bool | int | float | list["_Nested"] | dict[str, "_Nested"] | None


def decode_text(text: str) -> str:
    """Return the text with NUL characters made visible as U+FFFD."""
    return text.replace("\0", "\ufffd") if "\0" in text else text


def decode_attributes(pairs: Iterable[KeyValue]) -> Attributes:
    """Return the canonical form; of a key that comes twice the last value counts."""
    values = {decode_text(pair.key): decode_value(pair.value) for pair in pairs}
    return tuple(sorted(values.items(), key=_by_key))


def decode_value(value: AnyValue) -> AttributeValue:
    """Return a scalar as itself, anything else as its JSON text; an empty value is an empty text."""
    match value.WhichOneof("value"):
        case "string_value":
            return decode_text(value.string_value)
        case "bool_value":
            return value.bool_value
        case "int_value":
            return value.int_value
        case "double_value":
            return _finite_or_name(value.double_value)
        case "array_value" | "kvlist_value" | "bytes_value":
            return json.dumps(_nested(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        case _:
            return ""


def decode_body(value: AnyValue) -> str:
    """Return the body of a log record as text; structure and numbers as their JSON text."""
    body = decode_value(value)
    return body if isinstance(body, str) else json.dumps(body)


def _by_key(pair: tuple[str, AttributeValue]) -> str:
    return pair[0]


def _nested(value: AnyValue) -> _Nested:
    match value.WhichOneof("value"):
        case "array_value":
            return [_nested(item) for item in value.array_value.values]
        case "kvlist_value":
            return {decode_text(pair.key): _nested(pair.value) for pair in value.kvlist_value.values}
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode("ascii")
        case None:
            return None
        case _:
            return decode_value(value)


def _finite_or_name(number: float) -> float | str:
    if math.isfinite(number):
        return number
    if math.isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"
