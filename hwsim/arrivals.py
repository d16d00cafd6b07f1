"""How often people and programs ask for something: a Poisson process whose rate follows the hours of the day."""

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, Block
from hwsim.wander import daily_cycle

PEAK_HOUR = 13.0  # UTC
DAILY_SHARE = 0.4  # amplitude of the day's load relative to its mean


def draw_arrivals(
    block: Block, rng: np.random.Generator, rate_hz: float | NDArray[np.float64], daily_share: float = DAILY_SHARE
) -> NDArray[np.int64]:
    """Return how many arrive in each second of the block; `rate_hz` is the mean over a day."""
    busy = 1 + daily_share * daily_cycle(block.ends_ns, PEAK_HOUR)
    return rng.poisson(np.broadcast_to(rate_hz * busy, BLOCK_S))


def moments_of(arrivals: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the moments of the arrivals in seconds since the block's start, in order."""
    seconds = np.repeat(np.arange(len(arrivals)), arrivals)
    return np.sort(seconds + rng.random(len(seconds)))
