"""What the fleet page is told: who acts on whom, how each keeps its promises, and who went silent."""

from typing import Any

import pytest

from model.errors import DatabaseUnavailableError
from tests.unit.web.calling import get
from tests.unit.web.given import NOW_MS, UID, a_clock, an_alert, every_panel_board, made_up_sources, read_success
from web import create_app


def ask(path: str, **changes: Any) -> Any:
    boards = {UID: every_panel_board()}
    return get(create_app(made_up_sources(**changes), boards, [read_success()], "1", clock=a_clock()), path).json()


@pytest.fixture
def nodes() -> dict[str, Any]:
    return {node["id"]: node for node in ask("/api/herald/fleet")["nodes"]}


def test_an_entity_stands_as_the_worst_of_its_objectives(nodes: dict[str, Any]):
    states = {name: (node["state"], node["state_word"]) for name, node in nodes.items()}
    assert states["mem-hague"] == ("exhausted", "Exhausted")
    assert states["mem-delft"] == ("ok", "OK")


def test_an_entity_that_nobody_promised_anything_of_is_not_ok(nodes: dict[str, Any]):
    assert (nodes["cryo-delft"]["state"], nodes["cryo-delft"]["state_word"]) == ("none", "No objective")


def test_an_entity_leads_to_its_worst_objective_and_the_boards_of_it(nodes: dict[str, Any]):
    assert nodes["mem-hague"]["worst"] == {"name": "memory-read-success", "display_name": "Reads that succeed"}
    assert nodes["mem-hague"]["boards"] == [{"title": "Every panel", "url": f"/d/{UID}?var-device=mem-hague"}]


def test_only_alerts_that_fire_now_are_counted(nodes: dict[str, Any]):
    assert {name: node["alerts"] for name, node in nodes.items() if node["alerts"]} == {"mem-hague": 1}


def test_what_only_mutes_others_is_no_alert_of_an_entity():
    muting = ask("/api/herald/fleet", alerts=[an_alert(severity="info"), an_alert(severity="ticket")])
    assert sum(node["alerts"] for node in muting["nodes"]) == 1


def test_an_entity_tells_when_it_was_heard_of_last(nodes: dict[str, Any]):
    assert nodes["mem-delft"]["last_data_at"] == NOW_MS - 2_000
    assert nodes["mem-hague"]["last_data_at"] is None


def test_an_entity_without_a_site_stands_where_its_telemetry_comes_from(nodes: dict[str, Any]):
    assert (nodes["backend-aurora"]["site"], nodes["mem-hague"]["site"]) == ("delft", "hague")


def test_who_watches_is_told_apart_from_who_acts():
    fleet = ask("/api/herald/fleet")
    assert fleet["edges"] == [{"source": "cryo-delft", "relation": "cools", "target": "mem-delft"}]
    assert {edge["source"] for edge in fleet["watched"]} == {"agent-delft"}


def test_the_site_that_was_silent_the_longest_comes_first():
    sites = ask("/api/herald/about/sites")["sites"]
    assert [(each["site"], each["age_seconds"]) for each in sites] == [("hague", 300), ("delft", 2)]


def test_an_outage_is_said_in_words():
    outage = DatabaseUnavailableError("PostgreSQL does not answer")
    assert "PostgreSQL does not answer" in ask("/api/herald/fleet", outage=outage)["message"]
