"""IBM calibration snapshots (`props_*.json`): what a provider says about its qubits and gates, as gauges.

Every value keeps its own measurement time; the file's `last_update_date` is not one. T1 and T2 are measured hours
or days apart, so T2 > 2 T1 occurs in real snapshots: it is kept and flagged. `gate_error` 1.0 is IBM's word for a
gate that does not work: flagged, never stored as a value. An impossible value is refused with its reason
and leaves an event. A file that is not such a snapshot is refused as a whole, before anything is sent.
Where the files come from: the PyPI package `qiskit-ibm-runtime`, folder `fake_provider/backends`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from exporters.delivery import Send, Signal
from exporters.encode import encode_metrics
from exporters.encode_events import encode_logs
from exporters.identity import import_resource
from exporters.json_places import Place, load_json
from model import names
from model.attributes import Attributes, attributes
from model.readings import Happening, Level, Readings
from model.recording import record_readings
from model.units import SECONDS_PER

FLAG_T2_ABOVE_TWICE_T1: Final = "t2_above_twice_t1"
FLAG_GATE_BROKEN: Final = "gate_broken"
FLAG_IMPOSSIBLE: Final = "impossible_value"
_BROKEN_GATE_ERROR: Final = 1.0

_QUBIT_TIMES: Final = {"T1": names.METRIC_QUBIT_T1, "T2": names.METRIC_QUBIT_T2}
_QUBIT_ERRORS: Final = {
    "readout_error": names.METRIC_QUBIT_READOUT_ERROR,
    "prob_meas0_prep1": names.METRIC_QUBIT_READOUT_ERROR_GIVEN_ONE,
    "prob_meas1_prep0": names.METRIC_QUBIT_READOUT_ERROR_GIVEN_ZERO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A value that was left out: where it stands and why."""

    place: str
    reason: str


@dataclass(slots=True, kw_only=True)
class Snapshot:
    """What one file holds. `flagged` counts suspicious values, whether kept (T2) or not (a broken gate)."""

    file: str
    backend: str
    levels: list[Level] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    flagged: int = 0
    refused: list[Refusal] = field(default_factory=list)

    @property
    def stored(self) -> int:
        """Return how many values are sent to be stored."""
        return len(self.levels)


def load_ibm_properties(path: Path) -> Snapshot:
    """Return the snapshot in a file.

    Raises InvalidInputError with file, place and reason for a file that is not an IBM snapshot.
    """
    document = load_json(path)
    if not isinstance(document.value, dict) or "backend_name" not in document.value:
        document.refuse("is not an IBM calibration snapshot: it has no 'backend_name'")
    snapshot = Snapshot(file=str(path), backend=document.get("backend_name").text())
    for index, qubit in enumerate(document.get("qubits").items()):
        _read_qubit(snapshot, str(index), qubit)
    for gate in document.get("gates").items():
        _read_gate(snapshot, gate)
    if not snapshot.levels:
        document.refuse("holds no calibration value")
    return snapshot


def encode_snapshot(snapshot: Snapshot) -> list[tuple[Signal, bytes]]:
    """Return the snapshot's requests; the same file always gives the same bytes."""
    times = [level.measured_at_ns for level in snapshot.levels]
    recording = record_readings(
        Readings(
            site="",
            start_ns=min(times),
            end_ns=max(times),
            levels=snapshot.levels,
            happenings=snapshot.happenings,
        )
    )
    resource = import_resource("ibm-properties")
    requests = [
        (Signal.METRICS, encode_metrics([recording], resource=resource)),
        (Signal.LOGS, encode_logs([recording], resource=resource)),
    ]
    return [(signal, body) for signal, body in requests if body]


def import_ibm_properties(path: Path, send: Send) -> Snapshot:
    """Send the snapshot in a file through `send` and return it; a file that is refused sends nothing."""
    snapshot = load_ibm_properties(path)
    for signal, body in encode_snapshot(snapshot):
        send(signal, body)
    return snapshot


