"""Objectives, error budgets and burn rates: arithmetic on counts of good and total events, without I/O.

`slo.openslo` reads objectives from files; `compute_minutes` turns telemetry into counts, a `Ledger` holds them,
`evaluate` says how things stand. Whoever wants telemetry counted hands in a `slo.sources.MinuteSource`.
"""

from slo.burn import BURN_WINDOWS, DEFAULT_TIERS, PAGE, TICKET, Rule, Tier, burn_rate, fit_tiers, is_feasible
from slo.indicators import compute_minutes, find_anomalies
from slo.ledger import LOOKBACK_MARGIN_NS, Counts, Ledger
from slo.objective import (
    BudgetingMethod,
    Comparison,
    Objective,
    RatioIndicator,
    Silence,
    SliMinute,
    ThresholdIndicator,
)
from slo.sources import MinuteSource
from slo.status import (
    SILENT_AFTER_NS,
    BudgetHistory,
    State,
    Status,
    budget_history,
    evaluate,
    time_to_exhaustion_ns,
)
from slo.tier_sets import sets_of_domain, tiers_of

__all__ = [
    "BURN_WINDOWS",
    "DEFAULT_TIERS",
    "LOOKBACK_MARGIN_NS",
    "PAGE",
    "SILENT_AFTER_NS",
    "TICKET",
    "BudgetHistory",
    "BudgetingMethod",
    "Comparison",
    "Counts",
    "Ledger",
    "MinuteSource",
    "Objective",
    "RatioIndicator",
    "Rule",
    "Silence",
    "SliMinute",
    "State",
    "Status",
    "ThresholdIndicator",
    "Tier",
    "budget_history",
    "burn_rate",
    "compute_minutes",
    "evaluate",
    "find_anomalies",
    "fit_tiers",
    "is_feasible",
    "sets_of_domain",
    "tiers_of",
    "time_to_exhaustion_ns",
]
