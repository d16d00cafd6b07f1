"""Objectives, error budgets and burn rates: arithmetic on counts of good and total events, without I/O.

`slo.openslo` reads objectives from files; `compute_minutes` turns telemetry into counts, a `Ledger` holds them,
`evaluate` says how things stand. Whoever wants telemetry counted hands in a `slo.sources.MinuteSource`.
"""

from slo.burn import BURN_WINDOWS, DEFAULT_TIERS, PAGE, TICKET, Rule, Tier, burn_rate, fit_tiers, is_feasible
from slo.composite import CompositeLedger, composite_sums, join_component, split_component
from slo.counts import Counts, Sums
from slo.exclusions import ExcludedMinutes, Exclusion
from slo.histories import BudgetHistory, budget_history, evaluate_all
from slo.indicators import compute_minutes, find_anomalies
from slo.ledger import Ledger
from slo.ledgers import LOOKBACK_MARGIN_NS, Ledgers
from slo.objective import (
    PARTS,
    BudgetingMethod,
    Comparison,
    Component,
    CompositeIndicator,
    Excluded,
    Objective,
    RatioIndicator,
    Silence,
    SliMinute,
    ThresholdIndicator,
    name_windows,
)
from slo.period import CalendarPeriod, CalendarUnit
from slo.sources import MinuteSource
from slo.status import (
    SILENT_AFTER_NS,
    WORST_FIRST,
    State,
    Status,
    Verdict,
    evaluate,
    is_frozen,
    is_silent,
    time_to_exhaustion_ns,
)
from slo.tier_sets import sets_of_domain, tiers_of

__all__ = [
    "BURN_WINDOWS",
    "DEFAULT_TIERS",
    "LOOKBACK_MARGIN_NS",
    "PAGE",
    "PARTS",
    "SILENT_AFTER_NS",
    "TICKET",
    "WORST_FIRST",
    "BudgetHistory",
    "BudgetingMethod",
    "CalendarPeriod",
    "CalendarUnit",
    "Comparison",
    "Component",
    "CompositeIndicator",
    "CompositeLedger",
    "Counts",
    "Excluded",
    "ExcludedMinutes",
    "Exclusion",
    "Ledger",
    "Ledgers",
    "MinuteSource",
    "Objective",
    "RatioIndicator",
    "Rule",
    "Silence",
    "SliMinute",
    "State",
    "Status",
    "Sums",
    "ThresholdIndicator",
    "Tier",
    "Verdict",
    "budget_history",
    "burn_rate",
    "composite_sums",
    "compute_minutes",
    "evaluate",
    "evaluate_all",
    "find_anomalies",
    "fit_tiers",
    "is_feasible",
    "is_frozen",
    "is_silent",
    "join_component",
    "name_windows",
    "sets_of_domain",
    "split_component",
    "tiers_of",
    "time_to_exhaustion_ns",
]
