"""How a quantity of the surroundings wanders: an Ornstein-Uhlenbeck path on top of a daily cycle.

The path runs straight between the starts of intervals.
"""

import math

import numpy as np
from numpy.typing import NDArray

from hwsim.ornstein_uhlenbeck import OrnsteinUhlenbeck
from model.clock import DAY_NS

Float64s = NDArray[np.float64]


class Wander:
    """A path of unit standard deviation; before `start_ns` it stands still."""

    def __init__(self, entity_id: str, purpose: str, *, correlation_s: float, seed: int, start_ns: int) -> None:
        self._path = OrnsteinUhlenbeck(
            entity_id,
            f"{purpose} wander",
            sigmas=np.ones(1),
            correlation_s=correlation_s,
            seed=seed,
            start_ns=start_ns,
        )

    def at(self, times_ns: NDArray[np.int64]) -> Float64s:
        """Return the path at each moment, in standard deviations."""
        place = self._path.intervals_at(times_ns)
        before = place.astype(np.int64)
        nodes = self._path.nodes(int(before.max(initial=0)) + 1)[:, 0]
        return np.asarray(nodes[before] + (place - before) * (nodes[before + 1] - nodes[before]))


def daily_cycle(times_ns: NDArray[np.int64], peak_hour: float) -> Float64s:
    """Return a sine of one day with its peak (1) at an hour of the day in UTC.

    >>> daily_cycle(np.array([15 * 3600 * 10**9]), 15.0)
    array([1.])
    """
    return np.asarray(np.cos(2 * math.pi * (times_ns / DAY_NS - peak_hour / 24)))
