"""Spans in COPY format: what has a fixed width from numpy, what repeats encoded once per call, the attributes joined.

A row is four pieces: its fixed columns, its parent, what the span shares with many others (name, status, places,
resource), and its attributes.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain

import numpy as np
from numpy.typing import NDArray

from model import names
from model.attributes import Attributes, AttributeValue
from model.points import Int64s
from model.spans import SPAN_ID_BYTES, TRACE_ID_BYTES, Ids, Spans
from store.jsontext import clean_text, find_text, render_attributes, render_pair
from store.pgcopy import to_pg_us

SpanKey = tuple[str, str, int]
"""What tells spans apart: trace, span, and start in PostgreSQL's microseconds."""

_SharedKey = tuple[int, str, str, AttributeValue | None, AttributeValue | None, AttributeValue | None]
"""Number of the resource, name, status, and the values of the attributes that name the site and the places."""

_COLUMNS = 12
_FIXED = np.dtype(
    [
        ("columns", ">i2"), ("start:bytes", ">i4"), ("start", ">i8"), ("end:bytes", ">i4"), ("end", ">i8"),
        ("trace:bytes", ">i4"), ("trace", f"S{2 * TRACE_ID_BYTES}"),
        ("span:bytes", ">i4"), ("span", f"S{2 * SPAN_ID_BYTES}"),
    ]
)  # fmt: skip
_PARENT = np.dtype([("parent:bytes", ">i4"), ("parent", f"S{2 * SPAN_ID_BYTES}")])
_NULL = struct.pack(">i", -1)
_JSONB = struct.Struct(">ibc")
_JSONB_VERSION = 1
_ROWS_AT_ONCE = 4000
_PLACES = (names.ATTR_DEVICE_ID, names.ATTR_LINK_ID)
"""Attributes with columns of their own; a span's go before its resource's. Of the site it is the other way round: a
token decides it, and stands on the resource."""


class SpanRows:
    """The spans of one call, each once: of equal ones the first counts."""

    def __init__(self, blocks: Iterable[Spans]) -> None:
        spans = _Joined([block for block in blocks if len(block)])
        self._spans = spans
        self._rows = _sort(spans)
        self._pairs: dict[tuple[str, AttributeValue], bytes] = {}
        self._shared: dict[_SharedKey, bytes] = {}

    def __len__(self) -> int:
        """Return the number of different spans."""
        return len(self._rows)

    def trace_ids(self) -> str:
        """Return each trace once, as the text of an array."""
        ids = _to_hex(self._spans.trace[self._rows])  # sorted by trace
        differs = np.ones(len(ids), dtype=bool)
        differs[1:] = ids[1:] != ids[:-1]
        return "{" + b",".join(ids[differs].tolist()).decode() + "}"

    def window_us(self) -> tuple[int, int]:
        """Return the earliest and the latest start."""
        starts = self._spans.start_us[self._rows]
        return int(starts.min()), int(starts.max())

    def drop(self, known: Iterable[SpanKey]) -> None:
        """Leave out spans that the database has."""
        found = set(known)
        if found:
            ids = (self._spans.trace, self._spans.span)
            traces, spans = (_to_hex(each[self._rows]).astype(str).tolist() for each in ids)
            keys = zip(traces, spans, self._spans.start_us[self._rows].tolist(), strict=True)
            self._rows = self._rows[[key not in found for key in keys]]

    def encode(self) -> Iterator[bytes]:
        """Yield the spans in the order of their traces, some thousands at a time."""
        for start in range(0, len(self._rows), _ROWS_AT_ONCE):
            rows = self._rows[start : start + _ROWS_AT_ONCE]
            pieces = (self._encode_fixed(rows), self._encode_parents(rows), *self._encode_texts(rows))
            yield b"".join(chain.from_iterable(zip(*pieces, strict=True)))

    def _encode_fixed(self, rows: Int64s) -> list[bytes]:
        spans = self._spans
        wire = np.zeros(len(rows), dtype=_FIXED)
        wire["columns"] = _COLUMNS
        for name, times in (("start", spans.start_us), ("end", spans.end_us)):
            wire[f"{name}:bytes"], wire[name] = 8, times[rows]
        for name, ids in (("trace", spans.trace), ("span", spans.span)):
            wire[f"{name}:bytes"], wire[name] = 2 * ids.shape[1], _to_hex(ids[rows])
        return _cut(wire)

    def _encode_parents(self, rows: Int64s) -> list[bytes]:
        ids = self._spans.parent[rows]
        wire = np.zeros(len(rows), dtype=_PARENT)
        wire["parent:bytes"], wire["parent"] = 2 * SPAN_ID_BYTES, _to_hex(ids)
        there: list[bool] = np.any(ids, axis=1).tolist()
        return [content if found else _NULL for content, found in zip(_cut(wire), there, strict=True)]

    def _encode_texts(self, rows: Int64s) -> tuple[list[bytes], list[bytes]]:
        """Return what spans share with many others, and their own attributes."""
        spans, chosen = self._spans, rows.tolist()
        attributes = [spans.attributes[row] for row in chosen]
        values = list(map(dict, attributes))
        keys = list(
            zip(
                [spans.numbers[row] for row in chosen],
                [spans.names[row] for row in chosen],
                [spans.statuses[row] for row in chosen],
                *[[each.get(name) for each in values] for name in (names.ATTR_SITE_ID, *_PLACES)],
                strict=True,
            )
        )
        shared = list(map(self._shared.get, keys))
        return (
            [known or self._encode_shared(key) for known, key in zip(shared, keys, strict=True)],
            self._encode_attributes(attributes),
        )

    def _encode_attributes(self, attributes: Sequence[Attributes]) -> list[bytes]:
        flat = list(chain.from_iterable(attributes))
        known = map(self._pairs.get, flat)
        content = [found or self._encode_pair(*pair) for found, pair in zip(known, flat, strict=True)]
        ends = list(accumulate(map(len, attributes)))
        return [_jsonb(content[a:b]) for a, b in zip([0, *ends], ends, strict=False)]

    def _encode_pair(self, name: str, value: AttributeValue) -> bytes:
        content = render_pair(name, value).encode()
        if isinstance(value, str):  # of others, equal ones may read differently: 1, 1.0, True
            self._pairs[name, value] = content
        return content

    def _encode_shared(self, key: _SharedKey) -> bytes:
        number, name, status, site, *places = key
        resource = self._spans.resources[number]
        texts = [clean_text(name), clean_text(status), _text_of(site) if resource.site is None else resource.site]
        for otherwise, value in zip(resource.places, places, strict=True):
            texts.append(otherwise if value is None else _text_of(value))
        encoded = b"".join(_NULL if text is None else _field(text.encode()) for text in texts) + resource.content
        if all(value is None or isinstance(value, str) for value in (site, *places)):  # as with pairs
            self._shared[key] = encoded
        return encoded


