"""When an alert should have come and gone: the formula of a constant bad share, beside which a replay is held.

An episode is the stretch of bad minutes around an alert, found as a postmortem finds it: a minute is bad when its bad
share is over the error budget, and an episode ends where more than five minutes (and a slice) in a row were good or
silent. With e its bad share, from a clean past and at even traffic (https://sre.google/workbook/alerting-on-slos/):

    fires after      L * f * (1 - target) / e   of bad minutes; never if e / (1 - target) is not over the factor f
    stops            s * (1 - f * (1 - target) / e)   after the last of them

with L the long and s the short window. Minutes are judged when they are over, so the alert is expected at the first
whole minute after the one moment, and not before the other. What a replay shows later than this, the past or uneven
traffic has delayed; what it shows earlier, the budget was burning already.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from model.clock import MINUTE_NS
from slo import BudgetingMethod, Objective, Tier
from slo.counts import Int64s

_GAP_NS = 5 * MINUTE_NS


@dataclass(frozen=True, slots=True)
class Episode:
    """Bad minutes in a row: from the start of the first to the end of the last, and the events between."""

    start_ns: int
    end_ns: int
    bad: int
    total: int

    @property
    def bad_share(self) -> Fraction:
        """Return the bad share, constant in the formula's eyes."""
        return Fraction(self.bad, self.total)


@dataclass(frozen=True, slots=True)
class Prediction:
    """When the formula has the alert fire and resolve; None for never."""

    fired_ns: int | None
    resolved_ns: int | None


def find_episode(
    objective: Objective, minute_ns: Int64s, good: Int64s, total: Int64s, fired_ns: int
) -> Episode | None:
    """Return the episode that led to the alert at `fired_ns`; None if no minute before it was bad.

    The minutes ascend; a slice is told at its last minute.
    """
    budget = float(objective.error_budget)
    bad = (total > 0) & (total - good > budget * total)
    starts = minute_ns[bad]
    before = int(np.searchsorted(starts, fired_ns)) - 1
    if before < 0:
        return None
    breaks = np.flatnonzero(np.diff(starts) > _GAP_NS + objective.slice_ns)
    first = breaks[breaks < before][-1] + 1 if (breaks < before).any() else 0
    last = breaks[breaks >= before][0] if (breaks >= before).any() else starts.size - 1
    slice_lead_ns = objective.slice_ns - MINUTE_NS
    start_ns, end_ns = int(starts[first]) - slice_lead_ns, int(starts[last]) + MINUTE_NS
    inside = (minute_ns >= int(starts[first])) & (minute_ns < end_ns)
    events = int(total[inside].sum())
    return Episode(start_ns, end_ns, events - int(good[inside].sum()), events)


def outage_needed_ns(objective: Objective, tier: Tier) -> Fraction:
    """Return how long everything must be bad to spend the share of the budget at which the tier fires.

    Half of 1 % of 28 d: 3 h 21 min 36 s. From a clean past and at even traffic that is the same for every rule.
    """
    return tier.budget_share * objective.error_budget * objective.window_ns


def fires_after_ns(objective: Objective, tier: Tier, bad_share: Fraction) -> int | None:
    """Return how long after its begin an outage fires the tier, in whole minutes or slices; None for never.

    `bad_share` is that of its events, or 1 where all slices are bad.
    """
    step_ns = objective.step_ns
    after_ns = (int(outage_needed_ns(objective, tier) / bad_share) // step_ns + 1) * step_ns
    if objective.method is not BudgetingMethod.OCCURRENCES:
        after_ns = max(after_ns, objective.min_bad_events * step_ns)
    return after_ns if after_ns <= tier.long_ns else None


def predict(objective: Objective, tier: Tier, episode: Episode) -> Prediction:
    """Return when the formula has the tier fire for this episode and resolve after it."""
    part = objective.bad_share_limit(tier) / episode.bad_share
    if part >= 1:
        return Prediction(None, None)
    fired_ns = episode.start_ns + (int(part * tier.long_ns) // MINUTE_NS + 1) * MINUTE_NS
    if fired_ns > episode.end_ns:
        return Prediction(None, None)
    wait = (1 - part) * Fraction(tier.short_ns, MINUTE_NS)
    return Prediction(fired_ns, episode.end_ns + -(-wait.numerator // wait.denominator) * MINUTE_NS)
