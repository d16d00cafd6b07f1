"""`herald gameday run`, the real command: faults are noticed, the right people told, and the right thing blamed."""

import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from store.database import connect

CONTRACT = {
    "fault", "seed", "magnitude", "injected_at", "impact_at", "cleared_at", "detected", "detected_at",
    "detection_seconds", "theoretical_minimum_seconds", "expected_route", "route", "alerts", "signal", "suspects",
    "true_cause", "true_cause_rank", "false_alerts", "resolve_seconds", "theoretical_resolve_seconds", "asked_at",
}  # fmt: skip
CAUSES = {
    "memory.F7": {"kind": "hardware", "entity": "cryo-delft", "metric": "hw.temperature"},
    "link.F1": {"kind": "hardware", "entity": "link-delft-hague", "metric": "quantum.link.photon.detections"},
}

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
Run = dict[str, Any]


def play(faults: Iterable[str], *arguments: str) -> dict[str, Run]:
    """Run the command and return the runs that it prints by their fault."""
    chosen = [f"--fault={fault}" for fault in faults]
    command = [sys.executable, "-m", "herald", "gameday", "run", *chosen, "--json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {run["fault"]: run for run in json.loads(done.stdout)["runs"]}


@pytest.fixture(scope="module")
def postmortems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the runs write their postmortems."""
    return tmp_path_factory.mktemp("postmortems")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the scoreboard of `runs` is written."""
    return tmp_path_factory.mktemp("gameday") / "scoreboards" / "day.html"


@pytest.fixture(scope="module")
def runs(page: Path, postmortems: Path) -> dict[str, Run]:
    """One run of each fault, side by side on a PostgreSQL that the command starts for the purpose."""
    return play(CAUSES, f"--data={page.parent}", f"--html={page}", f"--postmortem-dir={postmortems}")


@pytest.fixture(params=CAUSES)
def run(runs: dict[str, Run], request: pytest.FixtureRequest) -> Run:
    return runs[request.param]


def databases(server: str) -> set[str]:
    with connect(server) as connection:
        return {name for (name,) in connection.execute("select datname from pg_database")}


def test_the_fault_is_noticed_and_the_right_people_are_told(run: Run):
    assert run["detected"]
    assert run["route"] == run["expected_route"] == "page"
    assert {"page"} <= {alert["severity"] for alert in run["alerts"]}


def test_nothing_is_noticed_sooner_than_it_can_be(run: Run):
    assert run["injected_at"] <= run["impact_at"] <= run["detected_at"] < run["cleared_at"]
    assert 0 < run["theoretical_minimum_seconds"] == run["detection_seconds"]


def test_the_alerts_resolve_after_the_fault_is_cleared(run: Run):
    assert run["resolved"]
    budgets = [alert for alert in run["alerts"] if alert["tier"] != "condition"]  # an alarm speaks of one moment
    assert all(alert["resolved_at"] > run["cleared_at"] for alert in budgets)
    assert 0 < run["resolve_seconds"] <= 1.25 * run["theoretical_resolve_seconds"] + 60


def test_the_true_cause_is_among_the_first_three_suspects(run: Run):
    cause = CAUSES[run["fault"]]
    assert run["true_cause"] == cause
    assert run["signal"] == {"metric": cause["metric"], "moved": True}
    blamed = [{key: suspect[key] for key in cause} for suspect in run["suspects"][:3]]
    assert blamed.index(cause) + 1 == run["true_cause_rank"]


def test_the_cause_is_asked_for_ten_minutes_after_the_alert(run: Run):
    fired, asked = (datetime.fromisoformat(run[name]) for name in ("detected_at", "asked_at"))
    assert asked - fired == timedelta(minutes=10)


def test_nobody_is_told_of_what_is_not_there(run: Run):
    assert run["false_alerts"] == []


def test_the_document_has_everything_that_it_promises(run: Run):
    assert run.keys() >= CONTRACT
    assert all(
        alert.keys() >= {"objective", "group", "severity", "fired_at", "resolved_at"} for alert in run["alerts"]
    )
    told = {"rank", "kind", "entity", "metric", "onset", "score"}
    assert all(suspect.keys() >= told for suspect in run["suspects"])
    assert [suspect["rank"] for suspect in run["suspects"]] == list(range(1, len(run["suspects"]) + 1))


def test_the_scoreboard_has_a_row_for_each_fault(runs: dict[str, Run], page: Path):
    text = page.read_text(encoding="utf-8")
    assert all(f"<td>{fault} " in text for fault in runs)


def test_a_seed_gives_the_same_day_on_any_server_and_leaves_nothing_there(
    runs: dict[str, Run], embedded_server_url: str
):
    before = databases(embedded_server_url)
    assert play(["memory.F7"], f"--database={embedded_server_url}") == {"memory.F7": runs["memory.F7"]}
    assert databases(embedded_server_url) == before


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("name", ["link-f1.md", "memory-f7.md", "link-f1-report.md", "memory-f7-report.md"])
def test_the_examples_in_the_documents_are_what_a_game_day_writes(postmortems: Path, name: str):
    written, kept = (folder / name for folder in (postmortems, EXAMPLES))
    assert written.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8"), "make examples writes them anew"
