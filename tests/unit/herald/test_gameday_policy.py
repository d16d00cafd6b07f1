"""What watches on a game day: objectives and rules on true events, and who is told of what."""

from dataclasses import replace

import pytest

from alert_rules import load_rules, load_shipped_objectives
from herald.condition_watch import CONDITION_TIER
from herald.gameday.policy import Due, Policy
from herald.gameday.verdict import reach
from herald.ground_truth import RecordedSource
from model.attributes import attributes
from model.clock import MINUTE_NS
from model.names import ATTR_BACKEND_ID, METRIC_PROVIDER_AVAILABLE
from model.readings import Level, Readings
from model.recording import record_readings
from model.registry import load_registry
from model.topology import Edge, Entity, Relation, Topology
from model.windows import Window
from store import AlertRow

POLICY = Policy(objectives=(), rules=load_rules())
HOUR = Window(start_ns=0, end_ns=60 * MINUTE_NS)


def alert(rule: str, severity: str) -> AlertRow:
    return AlertRow(
        objective=rule,
        group=(("device", "cryo-a"),),
        tier=CONDITION_TIER,
        severity=severity,
        fired_ns=0,
        threshold=0.0,
        long_window="",
        short_window="",
    )


def availability(available_at: dict[int, float]) -> RecordedSource:
    source = RecordedSource(load_registry())
    for minute, value in available_at.items():
        level = Level(
            metric=METRIC_PROVIDER_AVAILABLE,
            attributes=attributes({ATTR_BACKEND_ID: "backend-a"}),
            value=value,
            measured_at_ns=(minute + 1) * MINUTE_NS,
        )
        source.add(
            record_readings(
                Readings(site="x", start_ns=minute * MINUTE_NS, end_ns=(minute + 1) * MINUTE_NS, levels=[level])
            )
        )
    return source


def test_a_rule_is_due_on_true_events_with_its_delay_and_what_it_keeps():
    away = range(20, 30)
    source = availability({minute: 0.0 if minute in away else 1.0 for minute in range(60)})
    due = Due(entity="backend-a", severity="page", fired_ns=22 * MINUTE_NS, resolved_ns=35 * MINUTE_NS)
    assert list(POLICY.due(source, HOUR)) == [due]


def test_what_fires_still_is_due_without_an_end():
    source = availability({minute: float(minute < 20) for minute in range(60)})
    assert [due.resolved_ns for due in POLICY.due(source, HOUR)] == [None]


@pytest.mark.parametrize(
    ("rule", "severity", "tells"),
    [
        pytest.param("cryostat-warm", "page", True, id="a page"),
        pytest.param("calibrating", "info", False, id="what mutes others"),
        pytest.param("postmortem-due", "ticket", False, id="what reminds of pages that are over"),
    ],
)
def test_people_are_told_of_what_is_the_matter(rule, severity, tells):
    assert POLICY.tells(alert(rule, severity)) is tells


def test_what_sums_up_incidents_tells_nobody_of_what_is_the_matter():
    """A fault that lasts makes incidents that last: their promise breaks, and that is no false alert."""
    policy = Policy(objectives=load_shipped_objectives(), rules=())
    ticket = replace(alert("memory-time-to-recover", "ticket"), tier="3d-6h", group=(("domain", "memory"),))
    assert not policy.tells(ticket)
    assert policy.tells(replace(ticket, objective="memory-read-success"))


def test_a_page_without_a_budget_goes_to_a_person_at_once():
    assert POLICY.route_of(alert("cryostat-warm", "page")) == "page"


def test_a_fault_reaches_what_it_acts_on_and_the_sites_of_it():
    edges = [Edge(source="cryo-a", relation=Relation.COOLS, target="mem-a")]
    entities = [Entity(kind="memory", id="mem-a", site="delft"), Entity(kind="memory", id="mem-b", site="hague")]
    assert reach([Topology(entities, edges)], "cryo-a") == {"cryo-a", "mem-a", "delft"}
