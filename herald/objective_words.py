"""How `herald slo list` says what an objective is: in a table for people, in JSON for programs."""

from typing import Any

from model.windows import render_duration
from slo import BudgetingMethod, CompositeIndicator, Objective


def render_window(objective: Objective) -> str:
    """Return the window: `28d` rolls, `1M of Europe/Amsterdam` is a calendar's."""
    calendar = objective.calendar
    if calendar is None:
        return render_duration(objective.window_ns)
    return f"{calendar.count}{calendar.unit} of {calendar.zone}"


def render_method(objective: Objective) -> str:
    """Return what the budget counts: `Occurrences`, `Timeslices of 5m`, with the number of parts of a composite."""
    slices = objective.method is not BudgetingMethod.OCCURRENCES
    method = f"{objective.method} of {render_duration(objective.slice_ns)}" if slices else str(objective.method)
    parts = objective.indicator.components if isinstance(objective.indicator, CompositeIndicator) else ()
    return f"{method}, {len(parts)} parts" if parts else method


def describe_objective(objective: Objective) -> dict[str, Any]:
    """Return an objective as `herald slo list --json` prints it."""
    return {
        "name": objective.name,
        "display_name": objective.display_name,
        "service": objective.service,
        "domain": objective.domain,
        "catalogue_id": objective.catalogue_id,
        "target": float(objective.target),
        "window": render_duration(objective.window_ns),
        "calendar": _describe_calendar(objective),
        "method": str(objective.method),
        "slice": None
        if objective.method is BudgetingMethod.OCCURRENCES
        else {"length": render_duration(objective.slice_ns), "target": float(objective.slice_target)},
        "parts": _describe_parts(objective),
        "group_by": list(objective.group_by),
        "silence": str(objective.silence),
        "exclude": list(objective.exclude),
        "excluded": str(objective.excluded),
        "owner": objective.owner,
    }


def _describe_calendar(objective: Objective) -> dict[str, str] | None:
    calendar = objective.calendar
    if calendar is None:
        return None
    return {"period": f"{calendar.count}{calendar.unit}", "start": calendar.start, "zone": calendar.zone}


def _describe_parts(objective: Objective) -> list[dict[str, Any]]:
    if not isinstance(objective.indicator, CompositeIndicator):
        return []
    return [
        {"name": part.name, "target": float(part.target), "weight": float(part.weight)}
        for part in objective.indicator.components
    ]
