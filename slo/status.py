"""How an objective stands for one entity at one moment, and how it stood at many.

The states, worst last: `no_data` when nothing was counted in the window or the last data are older than
`SILENT_AFTER_NS`; otherwise `exhausted` when no budget is left, `at_risk` when a tier burns or less than a
quarter of the budget is left, else `ok`. No data is never success: it is grey, not green.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from model.clock import MINUTE_NS
from slo.burn import BURN_WINDOWS, Tier, burn_rate, exceeds_each
from slo.ledger import CountArrays, Counts, Int64s, Ledger, RunningSums
from slo.objective import BudgetingMethod, Objective
from slo.rules import holds, view_each, view_one

SILENT_AFTER_NS = 15 * MINUTE_NS
"""An entity without data for longer than this (and at least three slices) is silent."""

AT_RISK_BELOW = Fraction(1, 4)


class State(StrEnum):
    """How an objective stands; the words are those of the database and the dashboards."""

    OK = "ok"
    AT_RISK = "at_risk"
    EXHAUSTED = "exhausted"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything one evaluation says; ratios are exact, call `float` on them at the rim."""

    at_ns: int
    good: int
    total: int
    coverage: Fraction  # minutes (slices) with data, of those since the first data in the window
    sli: Fraction | None  # None: no event in the window
    budget_remaining: Fraction | None  # 1 untouched, 0 spent, negative overspent
    burns: dict[str, Fraction | None]
    state: State
    last_data_ns: int | None

    @property
    def bad(self) -> int:
        """Return the events that were not good."""
        return self.total - self.good


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetHistory:
    """`Status` at many moments as arrays; NaN stands for None, 0 in `last_data_ns` too."""

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


def evaluate(objective: Objective, ledger: Ledger, at_ns: int) -> Status:
    """Return how the objective stands at `at_ns`, over the closed minutes of its window."""
    counts = ledger.counts(at_ns, objective.window_ns)
    remaining = budget_remaining(counts, objective.error_budget)
    last_data_ns = ledger.last_data_ns(at_ns)
    silent = last_data_ns is None or at_ns - last_data_ns > silent_after_ns(objective)
    burning = any(is_burning(objective, ledger, tier, at_ns) for tier in objective.tiers)
    return Status(
        at_ns=at_ns,
        good=counts.good,
        total=counts.total,
        coverage=_coverage(objective, counts, ledger.minutes_expected(at_ns, objective.window_ns)),
        sli=Fraction(counts.good, counts.total) if counts.total > 0 else None,
        budget_remaining=remaining,
        burns={
            text: burn_rate(ledger.counts(at_ns, length_ns), objective.error_budget)
            for text, length_ns in BURN_WINDOWS.items()
        },
        state=_state(remaining, silent=silent, burning=burning),
        last_data_ns=last_data_ns,
    )


def budget_history(objective: Objective, ledger: Ledger, at_ns: Int64s) -> BudgetHistory:
    """Return what `evaluate` says at each of `at_ns`, for all of them in one go."""
    sums = ledger.sums()
    counts = sums.counts(at_ns, objective.window_ns)
    last = sums.last_data_ns(at_ns)
    expected = sums.minutes_expected(at_ns, objective.window_ns)
    return BudgetHistory(
        at_ns=at_ns,
        good=counts.good,
        total=counts.total,
        coverage=np.minimum(1.0, _share(counts.minutes * _slice_minutes(objective), expected, empty=0.0)),
        sli=_share(counts.good, counts.total),
        budget_remaining=1.0 - _burns(counts, objective.error_budget),
        burns={
            text: _burns(sums.counts(at_ns, length_ns), objective.error_budget)
            for text, length_ns in BURN_WINDOWS.items()
        },
        state=_states(objective, sums, at_ns, counts),
        last_data_ns=last,
    )


def budget_remaining(counts: Counts, error_budget: Fraction) -> Fraction | None:
    """Return the share of the budget that is left: 1 - bad / (budget * total), None without events.

    99 % over 10,000 events allows 100 bad ones; 25 bad ones leave 3/4.
    """
    burn = burn_rate(counts, error_budget)
    return None if burn is None else 1 - burn


def time_to_exhaustion_ns(objective: Objective, remaining: Fraction, burn: Fraction) -> int | None:
    """Return how long the rest of the budget lasts at this burn rate: remaining * T / burn; None if for ever."""
    return int(max(Fraction(0), remaining) * objective.window_ns / burn) if burn > 0 else None


def is_burning(objective: Objective, ledger: Ledger, tier: Tier, at_ns: int) -> bool:
    """Return whether the tier's rule holds in both of its windows, with enough bad events to count."""
    return bool(holds(objective, tier, view_one(ledger, at_ns)))


def meets_each(objective: Objective, tier: Tier, sums: RunningSums, ends_ns: Int64s) -> NDArray[np.bool_]:
    """Do as `is_burning`, for many moments at once."""
    return np.asarray(holds(objective, tier, view_each(sums, ends_ns)), dtype=np.bool_)


def silent_after_ns(objective: Objective) -> int:
    """Return how old the last data may be before the entity counts as silent."""
    return max(SILENT_AFTER_NS, 3 * objective.slice_ns)


def _coverage(objective: Objective, counts: Counts, expected: int) -> Fraction:
    if expected == 0:
        return Fraction(0)
    return min(Fraction(1), Fraction(counts.minutes * _slice_minutes(objective), expected))


def _slice_minutes(objective: Objective) -> int:
    """Return how many minutes one entry of the ledger stands for."""
    timeslices = objective.method is BudgetingMethod.TIMESLICES
    return objective.slice_ns // MINUTE_NS if timeslices else 1


def _state(remaining: Fraction | None, *, silent: bool, burning: bool) -> State:
    if silent or remaining is None:
        return State.NO_DATA
    if remaining <= 0:
        return State.EXHAUSTED
    return State.AT_RISK if burning or remaining < AT_RISK_BELOW else State.OK


def _states(objective: Objective, sums: RunningSums, at_ns: Int64s, counts: CountArrays) -> list[State]:
    last = sums.last_data_ns(at_ns)
    silent = (counts.total <= 0) | (last == 0) | (at_ns - last > silent_after_ns(objective))
    within_budget = exceeds_each(counts.good, counts.total, 1 - objective.error_budget)
    low = exceeds_each(counts.bad, counts.total, (1 - AT_RISK_BELOW) * objective.error_budget)
    for tier in objective.tiers:
        low |= meets_each(objective, tier, sums, at_ns)
    codes = np.select([silent, ~within_budget, low], [0, 1, 2], default=3)
    words = (State.NO_DATA, State.EXHAUSTED, State.AT_RISK, State.OK)
    return [words[code] for code in codes]


def _burns(counts: CountArrays, error_budget: Fraction) -> NDArray[np.float64]:
    return _share(counts.bad, counts.total) / float(error_budget)


def _share(part: Int64s, whole: Int64s, *, empty: float = np.nan) -> NDArray[np.float64]:
    filled = np.full(part.size, empty)
    np.divide(part, whole, out=filled, where=whole > 0)
    return filled
