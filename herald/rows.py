"""From what the arithmetic concludes to what the store keeps: the rims where exact ratios become floats."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from alert_rules import Transition
from herald.book import Entity
from model.queries import Group
from model.windows import render_duration
from slo import BudgetHistory, Objective
from store import AlertRow, BudgetRow, GenerationRow, ObjectiveRow


def objective_row(objective: Objective) -> ObjectiveRow:
    """Return the row that dashboards and reports join their numbers with."""
    return ObjectiveRow(
        name=objective.name,
        display_name=objective.display_name or objective.name,
        description=objective.description,
        service=objective.service,
        domain=objective.domain,
        target=float(objective.target),
        window_ns=objective.window_ns,
        budgeting_method=objective.method.value,
        catalogue_id=objective.catalogue_id,
        owner=objective.owner,
        runbook=objective.runbook,
        definition={
            "tiers": [
                {
                    "name": tier.name,
                    "severity": tier.severity,
                    "long": render_duration(tier.long_ns),
                    "short": render_duration(tier.short_ns),
                    "factor": float(tier.factor(objective.window_ns)),
                }
                for tier in objective.tiers
            ],
            "group_by": list(objective.group_by),
            "dashboards": list(objective.dashboards),
            "exclude": list(objective.exclude),
        },
    )


def kinds_left_out(row: ObjectiveRow) -> list[str]:
    """Return the kinds of exclusion that an objective in force allows; an older row names none."""
    kinds = row.definition.get("exclude", [])
    return [str(kind) for kind in kinds] if isinstance(kinds, list) else []


def generation_row(objective: Objective, counting: str, *, now_ns: int) -> GenerationRow:
    """Return what the objective says now, for the history of what it has said; `counting` is how it counts."""
    row = objective_row(objective)
    return GenerationRow(
        objective=objective.name,
        since_ns=now_ns,
        counting=counting,
        definition={
            "target": str(objective.target),
            "window": render_duration(objective.window_ns),
            "calendar": f"{objective.calendar.count}{objective.calendar.unit}" if objective.calendar else "",
            "method": objective.method.value,
            "silence": objective.silence.value,
            "exclude": list(objective.exclude),
            "min_bad_events": objective.min_bad_events,
            "tiers": row.definition["tiers"],
        },
    )


def history_rows(entities: Sequence[Entity], history: BudgetHistory) -> Iterator[BudgetRow]:
    """Yield the snapshots of a history, whose element i is of the ith entity."""
    for i, (entity, at_ns) in enumerate(zip(entities, history.at_ns.tolist(), strict=True)):
        yield BudgetRow(
            objective=entity.objective,
            group=entity.group,
            time_ns=at_ns,
            good=int(history.good[i]),
            total=int(history.total[i]),
            coverage=float(history.coverage[i]),
            sli=_known(history.sli, i),
            remaining=_known(history.budget_remaining, i),
            burn={window: _known(burns, i) for window, burns in history.burns.items()},
            state=history.state[i].value,
        )


def alert_row(objective: Objective, group: Group, transition: Transition, annotations: Mapping[str, str]) -> AlertRow:
    """Return the row of an alert that fired with `transition`."""
    tier = transition.tier
    return AlertRow(
        objective=objective.name,
        group=group,
        tier=tier.name,
        severity=tier.severity,
        fired_ns=transition.at_ns,
        threshold=float(tier.factor(objective.window_ns)),
        long_window=render_duration(tier.long_ns),
        short_window=render_duration(tier.short_ns),
        burn_long=_float(transition.burn_long),
        burn_short=_float(transition.burn_short),
        annotations=annotations,
    )


def _float(number: Fraction | None) -> float | None:
    return None if number is None else float(number)


def _known(values: NDArray[np.float64], index: int) -> float | None:
    value = float(values[index])
    return None if np.isnan(value) else value