class _Resource:
    """What the spans of a resource have in common."""

    def __init__(self, resource: Attributes) -> None:
        self.site = find_text(names.ATTR_SITE_ID, resource)
        self.places = [find_text(place, resource) for place in _PLACES]
        self.content = _jsonb([render_attributes(resource)[1:-1].encode()])


class _Joined:
    """All spans of a call; `numbers` says of each which of `resources` is its own."""

    def __init__(self, blocks: Sequence[Spans]) -> None:
        self.trace = _concatenate([block.trace_id for block in blocks], TRACE_ID_BYTES)
        self.span = _concatenate([block.span_id for block in blocks], SPAN_ID_BYTES)
        self.parent = _concatenate([block.parent_span_id for block in blocks], SPAN_ID_BYTES)
        none = np.zeros(0, dtype=np.int64)
        self.start_us = to_pg_us(np.concatenate([none, *(block.start_ns for block in blocks)]))
        self.end_us = to_pg_us(np.concatenate([none, *(block.end_ns for block in blocks)]))
        self.names = list(chain.from_iterable(block.name for block in blocks))
        self.statuses = list(chain.from_iterable(block.status for block in blocks))
        self.attributes = list(chain.from_iterable(block.attributes for block in blocks))
        self.resources: list[_Resource] = []
        known: dict[str, int] = {}
        numbers = []
        for block in blocks:
            number = known.setdefault(render_attributes(block.resource), len(self.resources))
            if number == len(self.resources):
                self.resources.append(_Resource(block.resource))
            numbers.append(number)
        self.numbers = np.repeat(np.array(numbers, dtype=np.int64), list(map(len, blocks))).tolist()


def _sort(spans: _Joined) -> Int64s:
    """Return the row of each different span, the first of equal ones, in the order of traces."""
    keys = [spans.start_us, *_words(spans.span), *_words(spans.trace)]
    order = np.lexsort(keys)
    differs = np.ones(len(order), dtype=bool)
    differs[1:] = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    return order[differs]


def _text_of(value: AttributeValue | None) -> str | None:
    return None if value is None else find_text("", (("", value),))


def _cut(wire: NDArray[np.void]) -> list[bytes]:
    """Return the bytes of each row."""
    data, width = wire.tobytes(), wire.dtype.itemsize
    return [data[at : at + width] for at in range(0, len(data), width)]


def _to_hex(ids: Ids) -> NDArray[np.bytes_]:
    return np.frombuffer(ids.tobytes().hex().encode(), dtype=f"S{2 * ids.shape[1]}")


def _words(ids: Ids) -> list[NDArray[np.uint64]]:
    """Return the eight-byte words of ids, the last first: the order in which `lexsort` takes keys."""
    words = np.ascontiguousarray(ids).view(">u8").astype(np.uint64)
    return [words[:, i] for i in reversed(range(words.shape[1]))]


def _concatenate(ids: Sequence[Ids], width: int) -> Ids:
    return np.concatenate([*ids, np.zeros((0, width), dtype=np.uint8)])


def _field(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _jsonb(pairs: Sequence[bytes]) -> bytes:
    content = b", ".join(pairs)
    return _JSONB.pack(len(content) + 3, _JSONB_VERSION, b"{") + content + b"}"
