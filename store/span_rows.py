"""Spans in COPY format. There are many of them, but what they say repeats: each text is encoded once per call."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from model import names
from model.attributes import Attributes, AttributeValue
from model.points import Span
from store.jsontext import clean_text, find_text, render_attributes
from store.pgcopy import to_pg_us

SpanKey = tuple[str, str, int]
"""What tells spans apart: trace, span, and start in PostgreSQL's microseconds."""

_COLUMNS = 12
_HEAD = struct.Struct(">hiqiq")
_NULL = struct.pack(">i", -1)
_ROWS_AT_ONCE = 2000
_JSONB_VERSION = b"\x01"
_PLACES = (names.ATTR_DEVICE_ID, names.ATTR_LINK_ID)
"""Attributes with columns of their own; a span's go before its resource's. Of the site it is the other way round: a
token decides it, and stands on the resource."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the spans of a resource have in common, encoded; found by the identity of `resource`."""

    resource: Attributes
    site: bytes
    places: list[bytes]
    content: bytes


class SpanRows:
    """The spans of one call, each once: of equal ones the first counts."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = list(spans)
        self._start_us: list[int] = to_pg_us(np.array([s.start_ns for s in self._spans], dtype=np.int64)).tolist()
        self._end_us: list[int] = to_pg_us(np.array([s.end_ns for s in self._spans], dtype=np.int64)).tolist()
        self._rows: dict[SpanKey, int] = {}
        for row, (span, start_us) in enumerate(zip(self._spans, self._start_us, strict=True)):
            self._rows.setdefault((span.trace_id, span.span_id, start_us), row)
        self._texts: dict[str | None, bytes] = {None: _NULL}
        self._resources: dict[int, _Shared] = {}
        self._values: dict[tuple[str, type, AttributeValue], str] = {}

    def __len__(self) -> int:
        """Return the number of different spans."""
        return len(self._rows)

    def trace_ids(self) -> list[str]:
        """Return each trace once."""
        return sorted({trace_id for trace_id, _, _ in self._rows})

    def drop(self, known: Iterable[SpanKey]) -> None:
        """Leave out spans that the database has."""
        for key in known:
            self._rows.pop(key, None)

    def encode(self) -> Iterator[bytes]:
        """Yield the spans in the order of their traces, some thousands at a time."""
        rows = [row for _, row in sorted(self._rows.items())]
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            parts: list[bytes] = []
            for row in rows[start : start + _ROWS_AT_ONCE]:
                parts += self._encode(self._spans[row], self._start_us[row], self._end_us[row])
            yield b"".join(parts)

    def _encode(self, span: Span, start_us: int, end_us: int) -> Sequence[bytes]:
        text, values, shared = self._text, dict(span.attributes), self._of_resource(span.resource)
        return (
            _HEAD.pack(_COLUMNS, 8, start_us, 8, end_us),
            _field(span.trace_id.encode()),
            _field(span.span_id.encode()),
            _field(span.parent_span_id.encode()) if span.parent_span_id else _NULL,
            text(span.name),
            text(span.status),
            text(find_text(names.ATTR_SITE_ID, span.attributes)) if shared.site is _NULL else shared.site,
            *[
                text(find_text(name, span.attributes)) if name in values else otherwise
                for name, otherwise in zip(_PLACES, shared.places, strict=True)
            ],
            shared.content,
            _jsonb("{" + ", ".join([self._pair(*pair) for pair in span.attributes]) + "}"),
        )

    def _of_resource(self, resource: Attributes) -> "_Shared":
        known = self._resources.get(id(resource))
        if known is None:
            places = [self._text(find_text(name, resource)) for name in _PLACES]
            site = self._text(find_text(names.ATTR_SITE_ID, resource))
            known = _Shared(resource, site, places, _jsonb(render_attributes(resource)))
            self._resources[id(resource)] = known
        return known

    def _text(self, text: str | None) -> bytes:
        known = self._texts.get(text)
        if known is None:
            known = self._texts[text] = _field(clean_text(text or "").encode())
        return known

    def _pair(self, name: str, value: AttributeValue) -> str:
        key = (name, type(value), value)  # the type tells 1 from 1.0 and True
        known = self._values.get(key)
        if known is None:
            known = self._values[key] = render_attributes(((name, value),))[1:-1]
        return known


def _field(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _jsonb(text: str) -> bytes:
    return _field(_JSONB_VERSION + text.encode())
