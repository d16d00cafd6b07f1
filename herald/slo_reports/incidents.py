"""The incidents that a report tells of: what each cost, and what most likely caused the dearest of them."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from herald.evidence import entity_of
from herald.incident_postmortem import describe_row
from herald.postmortem import rank_causes
from herald.slo_reports.rows import spent_share
from herald.standings import Standing
from model.clock import MINUTE_NS
from model.incidents import IncidentFacts
from model.windows import Window
from reports.report_incidents import Lost, ReportIncident
from slo import Objective
from store import IncidentRow, Store

_CAUSES = 10
"""Of how many incidents, the dearest, the cause is looked for: each time all evidence of a day is read."""

_SIGNIFICANT = 0.001
_STEPS = ("acknowledged", "mitigated", "resolved")


def collect_incidents(
    store: Store,
    objectives: Sequence[Objective],
    rows: Iterable[IncidentRow],
    standings: Sequence[Standing],
    window: Window,
    *,
    as_of_ns: int,
) -> list[ReportIncident]:
    """Return those of the incidents that hurt inside the window, as they stood at `as_of_ns`."""
    hurt = [row for each in rows if _hurts(row := _as_of(each, as_of_ns), window, as_of_ns)]
    told = {row.incident_id: _tell(row, standings, window, as_of_ns) for row in hurt}
    dearest = sorted(hurt, key=lambda row: (-_cost(told[row.incident_id]), row.incident_id))[:_CAUSES]
    for row in dearest:
        cause = _likely_cause(store, objectives, row, as_of_ns)
        told[row.incident_id] = replace(told[row.incident_id], cause=cause)
    return list(told.values())


def _hurts(row: IncidentRow, window: Window, as_of_ns: int) -> bool:
    over_ns = as_of_ns if row.resolved_ns is None else row.resolved_ns
    return row.impact_ns <= window.end_ns and over_ns > window.start_ns and row.detected_ns <= as_of_ns


def _as_of(row: IncidentRow, as_of_ns: int) -> IncidentRow:
    """Return an incident without the steps that were taken after a moment."""
    undone: dict[str, Any] = {
        f"{step}_{what}": None
        for step in _STEPS
        if (when_ns := getattr(row, f"{step}_ns")) is not None and when_ns > as_of_ns
        for what in ("ns", "by")
    }
    return replace(row, **undone)


def _tell(row: IncidentRow, standings: Sequence[Standing], window: Window, as_of_ns: int) -> ReportIncident:
    facts = {field.name: getattr(row, field.name) for field in fields(IncidentFacts)}
    return ReportIncident(
        **facts,
        incident_id=row.incident_id,
        is_new=window.start_ns < row.detected_ns <= window.end_ns,
        lost=tuple(_losses(row, standings, window, as_of_ns)),
    )


def _losses(row: IncidentRow, standings: Sequence[Standing], window: Window, as_of_ns: int) -> list[Lost]:
    """Return what the objectives of what was hurt lost inside the window, the dearest first."""
    over_ns = min(row.resolved_ns or as_of_ns, window.end_ns) // MINUTE_NS * MINUTE_NS
    began_ns = min(max(row.impact_ns, window.start_ns) // MINUTE_NS * MINUTE_NS, over_ns)
    harm = Window(start_ns=began_ns, end_ns=over_ns)
    lost = [
        Lost(objective=each.objective.display_name or each.objective.name, entity=each.entity, share=share)
        for each in standings
        if entity_of(dict(each.group)) in row.entities
        and (share := spent_share(each, harm, window) or 0.0) >= _SIGNIFICANT
    ]
    return sorted(lost, key=lambda each: (-each.share, each.objective, each.entity))


def _cost(incident: ReportIncident) -> float:
    return incident.lost[0].share if incident.lost else 0.0


def _likely_cause(store: Store, objectives: Sequence[Objective], row: IncidentRow, as_of_ns: int) -> str:
    """Return what a postmortem would name first, or why it would name nothing."""
    if not row.entities:
        return ""
    ranking = rank_causes(store, objectives, describe_row(row, now_ns=as_of_ns), hurt=row.entities)
    suspect = next((suspect for suspect in ranking.suspects if not suspect.lead), None)
    return ranking.reason if suspect is None else f"{suspect.text} ({suspect.confidence} confidence)"
