"""The JSON of incidents: open ones with their burn, one with its timeline and the ways on."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from model.clock import HOUR_NS, MINUTE_NS
from tests.unit.web.calling import get
from tests.unit.web.given import NOW_MS, NOW_NS, UID, a_clock, every_panel_board, made_up_sources, read_success
from web import IncidentRecord, create_app
from web.incidents import BOARD
from web.testing import MemorySources

SOURCES = made_up_sources()
ALERT = SOURCES.alerts[0]
INCIDENT = IncidentRecord(
    incident_id=12,
    title="Reads succeed: mem-delft",
    state="acknowledged",
    opened_ns=NOW_NS - 50 * MINUTE_NS,
    opened_by="engine",
    impact_ns=NOW_NS - HOUR_NS,
    detected_ns=NOW_NS - 50 * MINUTE_NS,
    entities=("mem-delft",),
    sites=("delft",),
    alert_ids=(ALERT.alert_id,),
    acknowledged_ns=NOW_NS - 40 * MINUTE_NS,
    acknowledged_by="ann",
    notes=((NOW_NS - 30 * MINUTE_NS, "ann", "pump <b>restarted</b>"),),
)


def app_with_incident(reports: Path | None = None) -> Starlette:
    sources: MemorySources = replace(SOURCES, incidents=[INCIDENT])
    board: dict[str, Any] = {**every_panel_board(), "uid": BOARD}
    boards = {UID: every_panel_board(), BOARD: board}
    return create_app(sources, boards, [read_success()], "1", clock=a_clock(), reports=reports)


def test_the_list_tells_state_times_entities_and_the_burn_of_the_worst_budget():
    (row,) = get(app_with_incident(), "/api/herald/incidents").json()["incidents"]
    assert (row["id"], row["state"], row["entities"], row["alerts"]) == (12, "acknowledged", ["mem-delft"], 1)
    assert (row["impact_at"], row["resolved_at"]) == (NOW_MS - 3_600_000, None)
    assert (row["seconds_to_detect"], row["seconds_to_repair"]) == (600.0, None)
    statuses = [each for each in SOURCES.statuses if dict(each.labels) == dict(ALERT.labels)]
    assert row["burn_1h"] == statuses[0].burn["1h"]
    assert row["budget_remaining"] == statuses[0].remaining


def test_one_incident_comes_with_its_timeline_in_order_and_its_alerts():
    told = get(app_with_incident(), "/api/herald/incidents/12").json()
    times = [moment["at"] for moment in told["timeline"]]
    assert times == sorted(times)
    said = [(moment["kind"], moment["who"], moment["text"]) for moment in told["timeline"]]
    assert ("step", "ann", "acknowledged it") in said
    assert ("note", "ann", "pump <b>restarted</b>") in said
    assert [alert["id"] for alert in told["alerts"]] == [ALERT.alert_id]


def test_it_leads_to_its_board_with_time_and_site_set_and_to_its_postmortem():
    told = get(app_with_incident(), "/api/herald/incidents/12").json()
    assert told["board_url"] == f"/d/herald-incident?from={NOW_MS - 7_200_000}&to=now&var-site=delft"
    assert (told["postmortems"], told["postmortem"]) == ([], "herald postmortem --incident 12 --into reports")


def test_it_leads_to_the_postmortems_that_were_written_about_it_and_no_other(tmp_path: Path):
    for name in ("postmortem-incident-12.html", "postmortem-incident-1.html", "incident-12.html"):
        (tmp_path / name).touch()
    told = get(app_with_incident(tmp_path), "/api/herald/incidents/12").json()
    assert [each["name"] for each in told["postmortems"]] == ["postmortem-incident-12.html"]
    assert told["postmortem"] == f"herald postmortem --incident 12 --into {tmp_path}"


def test_an_alert_names_its_incident():
    sources = replace(SOURCES, alerts=[replace(ALERT, incident_id=12)])
    app = create_app(sources, {}, [read_success()], "1", clock=a_clock())
    assert [alert["incident_id"] for alert in get(app, "/api/herald/alerts").json()["alerts"]] == [12]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/herald/incidents/13", 404), ("/api/herald/incidents/x", 404), ("/api/herald/incidents?days=0", 400)],
)
def test_what_is_not_there_is_refused(path: str, status: int):
    assert get(app_with_incident(), path).status == status


@pytest.mark.parametrize("path", ["/incidents", "/incidents/12", "/postmortems"])
def test_the_pages_are_there(path: str):
    assert get(app_with_incident(), path).status == 200
