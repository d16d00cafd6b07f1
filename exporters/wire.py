"""Protobuf's wire format, as far as a fast encoder needs it: varints, length-delimited fields, attributes.

Building protobuf objects point by point costs ten times what packing their bytes does. Everything here
writes fields in ascending order, so the bytes are those the protobuf library itself would write.
Encoding only: reading is the collector's work.
"""

from functools import lru_cache

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from model.attributes import Attributes, AttributeValue


@lru_cache(maxsize=4096)
def encode_varint(number: int) -> bytes:
    """Return a non-negative integer in base 128, least significant group first.

    >>> encode_varint(300).hex()
    'ac02'
    """
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)


def encode_header(number: int, size: int) -> bytes:
    """Return what stands before the payload of a length-delimited field of that many bytes."""
    return encode_varint(number << 3 | 2) + encode_varint(size)


def encode_field(number: int, payload: bytes) -> bytes:
    """Return a length-delimited field: a message, a string or packed numbers."""
    return encode_header(number, len(payload)) + payload


def encode_text(number: int, text: str) -> bytes:
    """Return a string field; nothing for an empty string, as proto3 does."""
    return encode_field(number, text.encode()) if text else b""


def build_any_value(value: AttributeValue) -> AnyValue:
    """Return an attribute value or a log body as OTLP's tagged union."""
    if isinstance(value, bool):  # before int: True is one
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    return AnyValue(string_value=value)


def build_attributes(attributes: Attributes) -> tuple[KeyValue, ...]:
    """Return an attribute set as OTLP messages."""
    return tuple(KeyValue(key=key, value=build_any_value(value)) for key, value in attributes)


def encode_new_attributes(number: int, attributes: Attributes) -> bytes:
    """Return an attribute set that is not expected again as repeated fields of one message."""
    return b"".join(
        encode_field(number, encode_text(1, key) + encode_field(2, _encode_any_value(value)))
        for key, value in attributes
    )


def _encode_any_value(value: AttributeValue) -> bytes:
    if isinstance(value, str):  # as most are
        return encode_field(1, value.encode())
    return build_any_value(value).SerializeToString()


encode_attributes = lru_cache(maxsize=65_536)(encode_new_attributes)
"""The same, remembered: a series says who it is with every request."""
