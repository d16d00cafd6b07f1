"""The table of answers with its words spelt out: bodies, paths, content types; and the page that shows it."""

import gzip
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.message import Message
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from collector.otlp_grpc import SERVICES
from collector.signals import Signal
from model import names
from model.clock import DAY_NS
from model.yaml_text import parse_yaml
from tests.unit.collector.messages import (
    counter,
    gauge,
    logs_request,
    metrics_request,
    to_otlp_json,
    traces_request,
)

TABLE = Path(__file__).with_name("answers.yaml")
TYPES = {"protobuf": "application/x-protobuf", "json": "application/json"}
TOO_LARGE_BYTES = 65 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line of the table, as it stands there; `http` says which door."""

    door: str
    case: str
    path: str
    body: str
    status: int | str
    answer: str
    method: str = "POST"
    type: str = "protobuf"
    coding: str = ""
    packed: bool | str = True
    token: str = "good"
    state: str = "well"
    rejected: int = 0
    retry: bool = False
    message: str = ""

    @property
    def signal(self) -> Signal:
        """The signal that the path names, metrics for foreign ones."""
        return next((signal for signal in Signal if signal in self.path), Signal.METRICS)

    @property
    def grpc_method(self) -> str:
        """The full name of the gRPC method."""
        return self.path if self.path.startswith("/") else f"/{SERVICES[Signal(self.path)]}/Export"

    def encode(self) -> bytes:
        """Return the body as it travels; over gRPC, grpc itself packs it."""
        plain = _encode(BODIES[self.body](), as_json=self.type == "json")
        if self.door == "grpc" or self.coding != "gzip" or self.packed is False:
            return plain
        packed = gzip.compress(plain, compresslevel=1)
        return packed[:-4] if self.packed == "cut" else packed


def load_cases(door: str) -> list[Case]:
    """Return the lines of one door."""
    return [Case(door=door, **line) for line in parse_yaml(TABLE.read_text(encoding="utf-8"))[door]]


def _encode(body: Message | bytes | dict[str, Any], *, as_json: bool) -> bytes:
    if isinstance(body, bytes):
        return body if body or not as_json else b"{}"
    if isinstance(body, dict):
        return json.dumps(body).encode()
    return json.dumps(to_otlp_json(body)).encode() if as_json else body.SerializeToString()


def _now_ns() -> int:
    """Return a time that no retention is near to."""
    return time.time_ns()


def _metrics() -> Message:
    return metrics_request(gauge([1.0], name="conformance.gauge", time_ns=_now_ns()))


def _logs() -> Message:
    message = logs_request()
    message.resource_logs[0].scope_logs[0].log_records[0].time_unix_nano = _now_ns()
    return message


def _traces() -> Message:
    message = traces_request()
    span = message.resource_spans[0].scope_spans[0].spans[0]
    span.start_time_unix_nano = span.end_time_unix_nano = _now_ns()
    return message


def _point_without_time() -> Message:
    return metrics_request(gauge([1.0], time_ns=_now_ns()), gauge([2.0], time_ns=0))


def _start_after_time() -> Message:
    metric = counter(1)
    point = metric.sum.data_points[0]
    point.time_unix_nano = _now_ns()
    point.start_time_unix_nano = point.time_unix_nano + 1
    return metrics_request(metric)


def _wrong_unit() -> Message:
    return metrics_request(gauge([1.0, 2.0], name=names.METRIC_MEMORY_T2, unit="ms", time_ns=_now_ns()))


def _unspecified_temporality() -> Message:
    metric = Metric(name="conformance.counter", unit="1")
    for _ in range(3):
        metric.sum.data_points.add(time_unix_nano=_now_ns(), as_int=1)
    return metrics_request(metric)


def _point_without_value(flags: int = 0) -> Message:
    metric = Metric(name="conformance.gauge")
    metric.gauge.data_points.add(time_unix_nano=_now_ns(), flags=flags)
    return metrics_request(metric)


def _summary() -> Message:
    metric = Metric(name="conformance.summary")
    metric.summary.data_points.add(time_unix_nano=_now_ns(), count=1, sum=1.0)
    return metrics_request(metric)


def _span_without_id() -> Message:
    message = traces_request()
    message.resource_spans[0].scope_spans[0].spans[0].span_id = bytes(8)
    return message


def _log_record_without_time() -> Message:
    message = logs_request()
    message.resource_logs[0].scope_logs[0].log_records[0].time_unix_nano = 0
    return message


def _unknown_keys() -> dict[str, Any]:
    return {**to_otlp_json(metrics_request(gauge([1.0], time_ns=_now_ns()))), "somethingNew": {"a": [1]}}


def _no_hexadecimal_id() -> dict[str, Any]:
    return {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz"}]}]}]}


BODIES: dict[str, Callable[[], Message | bytes | dict[str, Any]]] = {
    "metrics": _metrics,
    "logs": _logs,
    "traces": _traces,
    "empty": bytes,
    "unknown keys": _unknown_keys,
    "a point without time": _point_without_time,
    "a point that starts after its time": _start_after_time,
    "a wrong unit": _wrong_unit,
    "unspecified temporality": _unspecified_temporality,
    "a point without value": _point_without_value,
    "a point without recorded value": lambda: _point_without_value(flags=1),
    "an old point": lambda: metrics_request(gauge([1.0], time_ns=_now_ns() - 91 * DAY_NS)),
    "a point of the future": lambda: metrics_request(gauge([1.0], time_ns=_now_ns() + 2 * DAY_NS)),
    "a summary": _summary,
    "a span without id": _span_without_id,
    "a log record without time": _log_record_without_time,
    "no message": lambda: b"\xff",
    "a JSON array": lambda: b"[]",
    "an id that is not hexadecimal": _no_hexadecimal_id,
    "empty metrics": lambda: metrics_request(*([Metric()] * 1_000_000)),
    "65 MiB": lambda: bytes(TOO_LARGE_BYTES),
}

_HEAD = """# What the collector answers

