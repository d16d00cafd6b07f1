"""Whether there is budget to take a risk with: what a deploy pipeline and a change management ask before they go on.

A gate is open for budget that is known to be left while nothing burns. Silence, thin data and alerts that are frozen
by it are no success, so they close it. It answers from a ledger alone: whoever keeps one can ask.
"""

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from model.clock import HOUR_NS, MINUTE_NS
from slo.ledger import Ledger
from slo.objective import BudgetingMethod, Objective
from slo.status import State, evaluate, is_burning

_COVERED_NS = HOUR_NS
_COVERED_SLICES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRule:
    """What a gate asks for: the share of the budget that must be left, and of the last hour that must have data."""

    min_budget: Fraction = Fraction(1, 10)
    min_coverage: Fraction = Fraction(1, 2)


def reasons_to_close(
    objective: Objective, ledger: Ledger, at_ns: int, rule: GateRule, *, firing: Collection[str] = ()
) -> list[str]:
    """Return why the gate is closed for one entity at `at_ns`, the end of a minute; empty if it is open.

    `firing` names the tiers whose alerts fire: one that fires without burning is frozen, or not told yet.
    """
    status = evaluate(objective, ledger, at_ns)
    if status.state is State.NO_DATA or status.budget_remaining is None:
        return ["has no data, which is not success"]
    reasons = []
    if status.budget_remaining < rule.min_budget:
        left, wanted = float(status.budget_remaining), float(rule.min_budget)
        reasons.append(f"has {left:.1%} of its budget left, {wanted:.1%} is required")
    burning = [tier.name for tier in objective.tiers if is_burning(objective, ledger, tier, at_ns)]
    reasons += [f"is burning: tier {name} fires" for name in burning]
    reasons += [f"has an alert that still fires: tier {name}" for name in sorted(set(firing) - set(burning))]
    covered = recent_coverage(objective, ledger, at_ns)
    if covered < rule.min_coverage:
        reasons.append(
            f"has data for {float(covered):.0%} of the last hour, {float(rule.min_coverage):.0%} is required"
        )
    return reasons


def recent_coverage(objective: Objective, ledger: Ledger, at_ns: int) -> Fraction:
    """Return the share of the last hour (of three slices, if longer) that has data.

    For an entity that is younger, of its life.
    """
    slice_ns = MINUTE_NS if objective.method is BudgetingMethod.OCCURRENCES else objective.slice_ns
    length_ns = max(_COVERED_NS, _COVERED_SLICES * slice_ns)
    lived = ledger.minutes_expected(at_ns, length_ns)
    if lived == 0:
        return Fraction(0)
    covered = ledger.counts(at_ns, length_ns).minutes * (slice_ns // MINUTE_NS)
    return min(Fraction(1), Fraction(covered, lived))
