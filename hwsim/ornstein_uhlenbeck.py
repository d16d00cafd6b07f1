"""The random walk beneath all slow noise: Ornstein-Uhlenbeck paths, sampled once an interval.

A path has its own generator and remembers its past: asking for the same moment twice, in any order and with any step,
gives the same values. What lies between two samples is up to whoever asks (`wander.py`, `drift.py`).
"""

import math

import numpy as np
from numpy.typing import NDArray

from hwsim.block import INTERVAL_NS
from hwsim.randomness import spawn_generator
from model.clock import SECOND_NS

Float64s = NDArray[np.float64]
_CHUNK = 128  # intervals that are drawn at once; the path does not depend on it


class OrnsteinUhlenbeck:
    """Paths of `sigmas.size` independent quantities, in the unit of `sigmas`, from the interval of `start_ns` on."""

    def __init__(
        self, entity_id: str, purpose: str, *, sigmas: Float64s, correlation_s: float, seed: int, start_ns: int
    ) -> None:
        self._kept = math.exp(-INTERVAL_NS / SECOND_NS / correlation_s)
        self._kicks = sigmas * math.sqrt(1 - self._kept**2)
        self._first_ns = start_ns // INTERVAL_NS * INTERVAL_NS
        self._rng = spawn_generator(seed, entity_id, purpose)
        self._nodes: Float64s = self._rng.normal(0.0, sigmas)[None, :]

    def intervals_at(self, times_ns: NDArray[np.int64]) -> Float64s:
        """Return how many intervals after the first each moment lies, fractions included; none lies before it."""
        return np.maximum(times_ns - self._first_ns, 0) / INTERVAL_NS

    def number_at(self, when_ns: int) -> int:
        """Return the number of the interval in which a moment lies, counted from the first."""
        return max(when_ns - self._first_ns, 0) // INTERVAL_NS

    def nodes(self, last: int) -> Float64s:
        """Return the values at the starts of the intervals 0 to `last`, at least: shape (intervals, quantities)."""
        while len(self._nodes) <= last:
            path = [self._nodes[-1]]
            for kick in self._rng.normal(0.0, self._kicks, (_CHUNK, len(self._kicks))):
                path.append(path[-1] * self._kept + kick)
            self._nodes = np.concatenate([self._nodes, path[1:]])
        return self._nodes
