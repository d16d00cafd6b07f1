"""Alerts that share an entity, something upstream or a minute are one incident, in whatever order they are given."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_rules import FiredAlert, KnownIncident, group_alerts
from model.clock import MINUTE_NS
from model.topology import Edge, Relation, Topology

EDGES = (
    ("env", Relation.SURROUNDS, "cryo"),
    ("env", Relation.SURROUNDS, "mem-a"),
    ("env", Relation.SURROUNDS, "mem-b"),
    ("cryo", Relation.COOLS, "mem-a"),
    ("ctl", Relation.CONTROLS, "link-a"),
    ("ctl", Relation.CONTROLS, "link-b"),
    ("mem-a", Relation.FEEDS, "link-a"),
    ("agent", Relation.WATCHES, "mem-a"),
    ("agent", Relation.WATCHES, "mem-b"),
)
TOPOLOGY = Topology(edges=[Edge(source=s, relation=r, target=t) for s, r, t in EDGES])
ENTITIES = ("env", "cryo", "mem-a", "mem-b", "link-a", "link-b", "ctl", "agent", "lone", "")


def alert(number: int, entity: str, *, minute: int = 0, pages: bool = True, objective: str = "reads") -> FiredAlert:
    return FiredAlert(
        alert_id=number,
        objective=objective,
        group=(("device", entity),),
        entity=entity,
        fired_ns=minute * MINUTE_NS,
        pages=pages,
    )


def known(number: int, *alerts: FiredAlert, is_open: bool = True) -> KnownIncident:
    entities = frozenset(each.entity for each in alerts)
    return KnownIncident(incident_id=number, entities=entities, alerts=alerts, is_open=is_open)


def opened_ids(*alerts: FiredAlert, incidents: tuple[KnownIncident, ...] = ()) -> list[list[int]]:
    return [[a.alert_id for a in found] for found in group_alerts(alerts, incidents, TOPOLOGY).opened]


def joined_ids(*alerts: FiredAlert, incidents: tuple[KnownIncident, ...]) -> dict[int, list[int]]:
    joined = group_alerts(alerts, incidents, TOPOLOGY).joined
    return {number: [a.alert_id for a in found] for number, found in joined.items()}


def test_a_page_opens_an_incident_and_a_ticket_opens_none():
    assert opened_ids(alert(1, "mem-a")) == [[1]]
    assert opened_ids(alert(1, "mem-a", pages=False)) == []


def test_a_ticket_goes_with_the_page_of_its_entity_that_opens_one():
    assert opened_ids(alert(1, "mem-a", minute=1, pages=False), alert(2, "mem-a", minute=9)) == [[1, 2]]


@pytest.mark.parametrize(
    ("entity", "minute"),
    [
        ("mem-a", 7),  # the same entity
        ("cryo", 7),  # what acts on it
        ("env", 7),  # what acts on that
        ("link-a", 7),  # what it acts on
        ("agent", 7),  # what watches it
        ("lone", 3),  # the minute in which it failed
    ],
)
def test_what_shares_entity_upstream_or_minute_joins_an_open_incident(entity, minute):
    open_one = known(5, alert(1, "mem-a", minute=3))
    assert joined_ids(alert(2, entity, minute=minute), incidents=(open_one,)) == {5: [2]}


def test_what_one_thing_controls_fails_together():
    assert joined_ids(alert(2, "link-b", minute=7), incidents=(known(5, alert(1, "link-a")),)) == {5: [2]}


@pytest.mark.parametrize("entity", ["mem-b", "lone", ""])
def test_what_shares_only_a_site_or_its_observer_is_another_incident(entity):
    open_one = known(5, alert(1, "mem-a"))
    assert opened_ids(alert(2, entity, minute=7), incidents=(open_one,)) == [[2]]


def test_an_alert_goes_where_its_entity_is_before_where_its_minute_is():
    both = (known(1, alert(1, "lone", minute=7)), known(2, alert(2, "mem-b", minute=3)))
    assert joined_ids(alert(3, "mem-b", minute=7), incidents=both) == {2: [3]}


def test_what_joins_makes_others_of_its_minute_join():
    open_one = known(5, alert(1, "mem-a"))
    assert joined_ids(alert(2, "mem-a", minute=7), alert(3, "lone", minute=7), incidents=(open_one,)) == {5: [2, 3]}


def test_the_same_page_reopens_a_closed_incident_and_no_other_does():
    closed = known(5, alert(1, "mem-a"), is_open=False)
    assert joined_ids(alert(2, "mem-a", minute=7), incidents=(closed,)) == {5: [2]}
    assert opened_ids(alert(2, "mem-a", minute=7, objective="writes"), incidents=(closed,)) == [[2]]
    assert opened_ids(alert(2, "mem-a", minute=7, pages=False), incidents=(closed,)) == []


ALERTS = st.builds(alert, st.just(0), st.sampled_from(ENTITIES), minute=st.integers(5, 7), pages=st.booleans())
KNOWN = st.builds(alert, st.just(0), st.sampled_from(ENTITIES), minute=st.integers(0, 5))


@given(st.lists(ALERTS, max_size=8), st.lists(st.tuples(KNOWN, st.booleans()), max_size=3), st.randoms())
def test_the_order_of_alerts_changes_nothing_and_each_is_in_one_incident_at_most(given_alerts, given_known, random):
    alerts = [replace(each, alert_id=number) for number, each in enumerate(given_alerts)]
    incidents = [
        known(number, replace(each, alert_id=100 + number), is_open=is_open)
        for number, (each, is_open) in enumerate(given_known)
    ]
    grouping = group_alerts(alerts, incidents, TOPOLOGY)
    random.shuffle(alerts)
    random.shuffle(incidents)
    assert group_alerts(alerts, incidents, TOPOLOGY) == grouping
    placed = [each.alert_id for found in (*grouping.joined.values(), *grouping.opened) for each in found]
    assert len(placed) == len(set(placed))
    assert {each.alert_id for each in alerts if each.pages} <= set(placed)
    assert all(any(each.pages for each in found) for found in grouping.opened)
