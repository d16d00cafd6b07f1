"""Gzip bodies, unpacked within a limit: a bomb costs no more memory than the limit."""

import zlib

from collector.errors import BodyTooLargeError, UndecodableError

_GZIP_WINDOW_BITS = 31


def gunzip(body: bytes, limit_bytes: int) -> bytes:
    """Return the unpacked body, of one or several gzip members.

    Raises BodyTooLargeError as soon as the output passes `limit_bytes`, UndecodableError for anything that is
    not whole, checksummed gzip.
    """
    unpacked = bytearray()
    rest = body
    while True:
        member = zlib.decompressobj(_GZIP_WINDOW_BITS)
        try:
            unpacked += member.decompress(rest, limit_bytes - len(unpacked) + 1)
        except zlib.error as exc:
            raise UndecodableError(f"the body is not gzip: {exc}") from exc
        if len(unpacked) > limit_bytes:
            raise BodyTooLargeError(limit_bytes)
        if not member.eof:
            raise UndecodableError("the gzip body is truncated")
        rest = member.unused_data
        if not rest:
            return bytes(unpacked)
