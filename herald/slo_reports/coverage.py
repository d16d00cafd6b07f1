"""How much of the data that were due an entity has told, by its own interval.

Some things are measured every 20 minutes, and jobs end when they end: a minute without data lacks nothing then.
"""

import numpy as np

from herald.recount import metrics_of
from herald.standings import Standing
from model.clock import MINUTE_NS
from model.registry import load_registry
from model.windows import Window
from slo import Ledger, Objective
from slo.counts import Int64s

_REGULAR, _AS_IT_HAPPENS = 0.5, 0.99


def coverage_in(standing: Standing, window: Window) -> float | None:
    """Return the share of a window in which data were not overdue, None where none are due.

    Each datum stands for the time before it, an interval at most; so does what has not come yet at the end. The
    interval is the median of all gaps between data, a slice at least. What is told only as it happens is overdue
    after more than 99 of 100 of its gaps, and never due where there are none.
    """
    objective, ledger = standing.objective, standing.ledger
    end = window.end_ns // MINUTE_NS
    due = ledger.minutes_expected(window.end_ns, window.length_ns)
    told = _minutes_told(ledger, end)
    interval = _interval(objective, told)
    if not due or interval is None:
        return None
    inside = told[told >= end - due]
    gaps = np.diff(inside, prepend=end - due - 1)
    waits = end - 1 - int(inside[-1]) if inside.size else due
    covered = int(np.minimum(gaps, interval).sum()) + min(waits, interval - 1)
    return min(1.0, covered / due)


def _minutes_told(ledger: Ledger, end: int) -> Int64s:
    """Return the minutes with data before one, as numbers since 1970, ascending."""
    if ledger.first_data_ns is None or ledger.first_data_ns // MINUTE_NS >= end:
        return np.zeros(0, dtype=np.int64)
    minutes = np.arange(ledger.first_data_ns // MINUTE_NS, end, dtype=np.int64)
    return minutes[ledger.sums().counts((minutes + 1) * MINUTE_NS, MINUTE_NS).minutes > 0]


def _interval(objective: Objective, told: Int64s) -> int | None:
    """Return after how many minutes data are due again, None where nobody can say."""
    as_it_happens = all(load_registry().metrics[name].instrument == "histogram" for name in metrics_of(objective))
    step = objective.step_ns // MINUTE_NS
    if told.size <= 1:
        return None if as_it_happens else step
    share = _AS_IT_HAPPENS if as_it_happens else _REGULAR
    return max(step, int(np.quantile(np.diff(told), share, method="lower")))
