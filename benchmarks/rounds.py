"""Time two works in turn, so that whatever else the machine does falls on both."""

import statistics
import time
from collections.abc import Callable


def time_once(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def time_in_turn(work: Callable[[], object], beside: Callable[[], object], *, rounds: int = 5) -> tuple[float, float]:
    """Return the median seconds of both, each run once before to warm up, then `rounds` times alternately."""
    work()
    beside()
    pairs = [(time_once(work), time_once(beside)) for _ in range(rounds)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)
