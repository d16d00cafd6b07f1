"""How an objective stands for one entity at one moment.

The states: `no_data` when nothing was counted in the window or the last data are older than `SILENT_AFTER_NS`;
otherwise `exhausted` when no budget is left, `at_risk` when a tier burns or less than a quarter of the budget is
left, else `ok`. No data is never success: it is grey, not green, and stands before what is good.

The budget of a calendar period is that of the whole period: what is still to come counts as good, at the rate of
events so far. A rolling window is over at any moment, so there the two are the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from model.clock import MINUTE_NS
from slo.burn import BURN_WINDOWS, Tier, burn_rate, exceeds_each
from slo.counts import Counts, Int64s, Sums
from slo.ledger import Ledger
from slo.objective import Objective
from slo.rules import holds, view_each, view_one

SILENT_AFTER_NS = 15 * MINUTE_NS
"""An entity without data for longer than this (and at least three slices) is silent."""

AT_RISK_BELOW = Fraction(1, 4)

COVERAGE_FLOOR = Fraction(1, 2)
"""Of the minutes with data that an entity usually has, the share below which a window proves nothing."""


class State(StrEnum):
    """How an objective stands; the words are those of the database and the dashboards."""

    OK = "ok"
    AT_RISK = "at_risk"
    EXHAUSTED = "exhausted"
    NO_DATA = "no_data"


WORST_FIRST: Mapping[str, int] = {
    state: place for place, state in enumerate((State.EXHAUSTED, State.AT_RISK, State.NO_DATA, State.OK))
}
"""The place of each state in a list that begins with the worst: not to know is not good."""


class Verdict(StrEnum):
    """Whether a promise is kept: three values, because not to know is neither of the other two."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


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

    @property
    def verdict(self) -> Verdict:
        """Return whether the promise is kept, broken, or not known to be either."""
        return verdict_of(self.state)


def verdict_of(state: State) -> Verdict:
    """Return which of the three values a state is."""
    if state is State.NO_DATA:
        return Verdict.UNKNOWN
    return Verdict.BAD if state is State.EXHAUSTED else Verdict.GOOD


def evaluate(objective: Objective, ledger: Ledger, at_ns: int) -> Status:
    """Return how the objective stands at `at_ns`, over the closed minutes of its window or running period."""
    period = objective.budget_period(at_ns)
    elapsed_ns = at_ns - period.start_ns
    counts = ledger.counts(at_ns, elapsed_ns)
    remaining = budget_remaining(counts, objective.error_budget, elapsed=Fraction(elapsed_ns, period.length_ns))
    last_data_ns = ledger.last_data_ns(at_ns)
    burning = any(is_burning(objective, ledger, tier, at_ns) for tier in objective.tiers)
    return Status(
        at_ns=at_ns,
        good=counts.good,
        total=counts.total,
        coverage=coverage_of(objective, counts.minutes, ledger.minutes_expected(at_ns, elapsed_ns)),
        sli=Fraction(counts.good, counts.total) if counts.total > 0 else None,
        budget_remaining=remaining,
        burns={
            text: burn_rate(ledger.counts(at_ns, length_ns), objective.error_budget)
            for text, length_ns in BURN_WINDOWS.items()
        },
        state=state_of(remaining, silent=_has_gone(objective, last_data_ns, at_ns), burning=burning),
        last_data_ns=last_data_ns,
    )


def budget_remaining(counts: Counts, error_budget: Fraction, *, elapsed: Fraction = Fraction(1)) -> Fraction | None:
    """Return the share of the budget that is left: 1 - bad / (budget * total), None without events.

    99 % over 10,000 events allows 100 bad ones; 25 bad ones leave 3/4. Of a period of which only a part has
    `elapsed`, the rest counts as good: with half of it still to come, 25 bad ones leave 7/8.
    """
    burn = burn_rate(counts, error_budget)
    return None if burn is None else 1 - burn * elapsed


def time_to_exhaustion_ns(objective: Objective, remaining: Fraction, burn: Fraction) -> int | None:
    """Return how long the rest of the budget lasts at this burn rate: remaining * T / burn; None if for ever."""
    return int(max(Fraction(0), remaining) * objective.window_ns / burn) if burn > 0 else None


