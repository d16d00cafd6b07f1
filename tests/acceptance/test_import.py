"""`herald import ibm-properties`, the real command, into a real collector and database."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from store.database import connect
from tests.acceptance.collecting import CollectorProcess

PAIR = Path(__file__).parents[1] / "unit" / "exporters" / "data" / "props_pair.json"


def run_import(collector: CollectorProcess, *files: Path, as_json: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "herald", "import", "ibm-properties", f"--otlp={collector.http_url}"]
    command += ["--json"] if as_json else []
    return subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)


def ask(database: str, query: str) -> list[tuple[Any, ...]]:
    with connect(database) as connection:
        return connection.execute(query.encode()).fetchall()


def changed(tmp_path: Path, name: str, **changes: Any) -> Path:
    """Write the snapshot with other top-level members."""
    path = tmp_path / name
    path.write_text(json.dumps(json.loads(PAIR.read_text(encoding="utf-8")) | changes), encoding="utf-8")
    return path


def without_t1(document: dict[str, Any]) -> list[Any]:
    """Return the qubits of a snapshot that was taken before T1 was measured again."""
    return [[parameter for parameter in qubit if parameter["name"] != "T1"] for qubit in document["qubits"]]


def count_stored(database: str) -> tuple[int, int]:
    """Return how many points and events are stored."""
    ((points, events),) = ask(database, "select (select count(*) from point), (select count(*) from event)")
    return points, events


def test_values_are_stored_at_the_time_they_were_measured_and_flagged(collector: CollectorProcess, database: str):
    done = run_import(collector, PAIR)
    assert done.returncode == 0, done.stderr
    counts = {"files": 1, "files_refused": 0, "stored": 10, "flagged": 2, "refused": 0}
    assert counts.items() <= json.loads(done.stdout).items()
    collector.stop()
    assert count_stored(database) == (10, 2)
    # T2 above twice T1 is kept; offsets of -5, +2 and +9 hours are minded; the date of the file counts for nothing.
    t2 = """select qubit, round(value::numeric, 9), time from metric."quantum.qubit.t2" order by 1"""
    assert ask(database, t2) == [
        ("0", Decimal("0.000250"), datetime(2026, 3, 10, 13, 30, tzinfo=UTC)),
        ("1", Decimal("0.000080"), datetime(2026, 3, 9, 9, 0, 0, 250_000, tzinfo=UTC)),
    ]
    # The error 1 of the gate that does not work is no value.
    assert ask(database, """select gate, value from metric."quantum.gate.error" """) == [("sx", 0.0002)]
    flags = """select attributes ->> 'quantum.flag', attributes ->> 'quantum.qubit.id',
                      attributes ->> 'quantum.gate.qubits'
                 from event order by 1"""
    assert ask(database, flags) == [
        ("gate_broken", None, "1-0"),
        ("t2_above_twice_t1", "0", None),
    ]


def test_what_is_known_is_not_stored_again(collector: CollectorProcess, database: str, tmp_path: Path):
    document = json.loads(PAIR.read_text(encoding="utf-8"))
    older = changed(tmp_path, "older.json", qubits=without_t1(document))
    for file in (older, PAIR, PAIR):  # the second knows one value more, the third none
        done = run_import(collector, file)
        assert done.returncode == 0, done.stderr
    collector.stop()
    assert count_stored(database) == (10, 2)


def test_files_that_are_no_snapshots_are_refused_with_their_place(
    collector: CollectorProcess, database: str, tmp_path: Path
):
    truncated, foreign = tmp_path / "truncated.json", tmp_path / "foreign.json"
    truncated.write_bytes(PAIR.read_bytes()[:300])
    foreign.write_text('{"schemaVersion": 3}', encoding="utf-8")
    mistyped = changed(tmp_path, "mistyped.json", gates=[{"gate": "sx", "qubits": ["a"], "parameters": []}])
    done = run_import(collector, truncated, foreign, mistyped, PAIR.parent / "nowhere.json")
    assert done.returncode == 2
    assert (json.loads(done.stdout)["stored"], json.loads(done.stdout)["files_refused"]) == (0, 4)
    said = " ".join(done.stderr.split())
    assert f"{truncated}:8:73: is not JSON" in said
    assert f"{foreign}: is not an IBM calibration snapshot" in said
    assert f"{mistyped}: gates[0].qubits[0]: must be a whole number" in said
    assert "nowhere.json: cannot be read" in said
    collector.stop()
    assert count_stored(database) == (0, 0)


def test_a_refused_file_does_not_stop_the_others(collector: CollectorProcess, database: str, tmp_path: Path):
    broken = changed(tmp_path, "broken.json", backend_name=7)
    done = run_import(collector, broken, PAIR, as_json=False)
    assert done.returncode == 2
    assert "lab_pair" in done.stdout
    assert "1 files: 10 values stored or there already, 2 flagged, 0 refused; 1 files refused" in " ".join(
        done.stderr.split()
    )
    collector.stop()
    assert count_stored(database) == (10, 2)
