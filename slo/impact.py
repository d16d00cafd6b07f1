"""When an incident began to hurt and when it no longer did: an alert fires and resolves later, by design."""

import numpy as np
from numpy.typing import NDArray

from model.clock import HOUR_NS, MINUTE_NS

_MOST_GOOD_MINUTES = 5
_LONGEST_SILENCE_NS = HOUR_NS


def find_impact_ns(
    minute_ns: NDArray[np.int64], good: NDArray[np.int64], total: NDArray[np.int64], *, budget: float, fired_ns: int
) -> int:
    """Return the start of the minute since which what led to the alert at `fired_ns` has most likely been the matter.

    A minute is bad when its share of bad events is above `budget` (1 - target); `minute_ns` ascend. Walking back
    from the alert, the run of bad minutes ends where more than five in a row were good, or an hour was silent. Now
    and then a minute is bad by chance, so the run is taken from where its bad events are least likely at the budget's
    rate: the maximum of the Poisson likelihood ratio over its minutes (the generalized likelihood ratio of a change
    point). Without a bad minute it is the alert's own minute.
    """
    told = (total > 0) & (minute_ns < fired_ns)
    minute_ns, total, bad = minute_ns[told], total[told], (total - good)[told]
    run = _last_run(minute_ns, bad > budget * total)
    if not run.size:
        return fired_ns - MINUTE_NS
    bad_since, total_since = (np.cumsum(each[run[0] :][::-1])[::-1] for each in (bad, total))
    return int(minute_ns[run[np.argmax(_evidence(bad_since, total_since, budget)[run - run[0]])]])


def find_relief_ns(
    minute_ns: NDArray[np.int64], good: NDArray[np.int64], total: NDArray[np.int64], *, budget: float
) -> int | None:
    """Return the end of the minute up to which bad events are least likely at the budget's rate.

    None where there never were more than it allows.

    The mirror image of `find_impact_ns`, for minutes since the impact: one that is bad by chance hours after the harm
    is not its end.
    """
    seen, events = np.cumsum(total - good), np.cumsum(total)
    evidence = _evidence(seen, events, budget)
    return int(minute_ns[np.argmax(evidence)]) + MINUTE_NS if evidence.any() else None


def _last_run(minute_ns: NDArray[np.int64], is_bad: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return where the bad minutes of the last run stand."""
    bad = np.flatnonzero(is_bad)
    silence_ns = np.concatenate([[0], np.diff(minute_ns)])
    silences = np.cumsum(silence_ns > _LONGEST_SILENCE_NS)
    pauses = np.flatnonzero((np.diff(bad) > _MOST_GOOD_MINUTES + 1) | (np.diff(silences[bad]) > 0))
    return bad[pauses[-1] + 1 :] if pauses.size else bad


def _evidence(bad: NDArray[np.int64], total: NDArray[np.int64], budget: float) -> NDArray[np.float64]:
    """Return the log likelihood ratio of each share of bad events to the budget's; 0 for one that is no more."""
    seen = bad.astype(np.float64)
    allowed = np.maximum(budget * total, np.finfo(np.float64).tiny)
    return np.where(seen > allowed, seen * np.log(np.maximum(seen, 1.0) / allowed) - (seen - allowed), 0.0)
