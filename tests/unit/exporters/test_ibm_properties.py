"""IBM calibration snapshots: values with their own times, flags for the odd, refusals for the impossible."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from exporters.delivery import Signal
from exporters.ibm_properties import encode_snapshot, import_ibm_properties, load_ibm_properties
from model import names
from model.clock import to_ns
from model.errors import InvalidInputError
from model.readings import Level
from tests.unit.exporters.stations import read_metrics, read_records

PAIR = Path(__file__).parent / "data" / "props_pair.json"
Change = Callable[[dict[str, Any]], object]


def find(levels: list[Level], metric: str, **labels: str) -> Level:
    wanted = {names.ATTR_BACKEND_ID: "lab_pair", **{f"quantum.{key}": value for key, value in labels.items()}}
    (level,) = [
        level for level in levels if level.metric == metric and wanted.items() <= dict(level.attributes).items()
    ]
    return level


def written(tmp_path: Path, change: Change) -> Path:
    document = json.loads(PAIR.read_text(encoding="utf-8"))
    change(document)
    path = tmp_path / "props_changed.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("metric", "labels", "value", "measured"),
    [
        (names.METRIC_QUBIT_T1, {"qubit.id": "0"}, 100e-6, "2026-03-10T13:00:00+00:00"),
        (names.METRIC_QUBIT_T2, {"qubit.id": "0"}, 250e-6, "2026-03-10T13:30:00+00:00"),
        (names.METRIC_QUBIT_T2, {"qubit.id": "1"}, 80e-6, "2026-03-09T09:00:00.250000+00:00"),
        (names.METRIC_QUBIT_READOUT_ERROR, {"qubit.id": "0"}, 0.02, "2026-03-10T09:00:00+00:00"),
        (names.METRIC_QUBIT_READOUT_ERROR_GIVEN_ONE, {"qubit.id": "0"}, 0.04, "2026-03-10T09:00:00+00:00"),
        (names.METRIC_QUBIT_READOUT_ERROR_GIVEN_ZERO, {"qubit.id": "0"}, 0.0, "2026-03-10T09:00:00+00:00"),
        (names.METRIC_GATE_ERROR, {"gate.name": "sx", "gate.qubits": "0"}, 2e-4, "2026-03-08T09:00:00+00:00"),
        (names.METRIC_GATE_DURATION, {"gate.name": "sx"}, 60e-9, "2026-03-11T04:00:00+00:00"),
        (names.METRIC_GATE_DURATION, {"gate.qubits": "1-0"}, 84e-9, "2026-03-11T04:00:00+00:00"),
    ],
)
def test_every_value_is_in_si_units_at_its_own_time(
    metric: str, labels: dict[str, str], value: float, measured: str
) -> None:
    level = find(load_ibm_properties(PAIR).levels, metric, **labels)
    assert level.value == pytest.approx(value, rel=1e-12)
    assert level.measured_at_ns == to_ns(datetime.fromisoformat(measured))


def test_a_missing_t1_is_missing() -> None:
    levels = load_ibm_properties(PAIR).levels
    assert [level for level in levels if level.metric == names.METRIC_QUBIT_T1] == [
        find(levels, names.METRIC_QUBIT_T1, **{"qubit.id": "0"})
    ]


def test_suspicious_values_leave_an_event_with_the_time_of_the_measurement() -> None:
    snapshot = load_ibm_properties(PAIR)
    flags = {dict(h.attributes)[names.ATTR_FLAG]: h for h in snapshot.happenings}
    assert snapshot.flagged == 2
    assert dict(flags["t2_above_twice_t1"].attributes)[names.ATTR_QUBIT_ID] == "0"
    assert dict(flags["gate_broken"].attributes)[names.ATTR_GATE_QUBITS] == "1-0"
    assert flags["gate_broken"].time_ns == to_ns(datetime.fromisoformat("2026-03-08T11:00:00+00:00"))
    assert {h.event for h in snapshot.happenings} == {names.EVENT_ESTIMATE_FLAGGED}


def test_the_error_of_a_broken_gate_is_not_a_value() -> None:
    errors = [v for v in load_ibm_properties(PAIR).levels if v.metric == names.METRIC_GATE_ERROR]
    assert [dict(v.attributes)[names.ATTR_GATE_NAME] for v in errors] == ["sx"]


def test_a_t2_of_exactly_twice_t1_is_not_suspicious(tmp_path: Path) -> None:
    path = written(tmp_path, lambda d: d["qubits"][0][1].update(value=200.0))
    assert load_ibm_properties(path).flagged == 1


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        (lambda d: d["qubits"][0][0].update(value=0), "qubits[0][0]", "T1 0 s is not a positive time"),
        (lambda d: d["qubits"][0][0].update(value=-5), "qubits[0][0]", "T1 -5e-06 s is not a positive time"),
        (lambda d: d["qubits"][0][1].update(value=float("nan")), "qubits[0][1]", "T2 nan s is not"),
        (lambda d: d["qubits"][0][1].update(value=10**400), "qubits[0][1]", "T2 inf s is not a positive"),
        (lambda d: d["qubits"][0][3].update(value=1.5), "qubits[0][3]", "readout_error 1.5 is not between"),
        (lambda d: d["gates"][0]["parameters"][0].update(value=-0.1), "gates[0].parameters[0]", "gate_error -0.1"),
        (lambda d: d["gates"][0]["parameters"][1].update(value=-1), "gates[0].parameters[1]", "gate_length -1e-09 s"),
    ],
)  # fmt: skip
def test_an_impossible_value_is_refused_and_leaves_an_event(
    tmp_path: Path, change: Change, place: str, reason: str
) -> None:
    snapshot = load_ibm_properties(written(tmp_path, change))
    (refusal,) = snapshot.refused
    assert refusal.place == place
    assert refusal.reason.startswith(reason)
    assert snapshot.stored == load_ibm_properties(PAIR).stored - 1
    assert "impossible_value" in {dict(h.attributes)[names.ATTR_FLAG] for h in snapshot.happenings}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.pop("backend_name"), "is not an IBM calibration snapshot"),
        (lambda d: d.update(backend_name=7), "backend_name: must be a text, not a number"),
        (lambda d: d.pop("qubits"), "'qubits' is missing"),
        (lambda d: d.update(qubits={}), "qubits: must be an array, not an object"),
        (lambda d: d.update(qubits=[], gates=[]), "holds no calibration value"),
        (lambda d: d["qubits"].append("T1"), r"qubits\[2\]: must be an array, not a text"),
        (lambda d: d["qubits"][0].append(3), r"qubits\[0\]\[7\]: must be an object, not a number"),
        (lambda d: d["qubits"][0][0].update(value="100"), r"qubits\[0\]\[0\].value: must be a number, not a text"),
        (lambda d: d["qubits"][0][0].update(value=True), "value: must be a number, not a truth value"),
        (lambda d: d["qubits"][0][0].pop("value"), r"qubits\[0\]\[0\]: 'value' is missing"),
        (lambda d: d["qubits"][0][0].pop("date"), "'date' is missing"),
        (lambda d: d["qubits"][0][0].update(date="yesterday"), "date: 'yesterday' is not an ISO 8601 time"),
        (lambda d: d["qubits"][0][0].update(date="2026-03-10T08:00:00"), "has no UTC offset"),
        (lambda d: d["qubits"][0][0].update(unit="GHz"), "unit: 'GHz' is not a unit of time"),
        (lambda d: d["qubits"][0][3].update(unit="%"), "unit: '%' is not the unit of a ratio"),
        (lambda d: d["gates"][0].update(qubits=["a"]), r"gates\[0\].qubits\[0\]: must be a whole number"),
        (lambda d: d["gates"][0].pop("gate"), r"gates\[0\]: 'gate' is missing"),
    ],
)  # fmt: skip
def test_a_wrongly_typed_snapshot_is_refused_with_its_place(tmp_path: Path, change: Change, sentence: str) -> None:
    path = written(tmp_path, change)
    with pytest.raises(InvalidInputError, match=sentence) as caught:
        load_ibm_properties(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (PAIR.read_bytes()[:300], r"props.json:8:73: is not JSON"),
        (b"", "props.json:1:1: is not JSON"),
        (b"[1, 2]", "is not an IBM calibration snapshot"),
        (b'{"schemaVersion": 3}', "is not an IBM calibration snapshot"),
        (b"\xff\xfe{}", "is not UTF-8 text at byte 0"),
        (b"[" * 200_000, "cannot be taken in"),
    ],
)
def test_a_truncated_or_foreign_file_sends_nothing(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "props.json"
    path.write_bytes(content)
    sent: list[bytes] = []
    with pytest.raises(InvalidInputError, match=sentence):
        import_ibm_properties(path, lambda _signal, body: sent.append(body))
    assert sent == []


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"nowhere.json: cannot be read"):
        load_ibm_properties(tmp_path / "nowhere.json")


def test_a_snapshot_is_sent_in_full() -> None:
    sent: dict[Signal, bytes] = {}
    snapshot = import_ibm_properties(PAIR, lambda signal, body: sent.update({signal: body}))
    points = [p for metric in read_metrics(sent[Signal.METRICS]) for p in metric.gauge.data_points]
    assert len(points) == snapshot.stored == 10
    assert len(read_records(sent[Signal.LOGS])) == len(snapshot.happenings) == 2


def test_the_same_file_gives_the_same_requests() -> None:
    assert encode_snapshot(load_ibm_properties(PAIR)) == encode_snapshot(load_ibm_properties(PAIR))


def test_a_date_before_1970_is_refused_with_its_place(tmp_path: Path) -> None:
    path = written(tmp_path, lambda d: d["qubits"][0][0].update(date="1960-01-01T00:00:00+00:00"))
    with pytest.raises(InvalidInputError, match=r"qubits\[0\]\[0\]\.date.* is not a time between 1970 and 2262"):
        load_ibm_properties(path)
