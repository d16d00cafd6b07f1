"""The moments and values of many series of one block, each in order of time, so that any stretch is soon found."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.attributes import Attributes

Int64s = NDArray[np.int64]
Float64s = NDArray[np.float64]
Series = tuple[str, Attributes]
Column = tuple[Int64s, Float64s]


class MergedSeries:
    """What a block holds of each series, from the parts in which devices reported it."""

    def __init__(self, parts: Mapping[Series, Sequence[Column]]) -> None:
        self._columns = {series: _merge(of_series) for series, of_series in parts.items() if of_series}
        filled = [moments for moments, _ in self._columns.values() if len(moments)]
        self._first = min((int(moments[0]) for moments in filled), default=0)
        self._last = max((int(moments[-1]) for moments in filled), default=-1)

    def told(self, first: int, last: int) -> Iterable[Series]:
        """Return the series that may have something at the moments `first` to `last - 1`, in order of appearance."""
        if self._lies_within(first, last):
            return self._columns
        moments, owners = self._index
        names = tuple(self._columns)
        among = slice(*moments.searchsorted([first, last]).tolist())
        return [names[owner] for owner in np.unique(owners[among]).tolist()]

    def between(self, series: Series, first: int, last: int) -> Column | None:
        """Return the moments and values of a series from `first` to `last - 1`; None if it is not in the block."""
        column = self._columns.get(series)
        if column is None or self._lies_within(first, last):
            return column
        moments, values = column
        among = slice(*moments.searchsorted([first, last]).tolist())
        return moments[among], values[among]

    def _lies_within(self, first: int, last: int) -> bool:
        return first <= self._first and self._last < last

    @cached_property
    def _index(self) -> tuple[Int64s, Int64s]:
        """All moments in order, and the number of the series that each belongs to."""
        columns = [moments for moments, _ in self._columns.values()]
        moments = np.concatenate([np.zeros(0, dtype=np.int64), *columns])
        order = np.argsort(moments, kind="stable")
        owners = np.repeat(np.arange(len(columns)), [len(column) for column in columns])
        return moments[order], owners[order]


def _merge(parts: Sequence[Column]) -> Column:
    if len(parts) == 1:
        moments, values = parts[0]
    else:
        moments, values = (np.concatenate([part[place] for part in parts]) for place in range(2))
    if len(moments) > 1 and (moments[1:] < moments[:-1]).any():
        order = np.argsort(moments, kind="stable")
        return moments[order], values[order]
    return moments, values
