"""Judge a game day: what was noticed, when it could have been, who was told, and what was blamed."""

from collections.abc import Iterable, Sequence

from alert_rules import AlertInterval, replay, route_for
from alert_rules.alerts import burn_alert
from herald.book import Book
from herald.evidence import StoredEvidence, entity_of
from herald.gameday.outcome import Outcome
from herald.gameday.plan import Plan
from herald.gameday.witness import Witness
from herald.ground_truth import RecordedSource
from herald.impact import impact_of
from model.registry import load_registry
from model.topology import Edge, Topology
from model.windows import Window
from reports.cause import Suspect, rank_suspects
from slo import Objective, compute_minutes
from store import AlertRow, Store


def judge(plan: Plan, store: Store, objectives: Sequence[Objective], witnesses: Sequence[Witness]) -> Outcome:
    """Return the outcome of a plan that has been played on `store`."""
    hurt = reach((edge for witness in witnesses for edge in witness.topology.edges), plan.entity)
    window = Window(start_ns=plan.start_ns, end_ns=plan.end_ns)
    alerts = sorted(store.read_alerts(window), key=lambda alert: alert.fired_ns)
    related = [a for a in alerts if entity_of(a.labels) in hurt and a.fired_ns > plan.injected_ns]
    detection = next((a for a in related if route_of(a, objectives) == plan.fault.route), None)
    due = _due(plan, objectives, witnesses, hurt)
    return Outcome(
        plan=plan,
        impact_ns=min((ns for w in witnesses for ns in w.abnormal_ns if ns >= plan.injected_ns), default=None),
        detection=detection,
        theoretical_ns=min((each.fired_ns for each in due if each.tier.severity == plan.fault.route), default=None),
        theoretical_resolved_ns=_last_resolved(due),
        alerts=tuple(related),
        false_alerts=tuple(a for a in alerts if a not in related),
        suspects=tuple(_rank(store, objectives, detection)) if detection else (),
        route=route_of(detection, objectives) if detection else None,
    )


def reach(edges: Iterable[Edge], entity: str) -> set[str]:
    """Return the entity and everything that it acts on."""
    return {entity} | Topology(edges=list(edges)).downstream(entity)


def route_of(alert: AlertRow, objectives: Sequence[Objective]) -> str:
    """Return where an alert goes: to a person at once, or to a list."""
    service = next(o.service for o in objectives if o.name == alert.objective)
    labelled = burn_alert(
        objective=alert.objective,
        service=service,
        group=alert.labels,
        tier=alert.tier,
        severity=alert.severity,
        fired_ns=alert.fired_ns,
    )
    return route_for(labelled.labels)


def _rank(store: Store, objectives: Sequence[Objective], detection: AlertRow) -> list[Suspect]:
    """Return what was to be blamed with the evidence at the moment of detection."""
    objective = next(o for o in objectives if o.name == detection.objective)
    return rank_suspects(
        StoredEvidence(store, load_registry()),
        load_registry(),
        entity=entity_of(detection.labels),
        impact_ns=impact_of(store, objective, detection),
        end_ns=detection.fired_ns,
    )


def _due(
    plan: Plan, objectives: Sequence[Objective], witnesses: Sequence[Witness], hurt: set[str]
) -> list[AlertInterval]:
    """Return the alerts of the policy on the simulator's own events, with no delay and no telemetry between."""
    truth = RecordedSource(load_registry())
    for witness in witnesses:
        for recording in witness.recordings:
            truth.add(recording)
    window = Window(start_ns=plan.start_ns, end_ns=plan.end_ns)
    book = Book(objectives)
    for objective in objectives:
        book.put(objective.name, compute_minutes(objective, truth, window))
    return [
        interval
        for entity, objective, ledger in book
        if entity_of(dict(entity.group)) in hurt
        for interval in replay(objective, ledger, window)
        if interval.fired_ns > plan.injected_ns
    ]


def _last_resolved(due: Sequence[AlertInterval]) -> int | None:
    ends = [each.resolved_ns for each in due if each.resolved_ns is not None]
    return max(ends) if ends and len(ends) == len(due) else None
