"""The points of one series as rows of bytes: messages of one length, written column by column."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from exporters.wire import encode_varint

Int64s = NDArray[np.int64]

TIME: Final = b"\x19"  # tags of fixed fields of a point: see metrics.proto
_START: Final = b"\x11"
EIGHT: Final = bytes(8)  # the place of a fixed field's value
SPAN: Final = _START + EIGHT + TIME + EIGHT


class Rows:
    """Points of one series: messages that differ in fixed-width fields only, written column by column."""

    def __init__(self, number: int, body: bytes) -> None:
        head = b"\x0a" + encode_varint(len(body))
        self._head = len(head)
        self._length = len(body)
        self._bytes = np.empty((number, len(head) + len(body)), dtype=np.uint8)
        self._bytes[:] = np.frombuffer(head + body, dtype=np.uint8)

    def put(self, offset: int, values: NDArray[np.generic], kind: str) -> None:
        """Write one value, or one row of values, into each message at the offset, from the end if negative."""
        column = np.ascontiguousarray(values, dtype=kind).reshape(len(self._bytes), -1).view(np.uint8)
        start = self._head + (offset if offset >= 0 else self._length + offset)
        self._bytes[:, start : start + column.shape[1]] = column

    def encode(self) -> bytes:
        """Return the messages one after the other, each with its tag and length."""
        return self._bytes.tobytes()


class Spans:
    """The begin and the end of a recording's cells as the first fields of points; most series have the same cells."""

    def __init__(self, edges_ns: Int64s) -> None:
        self._edges_ns = edges_ns
        self._last: tuple[Int64s, NDArray[np.uint8]] | None = None

    def of(self, cells: Int64s) -> NDArray[np.uint8]:
        """Return a row of bytes for each of the cells."""
        if self._last is None or self._last[0] is not cells:
            rows = np.empty((len(cells), len(SPAN)), dtype=np.uint8)
            rows[:] = np.frombuffer(SPAN, dtype=np.uint8)
            for start, times_ns in ((1, self._edges_ns[cells]), (10, self._edges_ns[cells + 1])):
                rows[:, start : start + 8] = times_ns.astype("<u8").view(np.uint8).reshape(-1, 8)
            self._last = (cells, rows)
        return self._last[1]
