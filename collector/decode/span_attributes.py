"""The attributes of spans from their bytes.

Spans differ from each other, but most of their attributes do not: each pair that was seen lately is remembered by its
bytes.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from collector.decode.lru import RecentCache
from collector.decode.values import decode_text, decode_value
from model.attributes import Attributes, AttributeValue

_LARGEST_REMEMBERED_BYTES = 256
_KEY, _VALUE, _STRING = 0x0A, 0x12, 0x0A  # field number * 8 + wire type
_NAME = itemgetter(0)
_Pair = tuple[str, AttributeValue]


class SpanAttributes:
    """Reads attribute sets, and remembers up to twice `limit` pairs; may be used from several threads."""

    def __init__(self, limit: int) -> None:
        self._pairs: RecentCache[bytes, _Pair] = RecentCache(limit)

    def of(self, pairs: Sequence[bytes]) -> Attributes:
        """Return what `values.decode_attributes` does of serialized pairs.

        Raises google.protobuf.message.DecodeError.
        """
        return _order(self._read_all(pairs))

    def of_columns(self, columns: Sequence[Sequence[bytes]], rows: int) -> list[Attributes]:
        """Return the attributes of so many spans that have equally many: `columns[k]` are the k-th of each.

        Raises google.protobuf.message.DecodeError.
        """
        found = [self._read_all(column) for column in columns]
        names = [set(map(_NAME, column)) for column in found]
        if all(len(one) == 1 for one in names) and len(set().union(*names)) == len(names):
            # The same names in the same order everywhere: to sort the columns is to sort every row.
            in_order = sorted(range(len(names)), key=lambda k: found[k][0][0])
            return list(zip(*[found[k] for k in in_order], strict=True)) if found else [()] * rows
        return list(map(_order, zip(*found, strict=True)))

    def _read_all(self, pairs: Sequence[bytes]) -> list[_Pair]:
        found = self._pairs.get_many(pairs)
        return [pair or self._read(content) for pair, content in zip(found, pairs, strict=True)]

    def _read(self, content: bytes) -> _Pair:
        pair = _read_short_text(content) or _read_any(content)
        if len(content) <= _LARGEST_REMEMBERED_BYTES:
            self._pairs.put(content, pair)
        return pair


def _order(pairs: Iterable[_Pair]) -> Attributes:
    values = dict(pairs)
    return tuple(sorted(values.items(), key=_NAME))


def _read_short_text(content: bytes) -> _Pair | None:
    """Return a pair of a key and a text of less than 126 bytes, as exporters write it; None for anything else.

    A tenth of what protobuf's own class costs, for what no cache helps with: ids that every span has anew.
    """
    size = len(content)
    if size < 6 or content[0] != _KEY or content[1] >= 0x80:
        return None
    at = 2 + content[1]
    if size < at + 4 or content[at] != _VALUE or content[at + 2] != _STRING:
        return None
    length = content[at + 3]
    if length >= 0x7E or content[at + 1] != length + 2 or size != at + 4 + length:
        return None
    try:
        return decode_text(content[2:at].decode()), decode_text(content[at + 4 :].decode())
    except UnicodeDecodeError as exc:
        raise DecodeError("an attribute is no UTF-8") from exc


def _read_any(content: bytes) -> _Pair:
    pair = KeyValue.FromString(content)
    return decode_text(pair.key), decode_value(pair.value)
