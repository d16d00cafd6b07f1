"""Burn rates: how many times faster than planned a budget is spent, and when that is worth waking somebody.

burn = bad share / error budget; burn 1 spends exactly the budget in the window. A tier fires when the burn is
**greater** than its factor in a long and in a short window. The share of the budget that a tier may cost is kept
and the factor derived from it, so that the same table serves any window: factor = share * T / L
(https://sre.google/workbook/alerting-on-slos/). Everything is compared in integers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from model.windows import parse_duration
from slo.counts import Counts, Int64s

PAGE = "page"
TICKET = "ticket"

BURN_WINDOWS = {text: parse_duration(text) for text in ("5m", "30m", "1h", "2h", "6h", "1d", "3d")}
"""The windows that a status reports burn rates for: those of the default tiers."""

REACHABLE_SHARE = Fraction(4, 5)
"""The bad share at which a tier fires whose own factor no outage could reach."""

_INT64_LIMIT = 2**63


class Rule(StrEnum):
    """By what a tier judges its two windows; `slo.rules` computes them.

    `RATE`: the burn rate is over the tier's factor. `COUNT`: more bad events than the factor would make of the usual
    traffic, for rare operations. `REMAINING`: `budget_share` of what was left of the budget is gone.
    `BASELINE`: the burn rate is over the factor times the entity's own past, or times the plan where that is more.
    """

    RATE = "rate"
    COUNT = "count"
    REMAINING = "remaining"
    BASELINE = "baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One speed of burning: what it may cost, in which windows it is seen, and whom it reaches.

    `action` is what others shall do while it fires, beside telling people: `pause` holds back risky experiments.
    """

    name: str
    severity: str  # PAGE or TICKET
    long_ns: int
    short_ns: int
    budget_share: Fraction  # with Rule.REMAINING of what is left, else of the whole budget
    rule: Rule = Rule.RATE
    action: str = ""

    def factor(self, window_ns: int) -> Fraction:
        """Return the burn rate that spends `budget_share` of a budget for `window_ns` in the long window.

        2 % in 1 h of 28 d: 0.02 * 672 = 13.44.
        """
        return self.budget_share * Fraction(window_ns, self.long_ns)


DEFAULT_TIERS = (
    Tier(name="1h-5m", severity=PAGE, long_ns=HOUR_NS, short_ns=5 * MINUTE_NS, budget_share=Fraction(2, 100)),
    Tier(
        name="6h-30m",
        severity=PAGE,
        long_ns=6 * HOUR_NS,
        short_ns=30 * MINUTE_NS,
        budget_share=Fraction(5, 100),
    ),
    Tier(name="1d-2h", severity=TICKET, long_ns=DAY_NS, short_ns=2 * HOUR_NS, budget_share=Fraction(10, 100)),
    Tier(
        name="3d-6h",
        severity=TICKET,
        long_ns=3 * DAY_NS,
        short_ns=6 * HOUR_NS,
        budget_share=Fraction(10, 100),
    ),
)
"""28 d: factors 13.44, 5.6, 2.8, 0.9333; 30 d: 14.4, 6, 3, 1."""


def is_feasible(tier: Tier, window_ns: int, error_budget: Fraction) -> bool:
    """Return whether a total outage would fire the tier: factor * budget < 1.

    At a target of 0.9 over 28 d the first tier asks for a bad share above 1.344, which nothing reaches. Half of what
    remains is within reach sooner or later.
    """
    return tier.rule is Rule.REMAINING or tier.factor(window_ns) * error_budget < 1


def fit_tiers(tiers: Iterable[Tier], window_ns: int, error_budget: Fraction) -> tuple[Tier, ...]:
    """Return the tiers that make sense for the window: infeasible ones re-derived, too long ones left out.

    An infeasible tier fires at `REACHABLE_SHARE` bad instead: at a target of 0.9, factor 8 instead of 13.44.
    """
    return tuple(
        tier if is_feasible(tier, window_ns, error_budget) else _within_reach(tier, window_ns, error_budget)
        for tier in tiers
        if tier.long_ns <= window_ns
    )


def _within_reach(tier: Tier, window_ns: int, error_budget: Fraction) -> Tier:
    factor = REACHABLE_SHARE / error_budget
    return replace(tier, budget_share=factor * Fraction(tier.long_ns, window_ns))


def burn_rate(counts: Counts, error_budget: Fraction) -> Fraction | None:
    """Return the exact burn rate, or None where there is no event to judge by."""
    return Fraction(counts.bad, counts.total) / error_budget if counts.total > 0 else None


def exceeds_each(part: Int64s, total: Int64s, share: Fraction) -> NDArray[np.bool_]:
    """Return where `part` is more than `share` of `total`; equality is not more, and neither is no event.

    Beyond 63 bits it computes with Python's integers.
    """
    numerator, denominator = share.numerator, share.denominator
    largest = max(int(np.abs(part).max(initial=0)), int(np.abs(total).max(initial=0)), 1)
    if largest * max(numerator, denominator) < _INT64_LIMIT:
        return part * denominator > total * numerator
    wide = part.astype(object) * denominator > total.astype(object) * numerator
    return np.asarray(wide, dtype=np.bool_)
