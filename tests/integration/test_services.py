"""The services that other tests stand on are what they say they are."""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg

from tests.conftest import StartServer
from tests.services.debian_root import DebianRoot


def test_timescale_creates_hypertables(timescale_server_url: str):
    with psycopg.connect(timescale_server_url, autocommit=True) as connection:
        connection.execute("create database services_test")
    url = timescale_server_url.removesuffix("postgres") + "services_test"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create extension timescaledb")
        connection.execute("create table sample (time timestamptz not null)")
        connection.execute("select create_hypertable('sample', 'time')")
        assert connection.execute("select count(*) from timescaledb_information.hypertables").fetchone() == (1,)
    with psycopg.connect(timescale_server_url, autocommit=True) as connection:
        connection.execute("drop database services_test")


def test_alertmanager_keeps_an_alert(alertmanager: str):
    alert = json.dumps([{"labels": {"alertname": "Dark"}}]).encode()
    request = urllib.request.Request(
        f"{alertmanager}/api/v2/alerts", data=alert, headers={"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=5).close()
    with urllib.request.urlopen(f"{alertmanager}/api/v2/alerts", timeout=5) as answer:
        assert [kept["labels"] for kept in json.load(answer)] == [{"alertname": "Dark"}]


def test_prometheus_loads_the_rules_beside_its_configuration(start_prometheus: StartServer):
    rules = "groups: [{name: g, rules: [{record: 'up:one', expr: 'vector(1)'}]}]"
    url = start_prometheus("rule_files: [rules.yml]", files={"rules.yml": rules})
    with urllib.request.urlopen(f"{url}/api/v1/rules", timeout=5) as answer:
        assert json.load(answer)["data"]["groups"][0]["rules"][0]["name"] == "up:one"


def test_promtool_refuses_a_bad_rule_file(debian_tools: DebianRoot):
    done = debian_tools.run(["promtool", "check", "rules", "r.yml"], files={"r.yml": "groups: [{rules: []}]"})
    assert done.returncode != 0
    assert "Groupname must not be empty" in done.stdout + done.stderr


def test_a_work_directory_is_gone_after_use(debian_tools: DebianRoot):
    with debian_tools.work_dir() as inside:
        assert debian_tools.outside(inside).is_dir()
    assert not debian_tools.outside(inside).exists()


def test_no_server_outlives_a_killed_test_run(debian_tools: DebianRoot):
    script = (
        "import time; from tests.services.debian_root import debian_root;"
        "from tests.services.postgres import running_timescale\n"
        "with running_timescale(debian_root()) as url: print(url, flush=True); time.sleep(60)"
    )
    run = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    url = run.stdout.readline().strip()
    run.kill()
    run.wait()
    run.stdout.close()
    for _ in range(200):
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return
        time.sleep(0.05)
    raise AssertionError(f"PostgreSQL still answers at {url}")


def test_chromium_tells_its_version(chromium: Path):
    done = subprocess.run([chromium, "--version"], capture_output=True, text=True, check=True)
    assert "Chrom" in done.stdout
