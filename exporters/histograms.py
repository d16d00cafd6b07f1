"""Samples to explicit buckets: what histogram points say about the single values behind them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]
Float64s = NDArray[np.float64]
_MANY = 4096  # values from which on one pass for each bound takes less time than a search for each value


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """One row per point; `counts[:, i]` is the number of values in (bounds[i-1], bounds[i]], one more than bounds."""

    counts: Int64s
    count: Int64s
    sum: Float64s
    min: Float64s
    max: Float64s


def build_buckets(values: Float64s, splits: Int64s, bounds: Float64s) -> Buckets:
    """Return the buckets of points with at least one value each; those of point i begin at `splits[i]`.

    A value equal to a bound belongs below it. The sum adds the values in the order in which they stand.
    """
    starts, count = splits[:-1], np.diff(splits)
    width = len(bounds) + 1
    place = np.repeat(np.arange(len(count)) * width, count) + _bucket(values, bounds)
    return Buckets(
        counts=np.bincount(place, minlength=len(count) * width).reshape(len(count), width),
        count=count,
        sum=np.add.reduceat(values, starts),
        min=np.minimum.reduceat(values, starts),
        max=np.maximum.reduceat(values, starts),
    )


def _bucket(values: Float64s, bounds: Float64s) -> NDArray[np.integer[Any]]:
    """Return how many bounds lie below each value."""
    if len(values) < _MANY:
        return bounds.searchsorted(values, side="left")
    below = np.zeros(len(values), dtype=np.uint8)
    for bound in bounds.tolist():
        below += (values > bound).view(np.uint8)
    return below
