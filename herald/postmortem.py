"""Collect a postmortem from what is stored, of an alert, an incident, or a stretch of time on an entity."""

from collections.abc import Collection, Iterator, Sequence

from alert_rules import load_rules
from herald.condition_watch import CONDITION_TIER
from herald.evidence import StoredEvidence, entity_of
from herald.impact import impact_of
from herald.incident_postmortem import alert_moments, incident_moments
from herald.losses import Loss, chart_worst, find_end_of_harm, read_losses
from herald.postmortem_record import PostmortemRecord
from model.clock import HOUR_NS
from model.errors import InvalidInputError
from model.registry import load_registry
from model.windows import Window
from reports.cause import Ranking, Suspect, investigate
from reports.evidence import EvidenceSeries
from reports.postmortem import Incident, Postmortem, build_postmortem
from reports.postmortem_facts import AlertFact
from slo import Objective
from store import AlertRow, IncidentRow, Store

_AROUND_NS = HOUR_NS
_CHARTS = 3


def find_incident(store: Store, objectives: Sequence[Objective], alert_id: int, *, now_ns: int) -> Incident:
    """Return the incident behind an alert; one of a rule without a budget began to hurt when its signals did so.

    Raises InvalidInputError for an alert that is not stored or whose objective or rule is not in force.
    """
    alert = store.read_alert(alert_id)
    if alert is None:
        raise InvalidInputError(f"there is no alert {alert_id}", remedy="see the list under /alerts")
    title, domain, impact_ns = _about(store, objectives, alert)
    end_ns = alert.resolved_ns or now_ns
    entity = entity_of(alert.labels)
    return Incident(
        title=f"{title}: {entity}",
        entity=entity,
        window=Window(start_ns=impact_ns - _AROUND_NS, end_ns=min(end_ns + _AROUND_NS, max(now_ns, end_ns))),
        impact_ns=impact_ns,
        detected_ns=alert.fired_ns,
        resolved_ns=alert.resolved_ns,
        domain=domain,
    )


def _about(store: Store, objectives: Sequence[Objective], alert: AlertRow) -> tuple[str, str, int]:
    """Return the title and the domain of what an alert watches, and since when it hurt."""
    if alert.tier == CONDITION_TIER:
        rule = next((rule for rule in load_rules() if rule.name == alert.objective), None)
        if rule is not None:
            return rule.title, rule.domain, impact_of(store, rule, alert)
    objective = next((o for o in objectives if o.name == alert.objective), None)
    if objective is None:
        raise InvalidInputError(f"the objective {alert.objective!r} of alert {alert.alert_id} is not in force")
    return objective.display_name or objective.name, objective.domain, impact_of(store, objective, alert)


def collect_postmortem(
    record: PostmortemRecord,
    objectives: Sequence[Objective],
    incident: Incident,
    *,
    version: str,
    row: IncidentRow | None = None,
    web_url: str = "",
) -> Postmortem:
    """Return what the record says about the incident; `row` is what is kept of it where somebody opened it.

    `web_url` is put before links into the web application, so that they lead there from elsewhere too.
    """
    store = record.store
    hurt = {incident.entity, *(row.entities if row else ())} - {""}
    about = "\n".join(sorted(hurt))
    evidence = StoredEvidence(store, load_registry())
    losses = list(read_losses(store, objectives, incident, hurt))
    ranking = _investigate(evidence, losses, incident)
    alerts = _alerts(store, incident, hurt, row.alert_ids if row else ())
    asked = Window(start_ns=incident.impact_ns, end_ns=incident.resolved_ns or incident.window.end_ns)
    shown = {(s.entity, s.metric) for s in ranking.suspects[:_CHARTS] if not s.lead}
    return build_postmortem(
        incident,
        impacts=[loss.impact for loss in losses],
        moments=[
            *alert_moments(alerts, incident.window),
            *record.moments(incident.window, asked, about, besides=shown),
            *(incident_moments(row) if row else ()),
        ],
        ranking=ranking,
        gaps=record.gaps(asked, about),
        charts=[
            *chart_worst(losses),
            *_charts(evidence, [s for s in ranking.suspects if s.kind != "change"][:_CHARTS], incident.window),
        ],
        version=version,
        alerts=[_fact(alert, objectives) for alert in alerts],
        tenants=record.tenants(asked, about),
        fidelities=record.fidelities(asked, hurt),
        states=record.states(asked, about),
        web_url=web_url,
    )


def rank_causes(
    store: Store, objectives: Sequence[Objective], incident: Incident, *, hurt: Collection[str]
) -> Ranking:
    """Return what most likely caused an incident that hurt these entities, as its postmortem tells it."""
    losses = list(read_losses(store, objectives, incident, hurt))
    return _investigate(StoredEvidence(store, load_registry()), losses, incident)


def _investigate(evidence: StoredEvidence, losses: Sequence[Loss], incident: Incident) -> Ranking:
    return investigate(
        evidence,
        load_registry(),
        entity=incident.entity,
        impact_ns=incident.impact_ns,
        end_ns=find_end_of_harm(losses, incident),
    )


def _alerts(store: Store, incident: Incident, hurt: Collection[str], alert_ids: Collection[int]) -> list[AlertRow]:
    """Return the alerts of an incident, or where nobody kept one, those of what was hurt."""
    return [
        alert
        for alert in store.read_alerts(incident.window)
        if alert.alert_id in alert_ids or (not alert_ids and entity_of(alert.labels) in hurt)
    ]


def _fact(alert: AlertRow, objectives: Sequence[Objective]) -> AlertFact:
    runbook = next((objective.runbook for objective in objectives if objective.name == alert.objective), "")
    return AlertFact(
        objective=alert.objective,
        entity=entity_of(alert.labels),
        tier=alert.tier,
        severity=alert.severity,
        fired_ns=alert.fired_ns,
        resolved_ns=alert.resolved_ns,
        runbook=runbook,
    )


def _charts(evidence: StoredEvidence, suspects: Sequence[Suspect], window: Window) -> Iterator[EvidenceSeries]:
    told = evidence.read_evidence([suspect.metric for suspect in suspects], window)
    series = {(each.metric, each.entity, each.part): each for _, found in told for each in found}
    wanted = [(suspect.metric, suspect.entity, suspect.part) for suspect in suspects]
    return (series[key] for key in wanted if key in series)
