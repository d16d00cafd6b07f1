"""Spans in COPY format: what has a fixed width from numpy, attributes by the column, what repeats encoded once.

A row is three pieces: its fixed columns up to the opening brace of its attributes; the attributes; and, from the
closing brace on, what the span shares with many others (name, status, places, resource).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from model import names
from model.attributes import Attributes, AttributeValue
from model.points import Int64s
from model.spans import SPAN_ID_BYTES, TRACE_ID_BYTES, Ids, Spans
from store.jsontext import clean_text, find_text, render_attributes, render_columns
from store.pgcopy import to_pg_us

SpanKey = tuple[str, str, int]
"""What tells spans apart: trace, span, and start in PostgreSQL's microseconds."""

_SharedKey = tuple[str, str, AttributeValue | None, AttributeValue | None, AttributeValue | None]
"""Name, status, and the values of the attributes that name the site and the places."""

_COLUMNS = 12
_JSONB_VERSION, _BRACES = 1, 2
_IDS = [
    ("columns", ">i2"), ("start:bytes", ">i4"), ("start", ">i8"), ("end:bytes", ">i4"), ("end", ">i8"),
    ("trace:bytes", ">i4"), ("trace", f"S{2 * TRACE_ID_BYTES}"),
    ("span:bytes", ">i4"), ("span", f"S{2 * SPAN_ID_BYTES}"), ("parent:bytes", ">i4"),
]  # fmt: skip
_JSONB = [("attributes:bytes", ">i4"), ("version", "i1"), ("brace", "S1")]
_ROOT = np.dtype([*_IDS, *_JSONB])
_CHILD = np.dtype([*_IDS, ("parent", f"S{2 * SPAN_ID_BYTES}"), *_JSONB])
_NULL = (-1).to_bytes(4, "big", signed=True)
_ROWS_AT_ONCE = 1000
"""So few that they are encoded before the database has stored what the socket holds of those before."""
_PLACES = (names.ATTR_DEVICE_ID, names.ATTR_LINK_ID)
"""Attributes with columns of their own; a span's go before its resource's. Of the site it is the other way round: a
token decides it, and stands on the resource."""


class SpanRows:
    """The spans of one call, each once: of equal ones the first counts."""

    def __init__(self, blocks: Iterable[Spans]) -> None:
        self._blocks = [block for block in blocks if len(block)]
        self._spans = _Joined(self._blocks)
        self._rows = _sort(self._spans)
        self._resources: dict[str, _Resource] = {}

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
        """Yield the spans a thousand at a time, these in the order of their traces.

        So the database stores some while the next are encoded, and finds those of a trace close together.
        """
        for first, parts in _portions(self._blocks):
            texts = [each for part in parts for each in _render_attributes_of(part)]
            shared = [each for part in parts for each in self._resource_of(part).encode_shared(part)]
            rows = self._rows[(first <= self._rows) & (self._rows < first + len(texts))]
            chosen = (rows - first).tolist()
            attributes = [texts[row] for row in chosen]
            pieces = (self._encode_fixed(rows, attributes), attributes, [shared[row] for row in chosen])
            yield b"".join(chain.from_iterable(zip(*pieces, strict=True)))

    def _resource_of(self, block: Spans) -> "_Resource":
        key = render_attributes(block.resource)
        if key not in self._resources:
            self._resources[key] = _Resource(block.resource)
        return self._resources[key]

    def _encode_fixed(self, rows: Int64s, attributes: Sequence[bytes]) -> list[bytes]:
        sizes = np.fromiter(map(len, attributes), dtype=np.int64, count=len(rows))
        is_child = self._spans.parent[rows].any(axis=1)
        pieces = np.empty(len(rows), dtype=object)
        for kind, chosen in ((_ROOT, np.flatnonzero(~is_child)), (_CHILD, np.flatnonzero(is_child))):
            pieces[chosen] = _cut(self._fill(kind, rows[chosen], sizes[chosen]))
        encoded: list[bytes] = pieces.tolist()
        return encoded

    def _fill(self, kind: np.dtype[np.void], rows: Int64s, sizes: Int64s) -> NDArray[np.void]:
        spans = self._spans
        wire = np.zeros(len(rows), dtype=kind)
        wire["columns"] = _COLUMNS
        for name, times in (("start", spans.start_us), ("end", spans.end_us)):
            wire[f"{name}:bytes"], wire[name] = 8, times[rows]
        wire["parent:bytes"] = -1
        for name, ids in (("trace", spans.trace), ("span", spans.span), ("parent", spans.parent)):
            if kind is _CHILD or name != "parent":
                wire[f"{name}:bytes"], wire[name] = 2 * ids.shape[1], _to_hex(ids[rows])
        wire["attributes:bytes"] = 1 + _BRACES + sizes
        wire["version"], wire["brace"] = _JSONB_VERSION, b"{"
        return wire