Generated from the table that a test asks a running collector (`make generate` rewrites this page).

Answers come in the encoding of the request. A refusal is a `google.rpc.Status`; a request of which only a part was
good is a success that says how much was rejected and why. "Again" says whether the client is asked to send the same
request again after one second: `Retry-After` over HTTP, `RetryInfo` over gRPC (in `grpc-status-details-bin`, and in
`google.rpc.retryinfo-bin`, where the Python exporter looks). The specification has a client also send again what it
got no answer to; nothing is stored twice for it.

Limits: a request has 64 MiB after decompression and its headers 16 KiB. It has 100,000 groups, scopes or metrics,
none of its parts is larger than 4 MiB, and in JSON it has a million objects and lists. The first byte and the
headers come within 10 s, an HTTP body at 16 KiB/s or faster, a gRPC message within 10 s; whoever is slower is cut
off. A door holds 4,096 connections. Of gRPC calls 1,024 are under way or waiting; the next one is `UNAVAILABLE`,
with `RetryInfo`.
"""


def render_reference() -> str:
    """Return the page in the documentation."""
    return "\n".join([_HEAD, *_render_http(), "", *_render_grpc()]) + "\n"


def _render_http() -> list[str]:
    lines = ["## HTTP", "", "| request | method and path | type | encoding | status | answer | again |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    for case in load_cases("http"):
        kind = f"`{TYPES.get(case.type, case.type)}`" if case.type else "none"
        cells = (case.case, f"`{case.method} {case.path}`", kind, case.coding or "-", str(case.status))
        lines.append(_row(*cells, _answer(case), "yes" if case.retry else "-"))
    return lines


def _render_grpc() -> list[str]:
    lines = ["## gRPC", "", "| request | method | encoding | status | answer | again |"]
    lines.append("| --- | --- | --- | --- | --- | --- |")
    for case in load_cases("grpc"):
        method = case.grpc_method.removeprefix("/opentelemetry.proto.collector.")
        cells = (case.case, f"`{method}`", case.coding or "-", f"`{case.status}`")
        lines.append(_row(*cells, _answer(case), "yes" if case.retry else "-"))
    return lines


def _answer(case: Case) -> str:
    match case.answer:
        case "success":
            return "empty response"
        case "partial":
            return f"`partial_success`, {case.rejected} rejected: {case.message}"
        case _:
            return case.message or "status only"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
