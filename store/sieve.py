"""Tell new points from possible duplicates, and put them into the order in which the database stores them best.

A point after the high-water mark of its series is new. One at or before it is a suspect: late, or sent again. Of
equal points (series, time, start) inside one call the first counts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from store.pgcopy import PG_EPOCH_NS

Int64s = NDArray[np.int64]

WEEK_US = 7 * 86_400_000_000
MINUTE_US = 60_000_000
_EPOCH_US = PG_EPOCH_NS // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sifted:
    """Indexes into the points of the call, sorted by week, series and time."""

    fresh: Int64s
    suspect: Int64s
    duplicates: int


def sift(*, series_id: Int64s, time_us: Int64s, start_us: Int64s, mark_us: Int64s) -> Sifted:
    """Sort the points of one call into new ones, suspects and repetitions; `mark_us` is per point."""
    order = np.lexsort((start_us, time_us, series_id, weeks_of(time_us)))
    repeated = np.zeros(len(order), dtype=bool)
    repeated[1:] = True
    for column in (series_id, time_us, start_us):
        ordered = column[order]
        repeated[1:] &= ordered[1:] == ordered[:-1]
    order = order[~repeated]
    is_fresh = time_us[order] > mark_us[order]
    return Sifted(fresh=order[is_fresh], suspect=order[~is_fresh], duplicates=int(repeated.sum()))


def weeks_of(time_us: Int64s) -> Int64s:
    """Return the number of whole weeks since 1970-01-01, the boundaries of partitions and chunks."""
    return (time_us + _EPOCH_US) // WEEK_US


def minutes_of(time_us: Int64s) -> Int64s:
    """Return the minute since 2000-01-01 that each point closes or lies in, see `model.windows.minute_of`."""
    return (time_us - 1) // MINUTE_US