class _Resource:
    """What the spans of a resource have in common."""

    def __init__(self, resource: Attributes) -> None:
        self._site = find_text(names.ATTR_SITE_ID, resource)
        self._places = [find_text(place, resource) for place in _PLACES]
        self._content = _field(bytes([_JSONB_VERSION]) + render_attributes(resource).encode())
        self._known: dict[_SharedKey, bytes] = {}

    def encode_shared(self, block: Spans) -> list[bytes]:
        """Return what each span shares with many others."""
        columns = dict(zip(block.attribute_names, block.attribute_values, strict=True))
        places = [columns.get(name, repeat(None, len(block))) for name in (names.ATTR_SITE_ID, *_PLACES)]
        keys: list[_SharedKey] = list(zip(block.name, block.status, *places, strict=True))
        return [known or self._encode(key) for known, key in zip(map(self._known.get, keys), keys, strict=True)]

    def _encode(self, key: _SharedKey) -> bytes:
        name, status, site, *places = key
        texts = [clean_text(name), clean_text(status), _text_of(site) if self._site is None else self._site]
        for otherwise, value in zip(self._places, places, strict=True):
            texts.append(otherwise if value is None else _text_of(value))
        fields = [_NULL if text is None else _field(text.encode()) for text in texts]
        encoded = b"".join([b"}", *fields, self._content])
        if all(value is None or isinstance(value, str) for value in (site, *places)):
            self._known[key] = encoded  # of others, equal ones may read differently: 1, 1.0, True
        return encoded


class _Joined:
    """What has a fixed width of all spans of a call."""

    def __init__(self, blocks: Sequence[Spans]) -> None:
        self.trace = _concatenate([block.trace_id for block in blocks], TRACE_ID_BYTES)
        self.span = _concatenate([block.span_id for block in blocks], SPAN_ID_BYTES)
        self.parent = _concatenate([block.parent_span_id for block in blocks], SPAN_ID_BYTES)
        none = np.zeros(0, dtype=np.int64)
        self.start_us = to_pg_us(np.concatenate([none, *(block.start_ns for block in blocks)]))
        self.end_us = to_pg_us(np.concatenate([none, *(block.end_ns for block in blocks)]))


def _portions(blocks: Sequence[Spans]) -> Iterator[tuple[int, list[Spans]]]:
    """Yield all blocks, cut and gathered into about a thousand rows, and the number of rows before them."""
    first, size = 0, 0
    parts: list[Spans] = []
    for part in (
        block.part(at, at + _ROWS_AT_ONCE) for block in blocks for at in range(0, len(block), _ROWS_AT_ONCE)
    ):
        parts.append(part)
        size += len(part)
        if size >= _ROWS_AT_ONCE:
            yield first, parts
            first, size, parts = first + size, 0, []
    if parts:
        yield first, parts


def _render_attributes_of(block: Spans) -> list[bytes]:
    return render_columns(block.attribute_names, block.attribute_values, len(block))


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
