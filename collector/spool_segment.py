"""One file of the spool: records one after the other, appended with an fsync, read by stepping from header to header.

The name says the position of its first record and a salt: `00000000000000000001-9f3c55aa.log`. Checksums of headers
start from the salt, which no client knows: a record hidden in a body is never taken for one of ours.
"""

import os
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path

from collector.spool_records import HEADER_BYTES, Record, decode_header, find_record
from collector.storage import sync_directory

_NAME = re.compile(r"(?P<first>\d{20})-(?P<salt>[0-9a-f]{8})\.log")
_KEPT_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes between two whole records, or behind the last one, that are no record."""

    offset: int
    end: int


class Segment:
    """A file of records; `size_bytes` is how much of it is durable, and nothing beyond is ever read."""

    def __init__(self, path: Path) -> None:
        match = _NAME.fullmatch(path.name)
        assert match is not None
        self.path = path
        self.first_position = int(match["first"])
        self.salt = int(match["salt"], 16)
        self._file = os.open(path, os.O_RDWR)
        self.size_bytes = os.fstat(self._file).st_size

    @classmethod
    def create(cls, directory: Path, first_position: int) -> "Segment":
        """Make an empty one, durably; after an OSError there is none.

        One that was left behind would be taken for the newest after a restart, and its positions given out again.
        """
        path = directory / f"{first_position:020d}-{secrets.token_hex(4)}.log"
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            sync_directory(directory)
            return cls(path)
        except OSError:
            path.unlink()
            raise

    def append(self, parts: Sequence[bytes]) -> None:
        """Add records, given in parts, and return once they are on the disk; after an OSError none of them is."""
        end = self.size_bytes
        try:
            for part in parts:
                end = self._write(part, end)
            os.fdatasync(self._file)
        except OSError:
            os.ftruncate(self._file, self.size_bytes)
            raise
        self.size_bytes = end

    def _write(self, part: bytes, offset: int) -> int:
        """Return where the part ends."""
        end = offset + len(part)
        while offset < end:
            offset += os.pwrite(self._file, memoryview(part)[offset - end :], offset)
        return end

    def read_body(self, record: Record) -> bytes:
        """Return the body as it is on the disk now."""
        return os.pread(self._file, record.body_bytes, record.offset + HEADER_BYTES)

    def read_bytes(self, damage: Damage) -> bytes:
        """Return what stands where a record should be, as far as that is of use to anybody."""
        return os.pread(self._file, min(damage.end - damage.offset, _KEPT_BYTES), damage.offset)

    def walk(self, offset: int) -> Iterator[Record | Damage]:
        """Yield what stands at `offset`, where a record starts, and behind it."""
        while offset < self.size_bytes:
            found = self._at(offset)
            yield found
            offset = found.end

    def truncate(self, size_bytes: int) -> None:
        """Forget everything from there on."""
        os.ftruncate(self._file, size_bytes)
        os.fsync(self._file)
        self.size_bytes = size_bytes

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def remove(self) -> None:
        """Close and delete the file."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _at(self, offset: int) -> Record | Damage:
        record = decode_header(os.pread(self._file, HEADER_BYTES, offset), offset, self.salt)
        if record is not None and record.end <= self.size_bytes:
            return record
        return Damage(offset, self._next_record(offset + 1))

    def _next_record(self, offset: int) -> int:
        with mmap(self._file, self.size_bytes, access=ACCESS_READ) as data:  # may be larger than we may hold
            record = find_record(data, offset, self.salt)
        return self.size_bytes if record is None else record.offset


def list_segments(directory: Path) -> list[Segment]:
    """Return the segments in a directory, oldest first."""
    return [Segment(path) for path in sorted(directory.iterdir()) if _NAME.fullmatch(path.name)]
