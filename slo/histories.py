"""How an objective stood for one entity at many moments, or stands for many entities at one: `evaluate` as arrays.

A step of the fleet is a few operations over all entities, and costs the same whatever the length of the windows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.clock import MINUTE_NS
from slo.burn import BURN_WINDOWS, exceeds_each
from slo.counts import CountArrays, Int64s, Sums
from slo.ledger import Ledger
from slo.objective import Objective
from slo.status import AT_RISK_BELOW, State, elapsed_each, meets_each, silent_after_ns

_STATES = (State.NO_DATA, State.EXHAUSTED, State.AT_RISK, State.OK)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetHistory:
    """`Status` many times as arrays; NaN stands for None, 0 in `last_data_ns` too."""

    at_ns: Int64s
    good: Int64s
    total: Int64s
    coverage: NDArray[np.float64]
    sli: NDArray[np.float64]
    budget_remaining: NDArray[np.float64]
    burns: dict[str, NDArray[np.float64]]
    state: list[State]
    last_data_ns: Int64s

    @property
    def bad(self) -> Int64s:
        """Return the events that were not good."""
        return self.total - self.good


def budget_history(objective: Objective, ledger: Ledger, at_ns: Int64s) -> BudgetHistory:
    """Return what `evaluate` says at each of `at_ns`, for all of them in one go."""
    return _evaluate_each(objective, ledger.sums(), at_ns)


def evaluate_all(objective: Objective, sums: Sums, ends_ns: Int64s) -> BudgetHistory:
    """Return what `evaluate` says of each entity at one moment: that of `sums`, of which `ends_ns` has one each."""
    return _evaluate_each(objective, sums, ends_ns)


def _evaluate_each(objective: Objective, sums: Sums, at_ns: Int64s) -> BudgetHistory:
    elapsed_ns = elapsed_each(objective, at_ns)
    counts = sums.counts(at_ns, elapsed_ns)
    expected = sums.minutes_expected(at_ns, elapsed_ns)
    budget = float(objective.error_budget)
    lengths = [objective.budget_period(at).length_ns for at in at_ns.tolist()] if objective.calendar else None
    whole = elapsed_ns if lengths is None else np.array(lengths, dtype=np.int64)
    return BudgetHistory(
        at_ns=at_ns,
        good=counts.good,
        total=counts.total,
        coverage=np.minimum(1.0, _share(counts.minutes * (objective.step_ns // MINUTE_NS), expected, empty=0.0)),
        sli=_share(counts.good, counts.total),
        budget_remaining=1.0 - _share(counts.bad, counts.total) / budget * (elapsed_ns / whole),
        burns={text: _burns(sums.counts(at_ns, length_ns), budget) for text, length_ns in BURN_WINDOWS.items()},
        state=_states(objective, sums, at_ns, _over_period(counts, elapsed_ns, whole)),
        last_data_ns=sums.last_data_ns(at_ns),
    )


def _over_period(counts: CountArrays, elapsed_ns: Int64s, whole_ns: Int64s) -> CountArrays:
    """Return the counts with the rest of the period as good as it can be, all times the elapsed minutes."""
    if np.array_equal(elapsed_ns, whole_ns):
        return counts
    bad, total = counts.bad * (elapsed_ns // MINUTE_NS), counts.total * (whole_ns // MINUTE_NS)
    return CountArrays(total - bad, total, counts.minutes)


def _states(objective: Objective, sums: Sums, at_ns: Int64s, counts: CountArrays) -> list[State]:
    last = sums.last_data_ns(at_ns)
    silent = (counts.total <= 0) | (last == 0) | (at_ns - last > silent_after_ns(objective))
    within_budget = exceeds_each(counts.good, counts.total, 1 - objective.error_budget)
    low = exceeds_each(counts.bad, counts.total, (1 - AT_RISK_BELOW) * objective.error_budget)
    for tier in objective.tiers:
        low |= meets_each(objective, tier, sums, at_ns)
    codes = np.select([silent, ~within_budget, low], [0, 1, 2], default=3)
    return [_STATES[code] for code in codes]


def _burns(counts: CountArrays, error_budget: float) -> NDArray[np.float64]:
    return _share(counts.bad, counts.total) / error_budget


def _share(part: Int64s, whole: Int64s, *, empty: float = np.nan) -> NDArray[np.float64]:
    filled = np.full(part.size, empty)
    np.divide(part, whole, out=filled, where=whole > 0)
    return filled
