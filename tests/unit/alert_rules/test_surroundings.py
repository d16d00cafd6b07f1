"""What is known around an alert: its segment, the changes before it, and which of them it may come from."""

from alert_rules.surroundings import CORRELATES_NS, ChangeEvent, Surroundings, changes_near, correlated, segment_of
from model.clock import HOUR_NS, MINUTE_NS
from model.topology import Edge, Relation, Topology

FLEET = Topology(
    edges=[
        Edge(source="ctl-delft", relation=Relation.CONTROLS, target="link-a"),
        Edge(source="mem-delft", relation=Relation.FEEDS, target="link-a"),
        Edge(source="cryo-delft", relation=Relation.COOLS, target="mem-delft"),
    ]
)
FIRED = 100 * HOUR_NS


def change(entity: str, *, before: int, event: str = "quantum.firmware.change") -> ChangeEvent:
    return ChangeEvent(entity=entity, event=event, time_ns=FIRED - before, text=f"changed {entity}")


def test_a_link_belongs_to_the_segment_of_its_controller():
    assert segment_of(FLEET, "link-a", "delft") == "ctl-delft"


def test_what_nothing_controls_belongs_to_its_site():
    assert segment_of(FLEET, "cryo-delft", "delft") == "delft"


def test_changes_to_what_acts_directly_on_an_entity_are_near_the_newest_first():
    changes = [change(e, before=n * MINUTE_NS) for n, e in enumerate(["cryo-delft", "mem-delft", "link-a", "link-b"])]
    assert [c.entity for c in changes_near(FLEET, "link-a", changes)] == ["mem-delft", "link-a"]


def test_the_newest_change_shortly_before_is_what_alerts_have_in_common():
    older, newer = change("mem-delft", before=HOUR_NS), change("link-a", before=MINUTE_NS)
    assert correlated([older, newer], FIRED) == newer.label


def test_a_change_long_ago_and_a_calibration_are_no_cause():
    long_ago = change("link-a", before=CORRELATES_NS + 1)
    calibration = change("link-a", before=MINUTE_NS, event="quantum.calibration")
    assert correlated([long_ago, calibration], FIRED) == ""


def test_only_what_is_known_becomes_a_label():
    assert Surroundings(segment="ctl-delft").tags() == {"segment": "ctl-delft"}
