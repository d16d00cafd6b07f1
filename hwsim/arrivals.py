"""How often people and programs ask for something: a Poisson process whose rate follows the hours of the day.

The rate is constant within a block.
"""

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_NS, BLOCK_S, Block
from hwsim.wander import daily_cycle
from model.clock import HOUR_NS, SECOND_NS

PEAK_HOUR = 13.0  # UTC
DAILY_SHARE = 0.4  # amplitude of the day's load relative to its mean


def draw_arrivals(block: Block, rng: np.random.Generator, rate_hz: float) -> NDArray[np.float64]:
    """Return the moments of arrivals in seconds since the block's start, in order; `rate_hz` is the day's mean."""
    middle_ns = np.array([block.start_ns + BLOCK_NS // 2])
    busy = 1 + DAILY_SHARE * float(daily_cycle(middle_ns, PEAK_HOUR)[0])
    return np.sort(rng.random(rng.poisson(rate_hz * busy * BLOCK_S)) * BLOCK_S)


def count_arrivals(block: Block, rng: np.random.Generator, rate_hz: float) -> NDArray[np.int64]:
    """Return how many arrive in each second."""
    return np.bincount(block.second(draw_arrivals(block, rng, rate_hz)), minlength=BLOCK_S)


def per_hour(number: float) -> float:
    """Return a number per hour as a rate in hertz."""
    return number * SECOND_NS / HOUR_NS
