"""Requests whose parts cost far more memory than their bytes are refused before anything parses them.

Two bytes make an empty message, for which a parser and we spend hundreds: 64 KiB of gzip become 64 MiB of them and
those 20 GB. So a request may have so many groups, scopes and metrics, a large one so many items as well, and none of
them may be larger than telemetry is. Bytes that are no protobuf are left for the parser to refuse.
"""

from collections.abc import Iterator, Sequence

from collector.errors import OutsizeError
from collector.signals import Encoding, Signal

MOST_PARTS = 100_000
"""Groups, scopes and metrics, each."""
LARGEST_ITEM_BYTES = 4 * 1024**2
_SMALL_BYTES = 128 * 1024
"""A request up to this size is harmless whatever it is made of."""
_LARGE_BYTES = 1024**2
"""From this size on items are counted as well: to look at one takes 0.2 us, a tenth of what it takes to store it."""
_SMALLEST_ITEM_BYTES = 18
"""A point has a time and a value of nine bytes each; nothing smaller could be good."""
MOST_JSON_PARTS = 1_000_000
"""Objects and lists; each takes hundreds of bytes in memory."""

_Level = tuple[frozenset[int], int]
"""Which fields lead to the next level, and how many a part of the level above has that is no list of parts itself."""
_FIRST, _SECOND, _NONE = frozenset({0x0A}), frozenset({0x12}), frozenset[int]()  # field number * 8 + 2
_DATA = frozenset({0x2A, 0x3A, 0x4A, 0x52, 0x5A})  # gauge, sum, histogram, exponential histogram, summary
_GROUPS, _SCOPES = (_FIRST, 1), (_SECOND, 3)
_FRAMES: dict[Signal, tuple[_Level, ...]] = {
    Signal.METRICS: (_GROUPS, _SCOPES, (_NONE, 3)),
    Signal.LOGS: (_GROUPS, (_NONE, 3)),
    Signal.TRACES: (_GROUPS, (_NONE, 3)),
}
_TO_ITEMS: dict[Signal, tuple[_Level, ...]] = {
    Signal.METRICS: (_GROUPS, _SCOPES, (_SECOND, 3), (_DATA, 5)),
    Signal.LOGS: (_GROUPS, _SCOPES),
    Signal.TRACES: (_GROUPS, _SCOPES),
}

_Field = tuple[int, int, int]
"""Tag, and where its content starts and ends."""


def refuse_outsize(signal: Signal, encoding: Encoding, body: bytes) -> None:
    """Raise OutsizeError for a request that nobody who means well would send."""
    if len(body) <= _SMALL_BYTES:
        return
    if encoding is Encoding.JSON:
        _refuse_json(body)
    elif len(body) <= _LARGE_BYTES:
        _walk(body, _FRAMES[signal])
    else:
        _walk(body, _TO_ITEMS[signal], most_items=len(body) // _SMALLEST_ITEM_BYTES)


def _refuse_json(body: bytes) -> None:
    if body.count(b"{") + body.count(b"[") > MOST_JSON_PARTS:
        raise OutsizeError(f"the request has more than {MOST_JSON_PARTS} objects and lists")


def _walk(body: bytes, path: Sequence[_Level], *, most_items: int = 0) -> None:
    """Look at every field of the levels on the path and, where `most_items` are allowed, of the one it leads to."""
    level = [(0, len(body))]
    bounds = [(leads_on, fields * MOST_PARTS) for leads_on, fields in path]
    for leads_on, most in [*bounds, (_NONE, most_items)] if most_items else bounds:
        below = []
        for number, (tag, start, end) in enumerate(walk_fields(body, level), start=1):
            if number > most:
                raise OutsizeError(f"the request has more than {most} parts of one kind")
            if tag in leads_on:
                below.append((start, end))
            elif end - start > LARGEST_ITEM_BYTES:
                raise OutsizeError(f"a part of {end - start} bytes is larger than {LARGEST_ITEM_BYTES}")
        level = below


def walk_fields(body: bytes, stretches: Sequence[tuple[int, int]]) -> Iterator[_Field]:
    """Yield tag, start and end of the fields of each stretch, up to where it is no protobuf."""
    for start, end in stretches:
        at = start
        while at + 1 < end:
            tag, size = body[at], body[at + 1]
            at += 2
            if tag & 0x87 != 2:  # a long tag, or no field of so many bytes
                found = _read_field(body, at - 2, end)
            elif size < 0x80:
                found = tag, at, at + size
            else:
                size, at = _read_varint(body, at - 1, end)
                found = tag, at, at + size
            at = found[2]
            if at > end:
                break
            yield found


def _read_field(body: bytes, at: int, end: int) -> _Field:
    """Return a field of any kind; one that ends behind `end` is none."""
    tag, at = _read_varint(body, at, end)
    kind = tag & 7
    if kind == 0:
        return tag, at, _read_varint(body, at, end)[1]
    if kind == 2:
        size, at = _read_varint(body, at, end)
        return tag, at, at + size
    return tag, at, at + {1: 8, 5: 4}.get(kind, end)


def _read_varint(body: bytes, at: int, end: int) -> tuple[int, int]:
    """Return a number and where it ends, behind `end` if it does not."""
    number = 0
    for place in range(10):
        if at + place >= end:
            break
        byte = body[at + place]
        number |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return number, at + place + 1
    return 0, end + 1
