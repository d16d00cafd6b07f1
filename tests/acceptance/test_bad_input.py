"""Bad input and missing dependencies, through the real doors: one clear sentence and the right exit code."""

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from tests.acceptance.running import HERALD, Platform, eventually, plain_environment, processes_of, run_herald
from tests.unit.collector.messages import gauge, metrics_request
from tests.unit.slo.openslo_texts import LATENCY, VALID, line_of

NOBODY = "postgresql://herald:secret@127.0.0.1:9/herald"
PROTOBUF = "application/x-protobuf"
PAIR = Path(__file__).parents[1] / "unit" / "exporters" / "data" / "props_pair.json"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with files that are wrong in one thing each."""
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_files(folder: Path) -> None:
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="latin-1")


FILES = {
    "unknown-metric.yaml": VALID.replace(
        "spec: {metric: quantum.memory.reads}", "spec: {metric: quantum.memory.red}"
    ),
    "all-good.yaml": VALID.replace("target: 0.99", "target: 1"),
    "between.yaml": LATENCY.replace("atMost: 0.01", "atMost: 0.011"),
    "not-yaml.yaml": "apiVersion: [openslo/v1\nkind: {",
    "bytes.yaml": "\xff\xfe",
    "valid.yaml": VALID,
    "foreign.json": '{"schemaVersion": 3}',
    "truncated.json": PAIR.read_text(encoding="utf-8")[:300],
    "fleet.yaml": "sites: 3\n",
    "file": "",
}
WRONG_OBJECTIVES = {
    "unknown-metric.yaml": (
        f":{line_of(FILES['unknown-metric.yaml'], 'quantum.memory.red}')}: ",
        "quantum.memory.red",
    ),
    "all-good.yaml": (f":{line_of(FILES['all-good.yaml'], 'target: 1')}: ", "target"),
    "between.yaml": (
        f":{line_of(FILES['between.yaml'], 'atMost')}: ",
        "the nearest are 0.01 below and 0.02 above",
    ),
    "not-yaml.yaml": (":2: ", "is not YAML"),
    "bytes.yaml": (": ", "is not UTF-8 text"),
    "missing.yaml": (": ", "cannot be read: No such file or directory"),
}
COMMANDS = [
    (
        ["slo", "status", "--database", NOBODY],
        3,
        "the database postgresql://herald@127.0.0.1:9/herald does not answer",
    ),
    (["slo", "status", "--data", "nowhere"], 3, "no database runs in nowhere — start one with herald up"),
    (["slo", "status", "--database", "nonsense"], 2, "cannot be used as a database URL — write it as postgresql://"),
    (["slo", "gate", "memory-read-success", "--min-budget", "nan"], 2, "nan is no share — give --min-budget 0 to 1"),
    (
        ["report", "--window", "fortnight"],
        2,
        "'fortnight' is not a duration — write a whole number and one of s, m, h",
    ),
    (["report", "--window", "0d"], 2, "a report over 0d says nothing — give --window at least 1h"),
    (["gameday", "run", "--fault", "memory.F99"], 2, "there is no fault 'memory.F99' — choose one of memory.F1"),
    (["gameday", "run", "--fault", "memory.F1", "--seed", "-1"], 2, "Invalid value for '--seed'"),
    (["gameday", "play", "memory.S1", "--seed", "-1"], 2, "Invalid value for '--seed'"),
    (["gameday", "sweep", "--seed", "-1"], 2, "Invalid value for '--seed'"),
    (["agents", "--seed", "-1"], 2, "Invalid value for '--seed'"),
    (["gameday", "run", "--all", "--fleet", "fleet.yaml"], 2, "fleet.yaml: sites = 3: must be a list"),
    (["fault", "inject", "memory.F99"], 2, "there is no fault 'memory.F99' — choose one of memory.F1"),
    (["fault", "inject", "memory.F7", "--for", "soon"], 2, "'soon' is not a duration"),
    (["fault", "inject", "memory.F7", "--magnitude", "nan"], 2, "memory.F7: magnitude nan is out of range"),
    (["fault", "clear", "--data", "nowhere"], 2, "there is no Herald in nowhere — start it with herald up"),
    (["import", "ibm-properties", "foreign.json"], 2, "foreign.json: is not an IBM calibration snapshot"),
    (["import", "ibm-properties", "truncated.json"], 2, "truncated.json:8:73: is not JSON"),
    (["gameday", "scenarios", "fleet.yaml"], 2, "fleet.yaml: title: is missing"),
    (["agents", "--fleet", "fleet.yaml"], 2, "fleet.yaml: sites = 3: must be a list"),
    (
        ["rules", "build", "--out", "file/rules"],
        3,
        "community-calibration-freshness.yml: Not a directory",
    ),
    (["collect", "--grpc", "", "--http", ""], 2, "there is no door to collect at — give --grpc or --http an address"),
    (
        ["token", "create", "a", "--tenant", "lab", "--any-site", "--expires", "0d"],
        2,
        "--expires: a token needs some time",
    ),
    (["up", "--data", "file/below"], 3, "cannot make file/below: Not a directory — choose another directory"),
]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """What `herald slo check` says about all objective files at once."""
    folder = tmp_path_factory.mktemp("objectives")
    write_files(folder)
    return run_herald("slo", "check", *(folder / name for name in [*WRONG_OBJECTIVES, "valid.yaml"]))


@pytest.mark.parametrize("file", WRONG_OBJECTIVES)
def test_a_wrong_objective_file_is_refused_with_its_line(checked: subprocess.CompletedProcess[str], file: str):
    place, words = WRONG_OBJECTIVES[file]
    said = [line for line in checked.stderr.splitlines() if f"/{file}:" in line]
    assert (checked.returncode, checked.stdout) == (1, "")
    assert any(f"/{file}{place}" in line and words in line for line in said), said
    assert said[-1].endswith(f"/{file}: invalid")


@pytest.mark.parametrize(("arguments", "status", "sentence"), COMMANDS, ids=[" ".join(c[0])[:40] for c in COMMANDS])
def test_a_bad_command_is_answered_in_one_sentence(folder: Path, arguments: list[str], status: int, sentence: str):
    done = run_herald(*arguments)
    assert done.returncode == status, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


@pytest.mark.parametrize("command", ["up", "collect"])
def test_a_read_only_directory_is_refused(tmp_path: Path, command: str):
    mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
    locked = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, str(tmp_path)]
    if subprocess.run([*locked, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("nobody may mount anything here; allow user namespaces")
    argv = [*locked, *HERALD, command, "--data", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=plain_environment(), timeout=60)
    assert done.returncode == 3
    assert done.stderr == (
        f"herald: cannot make {tmp_path}: Read-only file system — "
        "choose another directory with --data or correct its permissions\n"
    )


def post(url: str, body: bytes, kind: str = PROTOBUF) -> tuple[int, str]:
    """Send metrics; return the status and what a refusal says."""
    request = urllib.request.Request(f"{url}/v1/metrics", data=body, headers={"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as refused:
        body = refused.read()
        return refused.code, str(Status.FromString(body).message) if kind == PROTOBUF else body.decode()


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        (b"\xff", PROTOBUF, 400, "the body of 1 bytes is not a protobuf ExportMetricsServiceRequest"),
        (bytes(64 * 1024**2 + 1), PROTOBUF, 413, "split the request into smaller batches"),
        (b"", "text/plain", 415, "'text/plain' is not one of OTLP"),
    ],
    ids=["no protobuf", "too large", "another type"],
)
def test_a_bad_request_is_refused_with_the_reason(
    platform: Platform, body: bytes, kind: str, status: int, words: str
):
    answered, said = post(platform.otlp_url, body, kind)
    assert answered == status
    assert words in said


def test_a_clock_that_runs_ahead_does_not_hide_how_old_the_data_is(platform: Platform):
    tomorrow = gauge([1.0], name="test.ahead", time_ns=time.time_ns() + 86_400 * 10**9)
    assert post(platform.otlp_url, metrics_request(tomorrow).SerializeToString()) == (200, "")
    eventually(lambda: platform.ask("select 1 from series where metric = 'test.ahead'"), "it is stored")
    assert platform.health()["age_seconds"] > 0


def test_what_arrives_while_the_database_is_away_is_stored_when_it_is_back(platform: Platform):
    present = gauge([42.0], name="test.away", time_ns=time.time_ns())
    with asleep(platform):
        assert post(platform.otlp_url, metrics_request(present).SerializeToString()) == (200, "")
    stored = "select value from point join series on series.id = series_id where metric = 'test.away'"
    eventually(lambda: platform.ask(stored) == [(42.0,)], "the acknowledged point is stored")


@contextlib.contextmanager
def asleep(platform: Platform) -> Iterator[None]:
    """Let the platform's PostgreSQL answer nobody for the block."""
    found = processes_of(platform.data)
    servers = [pid for pid, command in found.items() if "postgres" in command.split("--data")[0]]
    for pid in servers:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in servers:
            os.kill(pid, signal.SIGCONT)
