"""Sloth's names for what the rules record, so that dashboards made for Sloth show our objectives.

The series have `sloth_*` labels in place of ours (else our alerts would see them too) and keep those of the entity.
The error ratio of the whole period is counted from its events, not averaged from five-minute ratios as Sloth does it.
"""

from collections.abc import Callable
from typing import Any

from alert_rules.promql import render_number
from model.clock import DAY_NS, MINUTE_NS
from model.windows import render_duration
from slo import Objective

_SLI = "slo:sli_error:ratio_rate"
_NOW = "5m"


def sloth_labels(objective: Objective) -> dict[str, str]:
    """Return the labels by which Sloth knows an objective."""
    return {
        "sloth_id": f"{objective.service}-{objective.name}",
        "sloth_service": objective.service,
        "sloth_slo": objective.name,
    }


def sloth_recordings(objective: Objective, error_ratio: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return the recordings; `error_ratio` gives the expression of the bad share over a window."""
    labels, whole = sloth_labels(objective), render_duration(objective.window_ns)
    lengths = {length for tier in objective.tiers for length in (tier.long_ns, tier.short_ns)}
    windows = [render_duration(n) for n in sorted(lengths | {5 * MINUTE_NS, objective.window_ns})]
    budget = render_number(objective.error_budget)
    about = {
        **labels,
        "sloth_mode": "herald",
        "sloth_spec": "openslo/v1",
        "sloth_objective": str(objective.target * 100),
    }
    return [
        *(_record(_SLI + window, error_ratio(window), {**labels, "sloth_window": window}) for window in windows),
        _record("slo:objective:ratio", f"vector({objective.target})", labels),
        _record("slo:error_budget:ratio", f"vector({budget})", labels),
        _record("slo:time_period:days", f"vector({objective.window_ns / DAY_NS:g})", labels),
        _record("slo:current_burn_rate:ratio", _burn(objective, _NOW, budget), labels),
        _record("slo:period_burn_rate:ratio", _burn(objective, whole, budget), labels),
        _record("slo:period_error_budget_remaining:ratio", f"1 - {_burn(objective, whole, budget)}", labels),
        _record("sloth_slo_info", "vector(1)", about),
    ]


def _burn(objective: Objective, window: str, budget: str) -> str:
    """Return the burn rate over a window, without the label that tells windows apart."""
    mine = f'{{sloth_id="{sloth_labels(objective)["sloth_id"]}", sloth_window="{window}"}}'
    return f"max without (sloth_window) ({_SLI}{window}{mine}) / {budget}"


def _record(name: str, expression: str, labels: dict[str, str]) -> dict[str, Any]:
    return {"record": name, "expr": expression, "labels": labels}
