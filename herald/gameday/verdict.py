"""Judge a game day: what was noticed, when it could have been, who was told, and what was blamed."""

from collections.abc import Sequence

from herald.evidence import StoredEvidence, entity_of
from herald.gameday.outcome import Outcome, asked_ns
from herald.gameday.plan import Plan
from herald.gameday.policy import Due, Policy
from herald.gameday.witness import Witness
from herald.ground_truth import RecordedSource
from model.registry import load_registry
from model.topology import Topology
from model.windows import Window
from reports.cause import Suspect, rank_suspects
from store import AlertRow, Store


def judge(plan: Plan, store: Store, policy: Policy, witnesses: Sequence[Witness]) -> Outcome:
    """Return the outcome of a plan that has been played on `store`."""
    hurt = reach([witness.topology for witness in witnesses], plan.entity)
    alerts = read_told(store, policy, Window(start_ns=plan.start_ns, end_ns=plan.end_ns))
    related = [a for a in alerts if entity_of(a.labels) in hurt and a.fired_ns > plan.injected_ns]
    detection = next((a for a in related if policy.route_of(a) == plan.fault.route), None)
    due = _due(plan, policy, witnesses, hurt)
    return Outcome(
        plan=plan,
        impact_ns=min((ns for w in witnesses for ns in w.abnormal_ns if ns >= plan.injected_ns), default=None),
        detection=detection,
        theoretical_ns=min((each.fired_ns for each in due if each.severity == plan.fault.route), default=None),
        theoretical_resolved_ns=_last_resolved(due),
        alerts=tuple(related),
        false_alerts=tuple(a for a in alerts if a not in related),
        suspects=tuple(_rank(store, policy, detection, asked_ns(plan, detection))) if detection else (),
        route=policy.route_of(detection) if detection else None,
    )


def read_told(store: Store, policy: Policy, window: Window) -> list[AlertRow]:
    """Return what people were told of in the window, the earliest first."""
    return sorted(filter(policy.tells, store.read_alerts(window)), key=lambda alert: alert.fired_ns)


def reach(topologies: Sequence[Topology], entity: str) -> set[str]:
    """Return the entity, everything that it acts on, and the sites of all of them."""
    edges = [edge for topology in topologies for edge in topology.edges]
    found = {entity} | Topology(edges=edges).downstream(entity)
    return found | {e.site for topology in topologies for e in topology.entities if e.id in found}


def _rank(store: Store, policy: Policy, detection: AlertRow, end_ns: int) -> list[Suspect]:
    """Return what is to be blamed for an alert with the evidence until then."""
    return rank_suspects(
        StoredEvidence(store, load_registry()),
        load_registry(),
        entity=entity_of(detection.labels),
        impact_ns=policy.impact_of(store, detection),
        end_ns=end_ns,
    )


def _due(plan: Plan, policy: Policy, witnesses: Sequence[Witness], hurt: set[str]) -> list[Due]:
    """Return what the fault is due to raise by the simulator's own events."""
    truth = RecordedSource(load_registry())
    for witness in witnesses:
        for recording in witness.recordings:
            truth.add(recording)
    window = Window(start_ns=plan.start_ns, end_ns=plan.end_ns)
    return [each for each in policy.due(truth, window) if each.entity in hurt and each.fired_ns > plan.injected_ns]


def _last_resolved(due: Sequence[Due]) -> int | None:
    ends = [each.resolved_ns for each in due if each.resolved_ns is not None]
    return max(ends) if ends and len(ends) == len(due) else None
