"""The HTTP door: every refusal with status and body, in the encoding of the request."""

import gzip
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import urllib3
from google.protobuf import json_format
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector import CollectorServer, Pipeline, Spool
from collector.testing import UnavailableConsumer
from tests.unit.collector.conftest import BODY_LIMIT, QUICK, Running
from tests.unit.collector.messages import (
    body_of,
    gauge,
    logs_request,
    metrics_request,
    to_otlp_json,
    traces_request,
)

PROTOBUF, JSON = "application/x-protobuf", "application/json"
REQUESTS = {"metrics": metrics_request(gauge([1.0])), "logs": logs_request(), "traces": traces_request()}
RESPONSES = {
    "metrics": ExportMetricsServiceResponse(),
    "logs": ExportLogsServiceResponse(),
    "traces": ExportTraceServiceResponse(),
}


def post(
    http: urllib3.PoolManager, url: str, body: Any, kind: str = PROTOBUF, **headers: str
) -> urllib3.BaseHTTPResponse:
    return http.request("POST", url, body=body, headers={"Content-Type": kind, **headers})


def status_of(answer: urllib3.BaseHTTPResponse) -> Any:
    if answer.headers["content-type"] == PROTOBUF:
        return Status.FromString(answer.data)
    return json_format.Parse(answer.data, Status())


@pytest.mark.parametrize("signal", REQUESTS)
def test_protobuf_is_answered_in_protobuf(running: Running, http, signal):
    answer = post(http, f"{running.http}/v1/{signal}", REQUESTS[signal].SerializeToString())
    assert (answer.status, answer.headers["content-type"]) == (200, PROTOBUF)
    assert type(RESPONSES[signal]).FromString(answer.data) == RESPONSES[signal]
    assert running.pipeline.flush(10)
    assert len(running.consumer.batches) == 1


@pytest.mark.parametrize("signal", REQUESTS)
def test_json_is_answered_in_json(running: Running, http, signal):
    body = json.dumps(to_otlp_json(REQUESTS[signal]))
    answer = post(http, f"{running.http}/v1/{signal}", body, "application/json; charset=utf-8")
    assert (answer.status, answer.headers["content-type"], answer.json()) == (200, JSON, {})
    assert running.pipeline.flush(10)
    assert len(running.consumer.batches) == 1


def in_two_members(body: bytes) -> bytes:
    """Pack a body so that it says to hold less than it does."""
    return gzip.compress(body[:-5]) + gzip.compress(body[-5:])


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("identity", bytes), ("GZIP", gzip.compress), ("gzip", in_two_members)],
)
def test_bodies_may_be_compressed(running: Running, http, coding, pack):
    answer = post(http, f"{running.http}/v1/metrics", pack(body_of(4.0)), **{"Content-Encoding": coding})
    assert answer.status == 200
    assert running.pipeline.flush(10)
    assert running.consumer.values() == [4.0]


def test_bad_points_are_told_with_count_and_example(running: Running, http):
    message = metrics_request(gauge([1.0]), gauge([2.0, 3.0], time_ns=2**63))
    answer = post(http, f"{running.http}/v1/metrics", message.SerializeToString())
    partial = ExportMetricsServiceResponse.FromString(answer.data).partial_success
    assert (answer.status, partial.rejected_data_points) == (200, 2)
    assert "beyond the year 2262" in partial.error_message


@pytest.mark.parametrize(
    ("signal", "field"),
    [("metrics", "rejectedDataPoints"), ("logs", "rejectedLogRecords"), ("traces", "rejectedSpans")],
)
def test_json_counts_are_strings(running: Running, http, signal, field):
    document = json.loads(json.dumps(to_otlp_json(REQUESTS[signal])).replace("17000000000000", "97000000000000"))
    answer = post(http, f"{running.http}/v1/{signal}", json.dumps(document), JSON)
    assert answer.json()["partialSuccess"][field] == "1"


def test_an_empty_request_is_a_success(running: Running, http):
    assert post(http, f"{running.http}/v1/metrics", b"").status == 200


