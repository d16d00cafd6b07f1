"""Tell new points from possible duplicates, and put them into the order in which the database stores them best.

A point after the high-water mark of its series is new. One at or before it is a suspect: late, or sent again. Of
equal points (series, time, start) inside one call the first counts.
"""

from dataclasses import dataclass

import numpy as np

from model.points import Int64s
from store.pgcopy import PG_EPOCH_NS

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
    order = _sort_by_series_and_time(series_id, time_us)
    if order is None:
        order = np.lexsort((start_us, time_us, series_id, weeks_of(time_us)))
    repeated = np.zeros(len(order), dtype=bool)
    repeated[1:] = True
    for column in (series_id, time_us, start_us):
        ordered = column[order]
        repeated[1:] &= ordered[1:] == ordered[:-1]
    order = order[~repeated]
    is_fresh = time_us[order] > mark_us[order]
    return Sifted(fresh=order[is_fresh], suspect=order[~is_fresh], duplicates=int(repeated.sum()))


def _sort_by_series_and_time(series_id: Int64s, time_us: Int64s) -> Int64s | None:
    """Return the order of points of one week, no two of which have the same series and time; else None.

    Sorting one number is several times as fast as sorting by four.
    """
    if not len(time_us):
        return None
    first_us, last_us = int(time_us.min()), int(time_us.max())
    bits = (last_us - first_us).bit_length()
    if bits + int(series_id.max()).bit_length() > 63 or len({*weeks_of(np.array([first_us, last_us])).tolist()}) > 1:
        return None
    key = (series_id << bits) | (time_us - first_us)
    order = np.argsort(key)
    ordered = key[order]
    return None if (ordered[1:] == ordered[:-1]).any() else order


def weeks_of(time_us: Int64s) -> Int64s:
    """Return the number of whole weeks since 1970-01-01, the boundaries of partitions and chunks."""
    return (time_us + _EPOCH_US) // WEEK_US


def minutes_of(time_us: Int64s) -> Int64s:
    """Return the minute since 2000-01-01 that each point closes or lies in, see `model.windows.minute_of`."""
    return (time_us - 1) // MINUTE_US