def _read_qubit(snapshot: Snapshot, qubit: str, place: Place) -> None:
    of_qubit = {names.ATTR_BACKEND_ID: snapshot.backend, names.ATTR_QUBIT_ID: qubit}
    times: dict[str, Level] = {}
    for parameter in place.items():
        name = parameter.get("name").text()
        if name in _QUBIT_TIMES:
            level = _read_level(
                snapshot, parameter, _QUBIT_TIMES[name], of_qubit, read=_read_seconds, check=_check_time
            )
            if level is not None:
                times[name] = level
        elif name in _QUBIT_ERRORS:
            _read_level(snapshot, parameter, _QUBIT_ERRORS[name], of_qubit, read=_read_ratio, check=_check_ratio)
    t1, t2 = times.get("T1"), times.get("T2")
    if t1 and t2 and t2.value > 2 * t1.value:
        body = f"T2 {t2.value:g} s > 2 T1, T1 {t1.value:g} s; they were measured at different times"
        _flag(snapshot, FLAG_T2_ABOVE_TWICE_T1, of_qubit, t2.measured_at_ns, body)
        snapshot.flagged += 1


def _read_gate(snapshot: Snapshot, place: Place) -> None:
    of_gate = {
        names.ATTR_BACKEND_ID: snapshot.backend,
        names.ATTR_GATE_NAME: place.get("gate").text(),
        names.ATTR_GATE_QUBITS: "-".join(str(qubit.index()) for qubit in place.get("qubits").items()),
    }
    for parameter in place.get("parameters").items():
        name = parameter.get("name").text()
        if name == "gate_length":
            _read_level(
                snapshot,
                parameter,
                names.METRIC_GATE_DURATION,
                of_gate,
                read=_read_seconds,
                check=_check_length,
            )
        elif name == "gate_error" and _is_broken(parameter):
            body = "the provider reports error 1, which stands for a gate that does not work"
            _flag(snapshot, FLAG_GATE_BROKEN, of_gate, parameter.get("date").time_ns(), body)
            snapshot.flagged += 1
        elif name == "gate_error":
            _read_level(snapshot, parameter, names.METRIC_GATE_ERROR, of_gate, read=_read_ratio, check=_check_ratio)


def _read_level(
    snapshot: Snapshot,
    parameter: Place,
    metric: str,
    subject: dict[str, str],
    *,
    read: Callable[[Place], float],
    check: Callable[[float], str],
) -> Level | None:
    """Add a parameter's value as a level, or refuse it; None where there is no (possible) value."""
    if parameter.find("value") is None and "value" in parameter.value:
        return None  # null: not measured
    value, time_ns = read(parameter), parameter.get("date").time_ns()
    reason = check(value)
    if reason:
        name = parameter.get("name").text()
        snapshot.refused.append(Refusal(place=parameter.path, reason=f"{name} {reason}"))
        _flag(snapshot, FLAG_IMPOSSIBLE, subject, time_ns, f"{name} {reason}")
        return None
    level = Level(metric=metric, attributes=_attributes(subject), value=value, measured_at_ns=time_ns)
    snapshot.levels.append(level)
    return level


def _flag(snapshot: Snapshot, flag: str, subject: dict[str, str], time_ns: int, body: str) -> None:
    snapshot.happenings.append(
        Happening(
            event=names.EVENT_ESTIMATE_FLAGGED,
            attributes=_attributes({**subject, names.ATTR_FLAG: flag}),
            time_ns=time_ns,
            body=body,
            severity="WARN",
        )
    )


def _attributes(values: dict[str, str]) -> Attributes:
    return attributes(dict(values))


def _is_broken(parameter: Place) -> bool:
    value = parameter.find("value")
    return value is not None and value.number() == _BROKEN_GATE_ERROR


def _read_seconds(parameter: Place) -> float:
    unit = parameter.get("unit")
    seconds_per_unit = SECONDS_PER.get(unit.text().replace("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}"))
    if seconds_per_unit is None:
        unit.refuse(f"{unit.value!r} is not a unit of time", f"expected one of {', '.join(SECONDS_PER)}")
    return parameter.get("value").number() * seconds_per_unit


def _read_ratio(parameter: Place) -> float:
    unit = parameter.find("unit")
    if unit is not None and unit.value not in ("", "1"):
        unit.refuse(f"{unit.value!r} is not the unit of a ratio", "an error must have the unit ''")
    return parameter.get("value").number()


def _check_time(value_s: float) -> str:
    return "" if math.isfinite(value_s) and value_s > 0 else f"{value_s:g} s is not a positive time"


def _check_length(value_s: float) -> str:
    return "" if math.isfinite(value_s) and value_s >= 0 else f"{value_s:g} s is not a duration"


def _check_ratio(value: float) -> str:
    return "" if 0 <= value <= 1 else f"{value:g} is not between 0 and 1"
