"""Gzip bodies, unpacked within a limit: a bomb costs no more memory than the limit, nor much more time."""

import io
import zlib

from collector.errors import BodyTooLargeError, UndecodableError

_GZIP_WINDOW_BITS = 31
_PIECE_BYTES = 64 * 1024
"""What zlib is given at once: at the end of a member it copies what is left of that."""
_MOST_MEMBERS = 10_000
"""More than a body of the largest size has when it was packed in blocks of 64 KiB; each costs time, even if empty."""


def claimed_bytes(body: bytes) -> int:
    """Return the size that a gzip body says to have unpacked; of several members that of the last, and it may lie."""
    return int.from_bytes(body[-4:], "little")


def gunzip(body: bytes, limit_bytes: int) -> bytes:
    """Return the unpacked body, of one or several gzip members.

    Raises BodyTooLargeError as soon as the output passes `limit_bytes`, UndecodableError for anything that is
    not whole, checksummed gzip.
    """
    packed, unpacked = memoryview(body), io.BytesIO()
    at = size_bytes = 0
    for _ in range(_MOST_MEMBERS):
        member = zlib.decompressobj(_GZIP_WINDOW_BITS)
        while not member.eof:
            piece = packed[at : at + _PIECE_BYTES]
            if not piece:
                raise UndecodableError("the gzip body is truncated")
            try:
                size_bytes += unpacked.write(member.decompress(piece, limit_bytes - size_bytes + 1))
            except zlib.error as exc:
                raise UndecodableError(f"the body is not gzip: {exc}") from exc
            if size_bytes > limit_bytes:
                raise BodyTooLargeError(limit_bytes)
            at += len(piece) - len(member.unused_data)
        if at == len(packed):
            return unpacked.getvalue()  # without a copy
    raise UndecodableError(f"the gzip body has more than {_MOST_MEMBERS} members")
