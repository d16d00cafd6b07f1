"""Collect a postmortem from what is stored: an alert, or a stretch of time on an entity."""

from collections.abc import Collection, Iterator, Sequence

from alert_rules import load_rules
from herald.condition_watch import CONDITION_TIER
from herald.evidence import StoredEvidence, entity_of
from herald.impact import impact_of
from herald.incident_postmortem import alert_moments, incident_moments
from herald.postmortem_record import PostmortemRecord
from herald.standings import render_group
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from model.errors import InvalidInputError
from model.registry import load_registry
from model.windows import Window
from reports.cause import Ranking, Suspect, investigate
from reports.evidence import EvidenceSeries
from reports.postmortem import Incident, Postmortem, build_postmortem
from reports.postmortem_facts import AlertFact, Impact
from slo import Objective
from slo.burn import PAGE
from store import AlertRow, IncidentRow, SliColumns, Store

_AROUND_NS = HOUR_NS
_CHARTS = 3
_LONGEST_NS = 31 * DAY_NS


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


def describe_stretch(entity: str, window: Window) -> Incident:
    """Return an incident for a stretch of time that somebody names by hand; its impact begins with it.

    Raises InvalidInputError for a stretch that is empty, or too long for its minutes to be looked through.
    """
    if not 0 < window.length_ns <= _LONGEST_NS:
        raise InvalidInputError(
            "a postmortem is about a minute at least and 31 days at most",
            place="--from, --to",
            remedy="choose other times",
        )
    around = Window(start_ns=window.start_ns - _AROUND_NS, end_ns=window.end_ns)
    return Incident(
        title=f"What happened to {entity}",
        entity=entity,
        window=around,
        impact_ns=window.start_ns,
        detected_ns=None,
        resolved_ns=window.end_ns,
    )


def first_hurt(store: Store, window: Window) -> str:
    """Return what the first page of a stretch of time was about, or else the first ticket.

    Raises InvalidInputError where nobody was told of anything.
    """
    alerts = [alert for alert in store.read_alerts(window) if entity_of(alert.labels)]
    if not alerts:
        raise InvalidInputError(
            "nobody was told of anything in that time", remedy="say whom it is about with --device"
        )
    return entity_of(min(alerts, key=lambda alert: (alert.severity != PAGE, alert.fired_ns, alert.alert_id)).labels)


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
    slis = _read_slis(store, objectives, incident, hurt)
    impacts = [_lost(objective, sli, incident) for objective, sli in slis]
    ranking = _investigate(evidence, slis, impacts, incident)
    alerts = _alerts(store, incident, hurt, row.alert_ids if row else ())
    asked = Window(start_ns=incident.impact_ns, end_ns=incident.resolved_ns or incident.window.end_ns)
    shown = {(s.entity, s.metric) for s in ranking.suspects[:_CHARTS] if not s.lead}
    return build_postmortem(
        incident,
        impacts=impacts,
        moments=[
            *alert_moments(alerts, incident.window),
            *record.moments(incident.window, asked, about, besides=shown),
            *(incident_moments(row) if row else ()),
        ],
        ranking=ranking,
        gaps=record.gaps(asked, about),
        charts=[
            *_worst_minutes(slis, impacts),
            *_charts(evidence, [s for s in ranking.suspects if s.kind != "change"][:_CHARTS], incident.window),
        ],
        version=version,
        alerts=[_fact(alert, objectives) for alert in alerts],
        tenants=record.tenants(asked, about),
        fidelities=record.fidelities(asked, hurt),
        states=record.states(asked, hurt),
        web_url=web_url,
    )


def rank_causes(
    store: Store, objectives: Sequence[Objective], incident: Incident, *, hurt: Collection[str]
) -> Ranking:
    """Return what most likely caused an incident that hurt these entities, as its postmortem tells it."""
    slis = _read_slis(store, objectives, incident, hurt)
    impacts = [_lost(objective, sli, incident) for objective, sli in slis]
    return _investigate(StoredEvidence(store, load_registry()), slis, impacts, incident)


def _read_slis(
    store: Store, objectives: Sequence[Objective], incident: Incident, hurt: Collection[str]
) -> list[tuple[Objective, SliColumns]]:
    """Return what was counted around the incident of whom it hurt."""
    return [
        (objective, sli)
        for objective in objectives
        for sli in store.read_sli(objective.name, incident.window)
        if entity_of(dict(sli.group)) in hurt
    ]


def _investigate(
    evidence: StoredEvidence,
    slis: Sequence[tuple[Objective, SliColumns]],
    impacts: Sequence[Impact],
    incident: Incident,
) -> Ranking:
    return investigate(
        evidence,
        load_registry(),
        entity=incident.entity,
        impact_ns=incident.impact_ns,
        end_ns=_end_of_harm(slis, impacts, incident),
    )


def _end_of_harm(slis: Sequence[tuple[Objective, SliColumns]], impacts: Sequence[Impact], incident: Incident) -> int:
    """Return the end of the last minute that broke the promise that lost most: a cause is best seen while it works.

    Alerts resolve later, when what was silent speaks again and what was hot is cold.
    """
    end_ns = incident.resolved_ns or incident.window.end_ns
    lost = [(impact.budget_share or 0.0, number) for number, impact in enumerate(impacts)]
    if incident.resolved_ns is None or max(lost, default=(0.0, 0))[0] <= 0.0:
        return end_ns
    objective, sli = slis[max(lost)[1]]
    broke = (sli.total - sli.good > float(objective.error_budget) * sli.total) & (sli.minute_ns < end_ns)
    return min(int(sli.minute_ns[broke].max(initial=incident.impact_ns)) + MINUTE_NS, end_ns)


def _lost(objective: Objective, sli: SliColumns, incident: Incident) -> Impact:
    end_ns = incident.resolved_ns or incident.window.end_ns
    hurt = (sli.minute_ns >= incident.impact_ns) & (sli.minute_ns < end_ns)
    bad, total = int((sli.total - sli.good)[hurt].sum()), int(sli.total[hurt].sum())
    # The budget of a whole window at the rate of events around the incident: of some there is one every 20 minutes.
    around = int(sli.total.sum()) / incident.window.length_ns if incident.window.length_ns else 0.0
    allowed = float(objective.error_budget) * around * objective.window_ns
    return Impact(
        objective=objective.name,
        entity=render_group(sli.group),
        bad=bad,
        total=total,
        budget_share=bad / allowed if allowed else None,
        owner=objective.owner,
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


def _worst_minutes(
    slis: Sequence[tuple[Objective, SliColumns]], impacts: Sequence[Impact]
) -> Iterator[EvidenceSeries]:
    """Yield the share of bad events by the minute of what lost the most of its budget."""
    worst = max(range(len(slis)), key=lambda i: impacts[i].budget_share or 0.0, default=None)
    if worst is None or not impacts[worst].bad:
        return
    objective, sli = slis[worst]
    told = sli.total > 0
    yield EvidenceSeries(
        entity=impacts[worst].entity,
        metric=f"share of bad events, {objective.name}",
        part="",
        minute_ns=sli.minute_ns[told],
        value=1 - sli.good[told] / sli.total[told],
    )


def _charts(evidence: StoredEvidence, suspects: Sequence[Suspect], window: Window) -> Iterator[EvidenceSeries]:
    told = evidence.read_evidence([suspect.metric for suspect in suspects], window)
    series = {(each.metric, each.entity, each.part): each for _, found in told for each in found}
    wanted = [(suspect.metric, suspect.entity, suspect.part) for suspect in suspects]
    return (series[key] for key in wanted if key in series)
