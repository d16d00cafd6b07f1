"""How a quantity of the surroundings wanders: an Ornstein-Uhlenbeck process on top of a daily cycle.

A path is drawn once for each block and runs straight in between. It has its own generator and remembers its past:
asking for the same moment twice, in any order and with any step, gives the same values.
"""

import math

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_NS
from hwsim.randomness import spawn_generator
from model.clock import DAY_NS, SECOND_NS

Float64s = NDArray[np.float64]
_CHUNK = 1024


class Wander:
    """An Ornstein-Uhlenbeck path of unit standard deviation; before `start_ns` it stands still."""

    def __init__(self, entity_id: str, purpose: str, *, correlation_s: float, seed: int, start_ns: int) -> None:
        self._kept = math.exp(-BLOCK_NS / SECOND_NS / correlation_s)
        self._first_ns = start_ns // BLOCK_NS * BLOCK_NS
        self._rng = spawn_generator(seed, entity_id, f"{purpose} wander")
        self._nodes: Float64s = self._rng.normal(size=1)

    def at(self, times_ns: NDArray[np.int64]) -> Float64s:
        """Return the path at each moment, in standard deviations."""
        place = np.maximum(times_ns - self._first_ns, 0) / BLOCK_NS
        before = place.astype(np.int64)
        self._draw_until(int(before.max(initial=0)) + 1)
        return self._nodes[before] + (place - before) * (self._nodes[before + 1] - self._nodes[before])

    def _draw_until(self, number: int) -> None:
        while len(self._nodes) <= number:
            kicks = self._rng.normal(0.0, math.sqrt(1 - self._kept**2), _CHUNK)
            path = [float(self._nodes[-1])]
            for kick in kicks.tolist():
                path.append(path[-1] * self._kept + kick)
            self._nodes = np.concatenate([self._nodes, path[1:]])


def daily_cycle(times_ns: NDArray[np.int64], peak_hour: float) -> Float64s:
    """Return a sine of one day with its peak (1) at an hour of the day in UTC.

    >>> daily_cycle(np.array([15 * 3600 * 10**9]), 15.0)
    array([1.])
    """
    return np.asarray(np.cos(2 * math.pi * (times_ns / DAY_NS - peak_hour / 24)))
