"""Sums and means over windows that do not depend on where reading began."""

from collections import defaultdict
from collections.abc import Mapping
from math import fsum

import numpy as np
from numpy.typing import NDArray

from model.clock import HOUR_NS, MINUTE_NS


def rolling_sums(by_minute: Mapping[int, float], ends_ns: NDArray[np.int64], window_ns: int) -> NDArray[np.int64]:
    """Return the sums over the window before each moment; whole numbers, so no order of adding changes them."""
    minutes = np.array(sorted(by_minute), dtype=np.int64)
    counts = np.array([round(by_minute[m]) for m in minutes.tolist()], dtype=np.int64)
    sums = np.concatenate(([0], np.cumsum(counts)))
    until = np.searchsorted(minutes, ends_ns - MINUTE_NS, side="right")
    before = np.searchsorted(minutes, ends_ns - MINUTE_NS - window_ns, side="right")
    return np.asarray(sums[until] - sums[before], dtype=np.int64)


def hourly_means(by_minute: Mapping[int, float]) -> dict[int, float]:
    """Return the mean of each hour's minutes, hours counted from 1970."""
    hours: dict[int, list[float]] = defaultdict(list)
    for minute_ns in sorted(by_minute):
        hours[minute_ns // HOUR_NS].append(by_minute[minute_ns])
    return {hour: fsum(values) / len(values) for hour, values in hours.items()}
