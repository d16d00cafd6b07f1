"""Many small protobuf messages in one buffer, read in columns: the same field of all of them at once.

Offsets are relative to the buffer, and one array holds one offset per message. Reading a little past the end of a
message is allowed and yields what stands there; whoever reads checks that the field ends within its message.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Offsets = NDArray[np.int64]
Mask = NDArray[np.bool_]
Words = NDArray[np.uint64]

FIXED64_BYTES = 9
"""A field of type double, fixed64 or sfixed64: its tag and eight bytes."""
_PADDING = bytes(64)


class Packed:
    """Messages one after the other; `starts` and `ends` are where each begins and ends."""

    def __init__(self, messages: Sequence[bytes]) -> None:
        lengths = np.fromiter(map(len, messages), dtype=np.int64, count=len(messages))
        self.ends: Offsets = np.cumsum(lengths)
        self.starts: Offsets = self.ends - lengths
        self.buffer = bytearray(b"").join([*messages, _PADDING])
        self._bytes: NDArray[np.uint8] = np.frombuffer(self.buffer, dtype=np.uint8)
        # Eight bytes from every offset, aligned or not.
        size = len(self.buffer) - 7
        self._words: Words = np.ndarray((size,), dtype="<u8", buffer=self.buffer, strides=(1,))

    def __len__(self) -> int:
        """Return the number of messages."""
        return len(self.starts)

    def bytes_at(self, offsets: Offsets) -> NDArray[np.uint8]:
        """Return the byte at each offset; offsets beyond the buffer read its padding."""
        return self._bytes[np.minimum(offsets, len(self._bytes) - 1)]

    def has(self, tag: int, offsets: Offsets) -> Mask:
        """Return where a byte at the offset, inside its message, is `tag`."""
        found: Mask = (self.bytes_at(offsets) == tag) & (offsets < self.ends)
        return found

    def words_at(self, offsets: Offsets) -> Words:
        """Return the little-endian unsigned 64-bit word at each offset."""
        return self._words[np.minimum(offsets, len(self._words) - 1)]

    def blank(self, offsets: Offsets) -> None:
        """Put zeros into the eight bytes at each offset."""
        self._words[offsets] = 0

    def lengths_at(self, offsets: Offsets) -> tuple[Offsets, Offsets, Mask]:
        """Return where the content of length-delimited fields, whose length stands at the offsets, starts and ends.

        The third array says where the length is a shortest varint of one or two bytes.
        """
        low, high = self.bytes_at(offsets).astype(np.int64), self.bytes_at(offsets + 1).astype(np.int64)
        long = low >= 0x80
        start = offsets + 1 + long
        end = start + np.where(long, (low & 0x7F) | (high << 7), low)
        return start, end, ~long | ((high > 0) & (high < 0x80))
