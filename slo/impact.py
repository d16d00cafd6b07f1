"""When an incident began to hurt: an alert fires later than that, by design."""

import numpy as np
from numpy.typing import NDArray

from model.clock import MINUTE_NS

_GAP_MINUTES = 5


def find_impact_ns(
    minute_ns: NDArray[np.int64], good: NDArray[np.int64], total: NDArray[np.int64], *, budget: float, fired_ns: int
) -> int:
    """Return the start of the run of bad minutes that led to the alert at `fired_ns`.

    A minute is bad when its share of bad events is above `budget` (1 - target). Walking back from the alert, the run
    ends where more than five minutes in a row were good or silent. Without a bad minute it is the alert's own minute.
    """
    return find_begin_ns(minute_ns[(total > 0) & (total - good > budget * total)], fired_ns=fired_ns)


def find_begin_ns(bad_ns: NDArray[np.int64], *, fired_ns: int) -> int:
    """Return the first of the run of bad minutes that led to `fired_ns`; `bad_ns` are their starts, ascending."""
    starts = bad_ns[bad_ns < fired_ns]
    if not starts.size:
        return fired_ns - MINUTE_NS
    gaps = np.flatnonzero(np.diff(starts) > (_GAP_MINUTES + 1) * MINUTE_NS)
    return int(starts[gaps[-1] + 1] if gaps.size else starts[0])
