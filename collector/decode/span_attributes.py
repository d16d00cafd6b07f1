"""The attributes of spans from their bytes.

Spans differ from each other, but most of their attributes do not: each pair that was seen lately is remembered by its
bytes.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import cast

import numpy as np
from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from collector.decode.lru import RecentCache
from collector.decode.values import decode_text, decode_value
from model.attributes import Attributes, AttributeValue
from model.points import Int64s
from model.spans import columns_of, names_of

_LARGEST_REMEMBERED_BYTES = 256
_KEY, _VALUE, _STRING = 0x0A, 0x12, 0x0A  # field number * 8 + wire type
_NAME = itemgetter(0)
_Pair = tuple[str, AttributeValue]


@dataclass(frozen=True, slots=True)
class AlikeAttributes:
    """Attributes of the spans at the indices `rows`, all of the same sorted names: one column of values for each."""

    rows: Int64s
    names: tuple[str, ...]
    values: Sequence[Sequence[AttributeValue]]


class SpanAttributes:
    """Reads attribute sets, and remembers up to twice `limit` pairs; may be used from several threads."""

    def __init__(self, limit: int) -> None:
        self._pairs: RecentCache[bytes, _Pair] = RecentCache(limit)

    def of(self, pairs: Sequence[bytes]) -> Attributes:
        """Return what `values.decode_attributes` does of serialized pairs.

        Raises google.protobuf.message.DecodeError.
        """
        return _order(self._read_all(pairs))

    def of_columns(self, columns: Sequence[Sequence[bytes]], rows: int) -> list[AlikeAttributes]:
        """Return the attributes of so many spans that have equally many: `columns[k]` are the k-th of each.

        Raises google.protobuf.message.DecodeError.
        """
        if not columns:
            return [AlikeAttributes(np.arange(rows), (), [])]
        read = [self._read_all(column) for column in columns]
        first = [column[0][0] for column in read]
        if _differ(first) and all(_all_have(name, pairs) for name, pairs in zip(first, read, strict=True)):
            # The same names in the same order everywhere: to sort the columns is to sort every row.
            in_order = sorted(range(len(first)), key=first.__getitem__)
            values = [[value for _, value in read[k]] for k in in_order]
            return [AlikeAttributes(np.arange(rows), tuple(sorted(first)), values)]
        return _group(list(map(_order, zip(*read, strict=True))))

    def _read_all(self, pairs: Sequence[bytes]) -> list[_Pair]:
        found = self._pairs.get_many(pairs)
        if all(found):
            return cast("list[_Pair]", found)
        return [pair or self._read(content) for pair, content in zip(found, pairs, strict=True)]

    def _read(self, content: bytes) -> _Pair:
        name, value = _read_short_text(content) or _read_any(content)
        pair = sys.intern(name), value
        if len(content) <= _LARGEST_REMEMBERED_BYTES:
            self._pairs.put(content, pair)
        return pair


def _order(pairs: Iterable[_Pair]) -> Attributes:
    values = dict(pairs)
    return tuple(sorted(values.items(), key=_NAME))


def _all_have(name: str, pairs: Sequence[_Pair]) -> bool:
    return list(map(_NAME, pairs)).count(name) == len(pairs)


def _differ(names: Sequence[str]) -> bool:
    return len(set(names)) == len(names)


def _group(attributes: Sequence[Attributes]) -> list[AlikeAttributes]:
    alike: dict[tuple[str, ...], list[int]] = {}
    for row, each in enumerate(attributes):
        alike.setdefault(names_of(each), []).append(row)
    return [
        AlikeAttributes(np.array(rows, dtype=np.int64), names, columns_of([attributes[row] for row in rows]))
        for names, rows in alike.items()
    ]


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
