"""Collect a postmortem from what is stored: an alert, or a stretch of time on an entity."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from herald.evidence import StoredEvidence, entity_of
from herald.impact import impact_of
from herald.incident_postmortem import incident_moments
from herald.standings import render_group
from model.clock import HOUR_NS, MINUTE_NS
from model.errors import InvalidInputError
from model.names import EVENT_ALARM, EVENT_CALIBRATION, EVENT_FIRMWARE_CHANGE
from model.registry import load_registry
from model.windows import Window
from reports.cause import Suspect, investigate
from reports.evidence import EvidenceSeries
from reports.postmortem import Impact, Incident, Moment, Postmortem, TelemetryGap, build_postmortem
from slo import Objective
from store import IncidentRow, SliColumns, Store

_AROUND_NS = HOUR_NS
_TOLD_EVENTS = (EVENT_CALIBRATION, EVENT_FIRMWARE_CHANGE, EVENT_ALARM)
_GAP_MINUTES = 3
_CHARTS = 3


def find_incident(store: Store, objectives: Sequence[Objective], alert_id: int, *, now_ns: int) -> Incident:
    """Return the incident behind an alert.

    Raises InvalidInputError for an alert that is not stored or whose objective is not in force.
    """
    alert = store.read_alert(alert_id)
    if alert is None:
        raise InvalidInputError(f"there is no alert {alert_id}", remedy="see the list under /alerts")
    objective = next((o for o in objectives if o.name == alert.objective), None)
    if objective is None:
        raise InvalidInputError(f"the objective {alert.objective!r} of alert {alert_id} is not in force")
    impact_ns = impact_of(store, objective, alert)
    end_ns = alert.resolved_ns or now_ns
    entity = entity_of(alert.labels)
    return Incident(
        title=f"{objective.display_name or objective.name}: {entity}",
        entity=entity,
        window=Window(start_ns=impact_ns - _AROUND_NS, end_ns=min(end_ns + _AROUND_NS, max(now_ns, end_ns))),
        impact_ns=impact_ns,
        detected_ns=alert.fired_ns,
        resolved_ns=alert.resolved_ns,
    )


def describe_stretch(entity: str, window: Window) -> Incident:
    """Return an incident for a stretch of time that somebody names by hand; its impact begins with it."""
    around = Window(start_ns=window.start_ns - _AROUND_NS, end_ns=window.end_ns)
    return Incident(
        title=f"What happened to {entity}",
        entity=entity,
        window=around,
        impact_ns=window.start_ns,
        detected_ns=None,
        resolved_ns=window.end_ns,
    )


def collect_postmortem(
    store: Store, objectives: Sequence[Objective], incident: Incident, *, version: str, row: IncidentRow | None = None
) -> Postmortem:
    """Return what the record says about the incident; `row` is what is kept of it where somebody opened it."""
    hurt = {incident.entity, *(row.entities if row else ())}
    evidence = StoredEvidence(store, load_registry())
    ranking = investigate(
        evidence,
        load_registry(),
        entity=incident.entity,
        impact_ns=incident.impact_ns,
        end_ns=incident.resolved_ns or incident.window.end_ns,
    )
    touched = set(evidence.read_topology().distances_upstream(incident.entity))
    slis = [
        (objective, sli)
        for objective in objectives
        for sli in store.read_sli(objective.name, incident.window)
        if entity_of(dict(sli.group)) in hurt - {""}
    ]
    return build_postmortem(
        incident,
        impacts=[_lost(objective, sli, incident) for objective, sli in slis],
        moments=[
            *_alert_moments(store, incident, hurt, row.alert_ids if row else ()),
            *_event_moments(store, incident.window, touched),
            *(incident_moments(row) if row else ()),
        ],
        ranking=ranking,
        gaps=[gap for objective, sli in slis for gap in _gaps(objective, sli)],
        charts=_charts(evidence, [s for s in ranking.suspects if s.kind != "change"][:_CHARTS], incident.window),
        version=version,
    )


def _lost(objective: Objective, sli: SliColumns, incident: Incident) -> Impact:
    end_ns = incident.resolved_ns or incident.window.end_ns
    hurt = (sli.minute_ns >= incident.impact_ns) & (sli.minute_ns < end_ns)
    bad, total = int((sli.total - sli.good)[hurt].sum()), int(sli.total[hurt].sum())
    minutes = int(np.count_nonzero(hurt))
    # The budget of a whole window at the rate of events seen here.
    allowed = float(objective.error_budget) * total / minutes * (objective.window_ns / MINUTE_NS) if total else 0.0
    return Impact(
        objective=objective.name,
        entity=render_group(sli.group),
        bad=bad,
        total=total,
        budget_share=bad / allowed if allowed else None,
    )


def _alert_moments(
    store: Store, incident: Incident, hurt: Collection[str], alert_ids: Collection[int]
) -> Iterator[Moment]:
    for alert in store.read_alerts(incident.window):
        if entity_of(alert.labels) not in hurt and alert.alert_id not in alert_ids:
            continue
        name = f"{alert.severity} {alert.objective} ({alert.tier})"
        link = alert.annotations.get("dashboard_url", "")
        yield Moment(at_ns=alert.fired_ns, kind="alert", source="alert", text=f"{name} fires", link=link)
        if alert.resolved_ns is not None:
            yield Moment(at_ns=alert.resolved_ns, kind="resolved", source="alert", text=f"{name} resolves", link=link)


def _event_moments(store: Store, window: Window, touched: set[str]) -> Iterator[Moment]:
    for event in store.read_events(window, _TOLD_EVENTS):
        entity = event.link or event.device or event.site
        if entity in touched:
            kind = "alarm" if event.name == EVENT_ALARM else "change"
            yield Moment(
                at_ns=event.time_ns, kind=kind, source=event.name, text=event.body or f"{event.name} {entity}"
            )


def _gaps(objective: Objective, sli: SliColumns) -> Iterator[TelemetryGap]:
    missing = np.diff(sli.minute_ns) - MINUTE_NS
    for index in np.flatnonzero(missing >= _GAP_MINUTES * MINUTE_NS):
        yield TelemetryGap(
            objective=objective.name,
            entity=render_group(sli.group),
            start_ns=int(sli.minute_ns[index]) + MINUTE_NS,
            end_ns=int(sli.minute_ns[index + 1]),
        )


def _charts(evidence: StoredEvidence, suspects: Sequence[Suspect], window: Window) -> Iterator[EvidenceSeries]:
    for suspect in suspects:
        for series in evidence.read_evidence(suspect.metric, window):
            if (series.entity, series.part) == (suspect.entity, suspect.part):
                yield series
