"""How often people and programs ask for something: a Poisson process whose rate follows the hours of the day.

The rate is constant within an interval of ten minutes.
"""

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, INTERVAL_NS, INTERVAL_S, Block
from hwsim.wander import daily_cycle
from model.clock import HOUR_NS, SECOND_NS

PEAK_HOUR = 13.0  # UTC
DAILY_SHARE = 0.4  # amplitude of the day's load relative to its mean


def draw_arrivals(block: Block, rng: np.random.Generator, rate_hz: float) -> NDArray[np.float64]:
    """Return the moments of arrivals in seconds since the block's start, in order; `rate_hz` is the day's mean."""
    busy = 1 + DAILY_SHARE * daily_cycle(block.interval_ends_ns - INTERVAL_NS // 2, PEAK_HOUR)
    numbers = rng.poisson(rate_hz * busy * INTERVAL_S)
    starts_s = np.repeat(np.arange(0.0, BLOCK_S, INTERVAL_S), numbers)
    return np.sort(starts_s + rng.random(len(starts_s)) * INTERVAL_S)


def count_arrivals(block: Block, rng: np.random.Generator, rate_hz: float) -> NDArray[np.int64]:
    """Return how many arrive in each second."""
    return np.bincount(block.second(draw_arrivals(block, rng, rate_hz)), minlength=BLOCK_S)


def per_hour(number: float) -> float:
    """Return a number per hour as a rate in hertz."""
    return number * SECOND_NS / HOUR_NS
