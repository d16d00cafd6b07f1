"""The spans of a scope as columns, where they are written as exporters do; see `numbers`.

Expected are: trace id, span id, parent id, name, kind, start, end, attributes, status, flags; parent id, kind,
attributes, status and flags may be missing. A span with events, links or a status message is left to the other road.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from collector.decode.packed import FIXED64_BYTES, Mask, Offsets, Packed, Words
from collector.decode.span_attributes import AlikeAttributes, SpanAttributes
from collector.decode.times import LATEST_NS
from collector.decode.values import decode_text
from model.attributes import Attributes
from model.points import Int64s
from model.spans import SPAN_ID_BYTES, TRACE_ID_BYTES, Ids, Spans

STATUSES = {1: "ok", 2: "error"}
"""By their number on the wire; any other is "unset"."""

_TRACE, _SPAN, _PARENT, _NAME, _KIND, _START, _END, _ATTRIBUTE, _STATUS = (
    0x0A, 0x12, 0x22, 0x2A, 0x30, 0x39, 0x41, 0x4A, 0x7A,
)  # fmt: skip
_STATUS_CODE = 0x18
_FLAGS, _FLAGS_MORE, _FLAGS_BYTES = 0x85, 0x01, 6
_MOST_ATTRIBUTES = 64


def decode_span_columns(
    messages: Sequence[bytes], resource: Attributes, attributes: SpanAttributes
) -> tuple[list[Spans], Int64s]:
    """Return the spans that columns can take, and the indices of the others.

    Raises google.protobuf.message.DecodeError for texts that are no UTF-8 and attributes that are no protobuf.
    """
    fields = _read_fields(Packed(messages))
    rows = np.flatnonzero(fields.good)
    chosen = [messages[i] for i in rows.tolist()]
    names = _read_names(_slice(chosen, *(at[rows] for at in fields.name)))
    alike = fields.read_attributes(chosen, rows, attributes)
    return [fields.select(rows, names, each, resource) for each in alike], np.flatnonzero(~fields.good)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fields:
    """`attributes` are, one after the other, where an attribute of every span starts and ends; -1 if it has none.

    Offsets are relative to each message.
    """

    good: Mask
    trace: Ids
    span: Ids
    parent: Ids
    start: Words
    end: Words
    status: NDArray[np.uint8]
    name: tuple[Offsets, Offsets]
    attributes: list[tuple[Offsets, Offsets]]

    def read_attributes(
        self, messages: Sequence[bytes], rows: Int64s, attributes: SpanAttributes
    ) -> Iterator[AlikeAttributes]:
        """Read those of the spans at `rows`, whose messages these are; all that have equally many together."""
        counts = sum((end[rows] >= 0 for _, end in self.attributes), np.zeros(len(rows), dtype=np.int64))
        for count in np.unique(counts).tolist():
            equal = np.flatnonzero(counts == count)
            chosen = messages if len(equal) == len(rows) else [messages[i] for i in equal.tolist()]
            columns = [_slice(chosen, *(at[rows[equal]] for at in bounds)) for bounds in self.attributes[:count]]
            for alike in attributes.of_columns(columns, len(equal)):
                yield AlikeAttributes(equal[alike.rows], alike.names, alike.values)

    def select(self, rows: Int64s, names: Sequence[str], alike: AlikeAttributes, resource: Attributes) -> Spans:
        """Return the spans of these attributes, out of those at `rows` with these names."""
        chosen = rows[alike.rows]
        return Spans(
            resource=resource,
            trace_id=self.trace[chosen],
            span_id=self.span[chosen],
            parent_span_id=self.parent[chosen],
            start_ns=self.start[chosen].astype(np.int64),
            end_ns=self.end[chosen].astype(np.int64),
            name=[names[i] for i in alike.rows.tolist()],
            status=[STATUSES.get(code, "unset") for code in self.status[chosen].tolist()],
            attribute_names=alike.names,
            attribute_values=alike.values,
        )


def _slice(messages: Sequence[bytes], starts: Offsets, ends: Offsets) -> list[bytes]:
    return [message[a:b] for message, a, b in zip(messages, starts.tolist(), ends.tolist(), strict=True)]


def _read_fields(packed: Packed) -> _Fields:
    at = packed.starts
    plain, trace, at = _read_id(packed, _TRACE, TRACE_ID_BYTES, at)
    found, span, at = _read_id(packed, _SPAN, SPAN_ID_BYTES, at)
    plain &= found
    has_parent, parent, after = _read_id(packed, _PARENT, SPAN_ID_BYTES, at)
    parent[~has_parent] = 0
    at = np.where(has_parent, after, at)
    name_at, after, minimal = packed.lengths_at(at + 1)
    plain &= packed.has(_NAME, at) & minimal
    at = np.where(plain, after, packed.starts)
    at = at + 2 * (packed.has(_KIND, at) & (packed.bytes_at(at + 1) < 0x80))
    start_at, end_at = at, at + FIXED64_BYTES
    plain &= packed.has(_START, start_at) & packed.has(_END, end_at)
    attributes, at = _find_attributes(packed, at + 2 * FIXED64_BYTES)
    status, at = _read_status(packed, at)
    flags = packed.has(_FLAGS, at) & (packed.bytes_at(at + 1) == _FLAGS_MORE)
    plain &= at + _FLAGS_BYTES * flags == packed.ends
    start, end = packed.words_at(start_at + 1), packed.words_at(end_at + 1)
    good = plain & trace.any(axis=1) & span.any(axis=1) & (start > 0) & (end < LATEST_NS) & (start <= end)
    return _Fields(
        good=good,
        trace=trace,
        span=span,
        parent=parent,
        start=start,
        end=end,
        status=status,
        name=(name_at - packed.starts, after - packed.starts),
        attributes=[(a - packed.starts, b - packed.starts) for a, b in attributes],
    )


def _read_id(packed: Packed, tag: int, width: int, at: Offsets) -> tuple[Mask, Ids, Offsets]:
    """Return where there is an id at the offsets, the bytes of it, and what comes after."""
    there = packed.has(tag, at) & (packed.bytes_at(at + 1) == width)
    return there, packed.bytes_at((at + 2)[:, None] + np.arange(width)), at + 2 + width


def _find_attributes(packed: Packed, at: Offsets) -> tuple[list[tuple[Offsets, Offsets]], Offsets]:
    """Return where each attribute is, and what comes after the last one that could be read."""
    found = []
    for _ in range(_MOST_ATTRIBUTES):
        start, end, minimal = packed.lengths_at(at + 1)
        there = packed.has(_ATTRIBUTE, at) & minimal & (end <= packed.ends)
        if not there.any():
            break
        found.append((start, np.where(there, end, packed.starts - 1)))
        at = np.where(there, end, at)
    return found, at


def _read_status(packed: Packed, at: Offsets) -> tuple[NDArray[np.uint8], Offsets]:
    """Return the status codes, and what comes after; a status that is more than a code is not gone past."""
    there, length = packed.has(_STATUS, at), packed.bytes_at(at + 1)
    code = packed.bytes_at(at + 3)
    coded = there & (length == 2) & (packed.bytes_at(at + 2) == _STATUS_CODE) & (code < 0x80)
    empty = there & (length == 0)
    return np.where(coded, code, 0).astype(np.uint8), at + 4 * coded + 2 * empty


def _read_names(contents: Sequence[bytes]) -> list[str]:
    try:
        known = {content: decode_text(content.decode()) for content in set(contents)}
    except UnicodeDecodeError as exc:
        raise DecodeError("the name of a span is no UTF-8") from exc
    return list(map(known.__getitem__, contents))
