"""The records of a spool in their order, over all its files: append at one end, read and forget at the other.

Not thread-safe but for this: one thread may append while another reads and forgets.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from collector.signals import Encoding, Signal
from collector.spool_records import Record, encode_header
from collector.spool_segment import Damage, Segment, list_segments

_MOST_SEGMENTS = 64
"""Each costs a file handle."""
_SMALLEST_SEGMENT_BYTES = 16 * 1024**2

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a record is made of; `on_position` hears its position before it is written."""

    signal: Signal
    encoding: Encoding
    body: bytes
    digest: bytes
    on_position: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Placed:
    """A record and the file it stands in."""

    record: Record
    segment: Segment


@dataclass(slots=True)
class _Cursor:
    """A place between two records: everything up to `position` lies before it."""

    segment: Segment
    offset: int
    position: int


class RecordLog:
    """The log in `directory`; `keep` is handed bytes that are no record, with a name for them."""

    def __init__(self, directory: Path, *, max_bytes: int, keep: Callable[[str, bytes], None]) -> None:
        self.missing = 0
        """Records that were written and are gone, as far as reading has come."""
        self._directory = directory
        self._keep = keep
        self._segment_bytes = max(_SMALLEST_SEGMENT_BYTES, max_bytes // _MOST_SEGMENTS)
        self._segments = list_segments(directory)
        self.is_new = not self._segments
        if self.is_new:
            self._segments.append(Segment.create(directory, 1))
        first = self._segments[0]
        self._oldest = _Cursor(first, 0, first.first_position - 1)
        self._reading = _Cursor(first, 0, first.first_position - 1)
        self.last_position = self._find_last()

    @property
    def size_bytes(self) -> int:
        """Return how much is not forgotten."""
        return sum(segment.size_bytes for segment in self._segments) - self._oldest.offset

    def append(self, requests: Sequence[Request]) -> Sequence[int]:
        """Return the positions of the requests once they are durable; after an OSError none of them is."""
        newest = self._segments[-1]
        if newest.size_bytes >= self._segment_bytes:
            newest = Segment.create(self._directory, self.last_position + 1)
            self._segments.append(newest)
        positions = range(self.last_position + 1, self.last_position + 1 + len(requests))
        parts: list[bytes] = []
        for position, request in zip(positions, requests, strict=True):
            request.on_position(position)
            parts += [_header(position, request, newest.salt), request.body]
        newest.append(parts)
        self.last_position = positions[-1]
        return positions

    def read_after(self, position: int) -> Iterator[Placed]:
        """Yield the records behind `position`; what is damaged between them is kept and counted."""
        if self._reading.position != position or self._reading.segment not in self._segments:
            self._reading = self._seek(position)
        for found in self._walk(self._reading):
            if isinstance(found.record, Damage):
                name = f"{found.segment.path.stem}-{found.record.offset}.damaged"
                self._keep(name, found.segment.read_bytes(found.record))
                continue
            self._count_missing(found.record.position - self._reading.position - 1)
            self._reading.offset, self._reading.position = found.record.end, found.record.position
            yield Placed(found.record, found.segment)

    def give_up_through(self, position: int) -> None:
        """Count what cannot be read up to `position` as missing."""
        self._count_missing(position - self._reading.position)
        self._reading.position = position

    def find(self, position: int) -> Placed | None:
        """Return the record at `position`, None if it is gone; slow."""
        for found in self._walk(self._seek(position - 1)):
            if isinstance(found.record, Record):
                return Placed(found.record, found.segment) if found.record.position == position else None
        return None

    def forget_through(self, position: int) -> int:
        """Forget everything up to and including `position`; return how many bytes that were."""
        oldest = self._oldest
        before = oldest.offset
        for found in self._walk(oldest):
            if isinstance(found.record, Record):
                if found.record.position > position:
                    break
                oldest.offset, oldest.position = found.record.end, found.record.position
        freed = oldest.offset - before
        while self._segments[0] is not oldest.segment:
            segment = self._segments.pop(0)
            freed += segment.size_bytes
            segment.remove()
        return freed

    def close(self) -> None:
        """Close the files."""
        for segment in self._segments:
            segment.close()

    def _find_last(self) -> int:
        """Return the position of the last record, and cut off what a crash has left behind it."""
        newest = self._segments[-1]
        last, end = newest.first_position - 1, 0
        for found in newest.walk(0):
            if isinstance(found, Record):
                last, end = found.position, found.end
        if end < newest.size_bytes:
            rest = Damage(end, newest.size_bytes)
            self._keep(f"{newest.path.stem}-{end}.damaged", newest.read_bytes(rest))
            _log.warning("%s ends in %d bytes that are no whole request", newest.path, rest.end - rest.offset)
            newest.truncate(end)
        return last

    def _seek(self, position: int) -> _Cursor:
        """Return the place behind `position`; what was forgotten counts as read."""
        segments, position = self._segments, max(position, self._oldest.position)
        start = next((s for s in reversed(segments) if s.first_position <= position + 1), segments[0])
        cursor = _Cursor(start, 0, max(position, segments[0].first_position - 1))
        for found in self._walk(cursor):
            if isinstance(found.record, Record):
                if found.record.position > position:
                    break
                cursor.offset = found.record.end
        return cursor

    def _walk(self, cursor: _Cursor) -> Iterator["_Found"]:
        """Yield what stands behind the cursor; it follows into the next file when one is read to its end."""
        while True:
            segment = cursor.segment
            index = self._segments.index(segment) + 1
            following = self._segments[index] if index < len(self._segments) else None
            for found in segment.walk(cursor.offset):
                yield _Found(found, segment)
            if following is None:
                return
            cursor.segment, cursor.offset = following, 0

    def _count_missing(self, records: int) -> None:
        if records > 0:
            self.missing += records
            _log.error("%d requests of the spool in %s are damaged and cannot be stored", records, self._directory)


@dataclass(frozen=True, slots=True)
class _Found:
    record: Record | Damage
    segment: Segment


def _header(position: int, request: Request, salt: int) -> bytes:
    return encode_header(
        position=position,
        signal=request.signal,
        encoding=request.encoding,
        digest=request.digest,
        body=request.body,
        salt=salt,
    )
