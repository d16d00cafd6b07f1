"""OTLP/JSON -> the protobuf message, with the three rules in which OTLP differs from protobuf's own JSON.

Trace and span ids are hexadecimal instead of base64, enums are integers, and unknown keys are ignored.
"""

import base64
import json
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from collector.errors import UndecodableError

_IDS = ("traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id")

M = TypeVar("M", bound=Message)


def parse_json(body: bytes, message: M) -> M:
    """Fill `message` from a JSON body.

    Raises UndecodableError with the place in the text, or the key, that cannot be read.
    """
    try:
        document = json.loads(body, object_hook=_recode_ids)
        if not isinstance(document, dict):
            raise UndecodableError("the body must be a JSON object")
        return json_format.ParseDict(document, message, ignore_unknown_fields=True)
    except RecursionError as exc:
        raise UndecodableError("the JSON body is nested too deeply") from exc
    except (ValueError, OverflowError, TypeError, AttributeError, json_format.ParseError) as exc:
        raise UndecodableError(f"the body is not OTLP/JSON: {' '.join(str(exc).split())}") from exc


def _recode_ids(document: dict[str, object]) -> dict[str, object]:
    # Attributes cannot be hit: their keys are values ({"key": "traceId", ...}) in OTLP.
    for key in _IDS:
        value = document.get(key)
        if isinstance(value, str):
            document[key] = base64.b64encode(_parse_hex(key, value)).decode("ascii")
    return document


def _parse_hex(key: str, value: str) -> bytes:
    try:
        return bytes.fromhex(value)
    except ValueError as exc:
        raise UndecodableError(f"{key} {value[:40]!r} is not hexadecimal") from exc