GOOD = body_of(1.0)
HUGE = b'{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"asDouble":1%s}]}}]}]}]}' % (
    b"0" * 400
)
REFUSALS = {
    "not protobuf": (GOOD[:-1], PROTOBUF, {}, 400, "not a protobuf ExportMetricsServiceRequest"),
    "not json": (b"{", JSON, {}, 400, "not OTLP/JSON"),
    "a number beyond a double": (HUGE, JSON, {}, 400, "not OTLP/JSON"),
    "protobuf called json": (GOOD, JSON, {}, 400, "not OTLP/JSON"),
    "not gzip": (GOOD, PROTOBUF, {"Content-Encoding": "gzip"}, 400, "not gzip"),
    "truncated gzip": (gzip.compress(GOOD)[:-4], PROTOBUF, {"Content-Encoding": "gzip"}, 400, "truncated"),
    "truncated gzip of json": (gzip.compress(b"{}")[:-4], JSON, {"Content-Encoding": "gzip"}, 400, "truncated"),
    "too large": (bytes(BODY_LIMIT + 1), PROTOBUF, {}, 413, "larger than 100000 bytes"),
    "far too large": (bytes(BODY_LIMIT * 10), JSON, {}, 413, "larger than 100000 bytes"),
    "gzip bomb": (
        gzip.compress(bytes(50_000_000)),
        PROTOBUF,
        {"Content-Encoding": "gzip"},
        413,
        "larger than 100000 bytes",
    ),
    "wrong content type": (GOOD, "text/plain", {}, 415, "'text/plain' is not one of OTLP"),
    "no content type": (GOOD, "", {}, 415, "'' is not one of OTLP"),
    "unknown compression": (GOOD, PROTOBUF, {"Content-Encoding": "br"}, 415, "'br' is not supported"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refused_requests_have_status_and_reason(running: Running, http, case):
    body, kind, headers, status, words = REFUSALS[case]
    answer = post(http, f"{running.http}/v1/metrics", body, kind, **headers)
    assert answer.status == status
    assert answer.headers["content-type"] == (PROTOBUF if kind == PROTOBUF else JSON)
    assert words in status_of(answer).message
    assert "retry-after" not in answer.headers
    assert running.consumer.batches == []


def test_a_body_without_announced_length_has_the_same_limit(running: Running, http):
    chunks = (bytes(10_000) for _ in range(15))
    answer = http.request(
        "POST", f"{running.http}/v1/metrics", body=chunks, headers={"Content-Type": PROTOBUF}, chunked=True
    )
    assert answer.status == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post_exports(running: Running, http, method):
    answer = http.request(method, f"{running.http}/v1/metrics")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_an_unknown_path_is_not_found(running: Running, http):
    answer = post(http, f"{running.http}/v1/profiles", b"")
    assert answer.status == 404
    assert "/v1/profiles" in status_of(answer).message


def test_a_client_that_hangs_up_harms_nobody(running: Running, http):
    host, port = running.http.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(b"POST /v1/metrics HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        client.sendall(b"Content-Length: 100\r\n\r\n{")
    assert http.request("GET", f"{running.http}/healthz").status == 200


def test_a_full_spool_asks_to_come_back_in_a_second(tmp_path, http):
    consumer = UnavailableConsumer()
    spool = Spool(tmp_path, max_bytes=600)
    with (
        Pipeline(spool, consumer, settings=QUICK) as pipeline,
        CollectorServer(None, "127.0.0.1:0", pipeline) as server,
    ):
        url = f"http://127.0.0.1:{server.http_port}"
        answers = [post(http, f"{url}/v1/metrics", body_of(float(i))) for i in range(5)]
        assert (answers[-1].status, answers[-1].headers["retry-after"]) == (503, "1")
        assert "the spool in" in status_of(answers[-1]).message
        consumer.recover()
        assert pipeline.flush(10)
        assert post(http, f"{url}/v1/metrics", body_of(9.0)).status == 200
    spool.close()


def test_operators_see_health_readiness_and_numbers(running: Running, http):
    message = metrics_request(gauge([1.0, 2.0]), gauge([3.0], time_ns=0))
    post(http, f"{running.http}/v1/metrics", message.SerializeToString())
    post(http, f"{running.http}/v1/metrics", b"\xff")
    assert running.pipeline.flush(10)
    assert http.request("GET", f"{running.http}/healthz").json() == {"status": "ok"}
    ready = http.request("GET", f"{running.http}/readyz")
    assert (ready.status, ready.json()["database_taking_data"]) == (200, True)
    numbers = http.request("GET", f"{running.http}/metrics").data.decode()
    for line in (
        'herald_collector_accepted_items_total{signal="metrics"} 2.0',
        'herald_collector_rejected_items_total{reason="time",signal="metrics"} 1.0',
        'herald_collector_refused_requests_total{error="UndecodableError"} 1.0',
        "herald_collector_drained_items_total 2.0",
        "herald_collector_spool_bytes 0.0",
        "herald_collector_database_up 1.0",
    ):
        assert line in numbers


def test_who_asks_at_once_whether_it_is_ready_gets_one_answer(running: Running, http: urllib3.PoolManager):
    with ThreadPoolExecutor(16) as many:
        asked = [many.submit(http.request, "GET", f"{running.http}/readyz") for _ in range(200)]
        answers = [each.result() for each in asked]
    assert {answer.status for answer in answers} == {200}, [a.json()["trouble"] for a in answers if a.status != 200]


def test_a_collector_that_can_keep_nothing_is_not_ready(tmp_path, http: urllib3.PoolManager):
    spool = Spool(tmp_path)
    with (
        Pipeline(spool, UnavailableConsumer(), settings=QUICK) as pipeline,
        CollectorServer(None, "127.0.0.1:0", pipeline) as server,
    ):
        spool.close()
        ready = http.request("GET", f"http://127.0.0.1:{server.http_port}/readyz")
        assert ready.status == 503
        assert not ready.json()["taking_requests"]
