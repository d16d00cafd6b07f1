"""One request in a spool file: a header of fixed size with a checksum of its own, then the body with another.

    magic 4 | salted CRC-32 of the rest 4 | position 8 | body length 4 | CRC-32 of the body 4 |
    signal 1 | encoding 1 | reserved 2 | digest of the body 16                            = 44 bytes, little-endian

The header's checksum lets a reader step over a body without reading it, and find the next whole record behind a
damaged one; the body's checksum is looked at when the body is read.
"""

import struct
import zlib
from dataclasses import dataclass
from mmap import mmap

from collector.signals import Encoding, Signal

MAGIC = b"HspR"
_HEADER = struct.Struct("<4sIQIIBBH16s")
_CHECKED = struct.Struct("<QIIBBH16s")
HEADER_BYTES = _HEADER.size
_SIGNALS = tuple(Signal)
_ENCODINGS = tuple(Encoding)

Searchable = bytes | mmap


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A header that is whole. `offset` is where it starts in its file."""

    offset: int
    position: int
    signal: Signal
    encoding: Encoding
    digest: bytes
    body_bytes: int
    body_crc: int

    @property
    def size_bytes(self) -> int:
        """Return what the record occupies."""
        return HEADER_BYTES + self.body_bytes

    @property
    def end(self) -> int:
        """Return where the next record starts."""
        return self.offset + self.size_bytes

    def is_intact(self, body: bytes) -> bool:
        """Return whether this is the body that was written."""
        return len(body) == self.body_bytes and zlib.crc32(body) == self.body_crc


def encode_header(
    *, position: int, signal: Signal, encoding: Encoding, digest: bytes, body: bytes, salt: int
) -> bytes:
    """Return the header that stands before `body`; its checksum starts from `salt`."""
    checked = _CHECKED.pack(
        position,
        len(body),
        zlib.crc32(body),
        _SIGNALS.index(signal),
        _ENCODINGS.index(encoding),
        0,
        digest.ljust(16, b"\0")[:16],
    )
    return MAGIC + struct.pack("<I", zlib.crc32(checked, salt)) + checked


def decode_header(data: bytes, offset: int, salt: int) -> Record | None:
    """Return the record whose header is `data`, read at `offset`; None for anything that is no whole header."""
    if len(data) < HEADER_BYTES:
        return None
    magic, crc, position, body_bytes, body_crc, signal, encoding, _, digest = _HEADER.unpack_from(data)
    known = magic == MAGIC and signal < len(_SIGNALS) and encoding < len(_ENCODINGS)
    if not known or zlib.crc32(data[8:HEADER_BYTES], salt) != crc:
        return None
    return Record(
        offset=offset,
        position=position,
        signal=_SIGNALS[signal],
        encoding=_ENCODINGS[encoding],
        digest=digest,
        body_bytes=body_bytes,
        body_crc=body_crc,
    )


def find_record(data: Searchable, offset: int, salt: int) -> Record | None:
    """Return the first whole record that starts at `offset` or later in a file."""
    at = data.find(MAGIC, offset)
    while at >= 0:
        record = decode_header(data[at : at + HEADER_BYTES], at, salt)
        if record is not None and record.end <= len(data):
            return record
        at = data.find(MAGIC, at + 1)
    return None