def is_burning(objective: Objective, ledger: Ledger, tier: Tier, at_ns: int) -> bool:
    """Return whether the tier's rule holds in both of its windows, with enough bad events to count."""
    return bool(holds(objective, tier, view_one(ledger, at_ns)))


def meets_each(objective: Objective, tier: Tier, sums: Sums, ends_ns: Int64s) -> NDArray[np.bool_]:
    """Do as `is_burning`, for many moments at once."""
    return np.asarray(holds(objective, tier, view_each(sums, ends_ns)), dtype=np.bool_)


def is_frozen(objective: Objective, ledger: Ledger, tier: Tier, at_ns: int) -> bool:
    """Return whether too little is known in a window of the tier for its alert to fire or to resolve.

    Little is measured by what the entity itself has told over the budget's period: one that is measured every ten
    minutes is not thin at a tenth of the minutes. A window that is empty is always too thin.
    """
    elapsed_ns = at_ns - objective.budget_period(at_ns).start_ns
    usual = ledger.counts(at_ns, elapsed_ns).minutes, ledger.minutes_expected(at_ns, elapsed_ns)
    return any(
        is_thin(ledger.counts(at_ns, length_ns).minutes, ledger.minutes_expected(at_ns, length_ns), *usual)
        for length_ns in (tier.long_ns, tier.short_ns)
    )


def is_thin(minutes: int, expected: int, usual_minutes: int, usual_expected: int) -> bool:
    """Return whether `minutes` with data of `expected` are none, or under `COVERAGE_FLOOR` of the usual share."""
    floor = COVERAGE_FLOOR
    return not minutes or minutes * usual_expected * floor.denominator < usual_minutes * expected * floor.numerator


def frozen_each(objective: Objective, tier: Tier, sums: Sums, ends_ns: Int64s) -> NDArray[np.bool_]:
    """Do as `is_frozen`, for many moments of one entity, or many entities at one moment, at once."""
    elapsed_ns = elapsed_each(objective, ends_ns)
    usual = sums.counts(ends_ns, elapsed_ns).minutes
    usual_expected = sums.minutes_expected(ends_ns, elapsed_ns)
    frozen = np.zeros(ends_ns.size, dtype=np.bool_)
    for length_ns in (tier.long_ns, tier.short_ns):
        minutes, expected = sums.counts(ends_ns, length_ns).minutes, sums.minutes_expected(ends_ns, length_ns)
        frozen |= (minutes == 0) | exceeds_each(usual * expected, minutes * usual_expected, 1 / COVERAGE_FLOOR)
    return frozen


def elapsed_each(objective: Objective, ends_ns: Int64s) -> Int64s:
    """Return how much of the budget's period has elapsed at each moment."""
    if objective.calendar is None:
        return np.full(ends_ns.size, objective.window_ns, dtype=np.int64)
    starts = [objective.budget_period(at_ns).start_ns for at_ns in ends_ns.tolist()]
    return ends_ns - np.array(starts, dtype=np.int64)


def silent_after_ns(objective: Objective) -> int:
    """Return how old the last data may be before the entity counts as silent."""
    return max(SILENT_AFTER_NS, 3 * objective.slice_ns)


def is_silent(objective: Objective, ledger: Ledger, at_ns: int) -> bool:
    """Return whether an entity that is expected to report has not done so for too long, or never has."""
    heard_ns = ledger.last_data_ns(at_ns)
    since_ns = heard_ns if heard_ns is not None else ledger.expected_since_ns
    return since_ns is not None and at_ns - since_ns > silent_after_ns(objective)


def coverage_of(objective: Objective, minutes: int, expected: int) -> Fraction:
    """Return the share of the expected minutes (slices) that have data; 0 where none are expected."""
    if expected == 0:
        return Fraction(0)
    return min(Fraction(1), Fraction(minutes * (objective.step_ns // MINUTE_NS), expected))


def _has_gone(objective: Objective, last_data_ns: int | None, at_ns: int) -> bool:
    return last_data_ns is None or at_ns - last_data_ns > silent_after_ns(objective)


def state_of(remaining: Fraction | None, *, silent: bool = False, burning: bool = False) -> State:
    """Return the state of what is left of a budget; what is silent or burns at its end is said besides."""
    if silent or remaining is None:
        return State.NO_DATA
    if remaining <= 0:
        return State.EXHAUSTED
    return State.AT_RISK if burning or remaining < AT_RISK_BELOW else State.OK
