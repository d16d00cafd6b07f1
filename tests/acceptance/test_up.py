"""`herald up` runs the platform, mends what dies, goes on where it stopped, and leaves nothing behind."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from alert_rules import load_shipped_objectives
from tests.acceptance.promises import COUNTED
from tests.acceptance.running import (
    HERALD,
    Platform,
    choose_ports,
    eventually,
    processes_of,
    run_herald,
    up_command,
)

READS = 'select coalesce(sum(value), 0) from metric."quantum.memory.reads" where'
HOURS = "select count(distinct date_trunc('hour', time)) from point where time > now() - interval '1 day'"
TOLD_TWICE = """
    select series_id, start_time, time
      from (select *, lag(time) over (partition by series_id order by time) as previous
              from metric."quantum.memory.reads") as counted
     where start_time < previous - interval '1 ms'
"""


def newest(platform: Platform) -> str:
    """Return the time of the newest telemetry that the page knows of."""
    return str(platform.health().get("last_data_at", ""))


def is_fresh(platform: Platform) -> bool:
    health = platform.health()
    return bool(health.get("ok")) and 0 <= health["age_seconds"] <= 15


def kill(platform: Platform, program: str) -> None:
    """Kill a program and wait until another one has taken its place."""
    killed = platform.pids()[program]
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: platform.pids().get(program, killed) != killed, f"{program} is started again")


def test_the_url_is_all_that_is_printed_to_stdout(platform: Platform):
    assert platform.stdout() == f"Herald is up: {platform.url}/\n"


def test_the_page_is_healthy_and_its_data_is_fresh(platform: Platform):
    eventually(lambda: is_fresh(platform), "the newest telemetry is at most 15 s old")


def test_every_program_runs_under_the_supervisor(platform: Platform):
    assert set(platform.pids()) == {"collector", "agents", "engine", "web"}


def test_every_objective_and_entity_has_a_status(platform: Platform):
    done = platform.herald("slo", "status", "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, set(document)) == (0, {"as_of", "objectives"})
    assert {each["objective"] for each in document["objectives"]} == {o.name for o in load_shipped_objectives()}
    for each in document["objectives"]:
        assert set(each) >= {
            *("objective", "group", "target", "window", "good", "total", "coverage", "sli", "budget_remaining"),
            *("burn", "state", "last_data_at"),
        }
        assert set(each["burn"]) >= {"5m", "30m", "1h", "6h", "1d", "3d"}
    counted = [each for each in document["objectives"] if each["total"]]
    assert {each["objective"] for each in counted} == {objective.name for objective in COUNTED}
    for each in counted:
        assert 0 < each["good"] <= each["total"]
        assert each["sli"] == pytest.approx(each["good"] / each["total"])


@pytest.mark.parametrize(
    ("form", "opening"), [("md", "# SLO report"), ("html", "<!doctype html>"), ("json", "{")]
)  # fmt: skip
def test_a_report_tells_all_objectives(platform: Platform, tmp_path: Path, form: str, opening: str):
    out = tmp_path / "report"
    done = platform.herald("report", "--window", "1d", "--format", form, "--out", out)
    assert (done.returncode, done.stdout) == (0, "")
    text = out.read_text(encoding="utf-8")
    assert text.lower().startswith(opening.lower())
    assert all(objective.catalogue_id in text for objective in load_shipped_objectives())


def test_a_killed_collector_comes_back_and_data_goes_on(platform: Platform):
    kill(platform, "collector")
    before = newest(platform)
    eventually(lambda: newest(platform) > before, "newer telemetry is stored")
    assert "collector ended with status -9; starting it again" in platform.stderr()


def test_killed_agents_come_back_and_tell_no_second_twice(platform: Platform):
    ((per_second,),) = platform.ask(f"{READS} time between now() - interval '4 h' and now() - interval '2 h'")
    begun = time.time()
    kill(platform, "agents")
    told = f"{READS} time > to_timestamp({begun})"
    eventually(lambda: platform.ask(told)[0][0] > 0, "new reads are stored")
    assert platform.ask(told)[0][0] < 1.4 * per_second / 7200 * (time.time() - begun + 5)


def test_a_killed_database_comes_back_and_data_goes_on(platform: Platform):
    record = platform.data / "postgres" / "pg" / "postmaster.pid"
    (server,) = [pid for pid, command in processes_of(platform.data).items() if "/postgres -D" in command]
    os.kill(server, signal.SIGKILL)
    eventually(lambda: "the embedded PostgreSQL ended; starting it again" in platform.stderr(), "it is noticed")
    eventually(lambda: record.exists() and newest(platform), "the database answers again")
    before = newest(platform)
    eventually(lambda: newest(platform) > before, "newer telemetry is stored")


def test_two_platforms_on_one_directory_are_refused_in_one_sentence(platform: Platform):
    done = run_herald(*up_command(platform.data, choose_ports())[len(HERALD) :])
    assert (done.returncode, done.stdout) == (3, "")
    assert f"herald: the database in {platform.data}/postgres is already running — " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_refused_in_one_sentence(platform: Platform, tmp_path: Path):
    ports = choose_ports() | {"prometheus-port": platform.ports["prometheus-port"]}
    done = run_herald(*up_command(tmp_path / "other", ports)[len(HERALD) :])
    assert (done.returncode, done.stdout) == (3, "")
    port = ports["prometheus-port"]
    assert done.stderr == f"herald: port {port} is in use — stop the other program or choose another port\n"


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_whatever_ends_it_leaves_no_process_and_the_next_start_goes_on(platform: Platform, end: signal.Signals):
    ((before,),) = platform.ask("select count(*) from point")
    status = platform.stop(end)
    assert status == (-signal.SIGKILL if end is signal.SIGKILL else 0)
    eventually(lambda: processes_of(platform.data) == {}, "all programs end with their supervisor")
    platform.start()
    ((after,),) = platform.ask("select count(*) from point")
    assert before <= after < 1.2 * before
    assert platform.ask(TOLD_TWICE) == []
    assert platform.ask(HOURS)[0][0] >= 24
