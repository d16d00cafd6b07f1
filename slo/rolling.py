"""Sums over any recent window of a number per minute, for many entities at once.

The minutes lie in a ring; after each block of an hour stands the sum of all that ever came before. So a window is the
difference of two such sums and of less than an hour at either end, however long it is, and a late minute changes one
cell and the sums after it: exact, and never a rescan.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from slo.counts import Int64s

BLOCK = 60
"""Minutes in a block."""

_WIDER: dict[Any, Any] = {np.dtype(np.int16): np.int32, np.dtype(np.int32): np.int64}


class RollingSums:
    """Whole numbers of `rows` entities in the last `blocks` hours, up to the block `last`.

    Minutes are numbered from 1970 on, and so are blocks. Numbers are kept in the narrowest type that fits all.
    """

    def __init__(self, *, rows: int, blocks: int, last: int) -> None:
        self._blocks = blocks
        self._last = last
        self._cells: NDArray[Any] = np.zeros((rows, blocks * BLOCK), dtype=np.int16)
        self._through = np.zeros((rows, blocks), dtype=np.int64)  # all that ever came, through the block's end
        self._forgotten = np.zeros(rows, dtype=np.int64)  # of that, what came before the first block

    @property
    def first_minute(self) -> int:
        """Return the oldest minute that is kept."""
        return (self._last - self._blocks + 1) * BLOCK

    @property
    def end_minute(self) -> int:
        """Return the first minute for which there is no room yet."""
        return (self._last + 1) * BLOCK

    @property
    def rows(self) -> int:
        """Return for how many entities there is room."""
        return self._forgotten.size

    def add_rows(self, rows: int) -> None:
        """Make room for more entities."""
        self._cells = _extend(self._cells, rows)
        self._through = _extend(self._through, rows)
        self._forgotten = _extend(self._forgotten, rows)

    def open(self, last: int) -> None:
        """Move on to a later block; what falls out at the other end stays in the sums."""
        if last - self._last >= self._blocks:
            self._forgotten = self._through[:, self._last % self._blocks].copy()
            self._cells[:] = 0
            self._through[:] = self._forgotten[:, None]
            self._last = last
        while self._last < last:
            self._open_next()

    def _open_next(self) -> None:
        before = self._through[:, self._last % self._blocks]
        self._last += 1
        slot = self._last % self._blocks
        self._forgotten = self._through[:, slot].copy()
        self._cells[:, slot * BLOCK : (slot + 1) * BLOCK] = 0
        self._through[:, slot] = before

    def put_all(self, minutes: Int64s, values: Int64s) -> None:
        """Set some minutes, which ascend, of the first entities; `values` has a row for each, a column per minute."""
        self._fit(values)
        rows, cells = values.shape[0], minutes % self._cells.shape[1]
        change = values - self._cells[:rows, cells]
        if not change.any():
            return
        self._cells[:rows, cells] = values
        blocks, starts = np.unique(minutes // BLOCK, return_index=True)
        for block, of_block in zip(blocks.tolist(), np.add.reduceat(change, starts, axis=1).T, strict=True):
            for slots in self._slots(block):
                self._through[:rows, slots] += of_block[:, None]

    def put_one(self, row: int, minute: int, value: int) -> None:
        """Set one minute of one entity."""
        if not -(2**15) <= value < 2**15:
            self._fit(np.array([value], dtype=np.int64))
        cell = minute % self._cells.shape[1]
        change = value - int(self._cells[row, cell])
        if change:
            self._cells[row, cell] = value
            for slots in self._slots(minute // BLOCK):
                self._through[row, slots] += change

    def put_row(self, row: int, minutes: Int64s, values: Int64s) -> None:
        """Set many minutes of one entity."""
        self._fit(values)
        self._cells[row, minutes % self._cells.shape[1]] = values
        sums = self._cells[row].reshape(self._blocks, BLOCK).sum(axis=1, dtype=np.int64)
        order = (np.arange(self._blocks) + self._last + 1) % self._blocks
        self._through[row, order] = self._forgotten[row] + np.cumsum(sums[order])

    def get(self, row: int, minute: int) -> int:
        """Return one minute of one entity."""
        return int(self._cells[row, minute % self._cells.shape[1]])

    def column(self, minute: int) -> NDArray[Any]:
        """Return one minute, which must be kept, of each entity."""
        return self._cells[:, minute % self._cells.shape[1]]

    def before(self, minute: int) -> Int64s:
        """Return the sum of all that came before a minute, for each entity."""
        block, rest = self._place(minute)
        sums = self._through[:, (block - 1) % self._blocks] if block > self._oldest else self._forgotten
        if not rest:
            return sums.copy()
        start = block % self._blocks * BLOCK
        part: Int64s = self._cells[:, start : start + rest].sum(axis=1, dtype=np.int64)
        return sums + part

    def before_of(self, row: int, minute: int) -> int:
        """Return the same for one entity."""
        block, rest = self._place(minute)
        total = self._through[row, (block - 1) % self._blocks] if block > self._oldest else self._forgotten[row]
        start = block % self._blocks * BLOCK
        return int(total) + (int(self._cells[row, start : start + rest].sum(dtype=np.int64)) if rest else 0)

    def row(self, row: int) -> Int64s:
        """Return all minutes of one entity, the oldest first."""
        cut = (self._last + 1) % self._blocks * BLOCK
        return np.concatenate((self._cells[row, cut:], self._cells[row, :cut])).astype(np.int64)

    @property
    def _oldest(self) -> int:
        return self._last - self._blocks + 1

    def _place(self, minute: int) -> tuple[int, int]:
        """Return a minute's block and its place in it, within what is kept."""
        kept = min(max(minute, self._oldest * BLOCK), (self._last + 1) * BLOCK)
        return divmod(kept, BLOCK)

    def _slots(self, block: int) -> list[slice]:
        """Return where the sums through `block` and all later blocks stand."""
        first, last = block % self._blocks, self._last % self._blocks
        if first <= last:
            return [slice(first, last + 1)]
        return [slice(first, self._blocks), slice(0, last + 1)]

    def _fit(self, values: Int64s) -> None:
        if values.size == 0:
            return
        low, high = int(values.min()), int(values.max())
        while not np.iinfo(self._cells.dtype).min <= low <= high <= np.iinfo(self._cells.dtype).max:
            self._cells = self._cells.astype(_WIDER[self._cells.dtype])


def _extend(array: NDArray[Any], rows: int) -> NDArray[Any]:
    """Return a larger array; memory of rows that nobody has written is not taken yet."""
    larger = np.zeros((array.shape[0] + rows, *array.shape[1:]), dtype=array.dtype)
    larger[: array.shape[0]] = array
    return larger
