"""Samples to explicit buckets: what a histogram point says about the single values behind it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """`counts[i]` is the number of values in (bounds[i-1], bounds[i]]; one count more than bounds."""

    counts: NDArray[np.int64]
    count: int
    sum: float
    min: float
    max: float


def build_buckets(values: NDArray[np.float64], bounds: NDArray[np.float64]) -> Buckets:
    """Return the buckets of at least one finite value; a value equal to a bound belongs below it.

    The values are sorted once: the counts are then differences of positions, the extremes are the ends, and
    the sum does not depend on the order in which the samples came.
    """
    ordered = np.sort(values)
    edges = np.empty(len(bounds) + 2, dtype=np.int64)
    edges[0] = 0
    edges[-1] = len(ordered)
    edges[1:-1] = ordered.searchsorted(bounds, side="right")
    return Buckets(
        counts=edges[1:] - edges[:-1],
        count=len(ordered),
        sum=float(ordered.sum()),
        min=float(ordered[0]),
        max=float(ordered[-1]),
    )
