"""Small requests that would become large in memory are refused by both doors, and no good one is."""

import gzip
from collections.abc import Callable

import grpc
import pytest
import urllib3
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.requests import BUILDERS
from collector import CollectorServer, DirectPipeline, Encoding, Signal
from collector.errors import OutsizeError
from collector.otlp_grpc import SERVICES
from collector.outsize import LARGEST_ITEM_BYTES, MOST_JSON_PARTS, MOST_PARTS, refuse_outsize
from collector.testing import MemoryConsumer
from tests.unit.collector.messages import gauge, logs_request, metrics_request, traces_request
from tests.unit.collector.test_fuzz import varint

EXPORT = f"/{SERVICES[Signal.METRICS]}/Export"


def field(tag: int, content: bytes) -> bytes:
    return bytes([tag]) + varint(len(content)) + content


def in_metric(points: bytes) -> bytes:
    return field(0x0A, field(0x12, field(0x12, field(0x0A, b"a") + field(0x2A, points))))


MANY = 3 * MOST_PARTS + 1
BOMBS = {
    "empty groups": (Signal.METRICS, field(0x0A, b"") * MANY, "00000 parts of one kind"),
    "empty groups of spans": (Signal.TRACES, field(0x0A, b"") * MANY, "00000 parts of one kind"),
    "empty scopes of logs": (Signal.LOGS, field(0x0A, field(0x12, b"") * MANY), "00000 parts of one kind"),
    "empty metrics": (Signal.METRICS, field(0x0A, field(0x12, field(0x12, b"") * MANY)), "00000 parts of one kind"),
    "tags longer than they need be": (Signal.METRICS, b"\x8a\x00\x00" * MANY, "00000 parts of one kind"),
    "a number again and again": (Signal.METRICS, b"\x08\x00" * MANY, "00000 parts of one kind"),
    "empty points": (Signal.METRICS, in_metric(field(0x0A, b"") * 10**6), "more than 111112 parts"),
    "empty spans": (Signal.TRACES, field(0x0A, field(0x12, field(0x12, b"") * 10**6)), "more than 111111 parts"),
    "empty log records": (Signal.LOGS, field(0x0A, field(0x12, field(0x12, b"") * 10**6)), "more than 111111 parts"),
    "a resource without end": (Signal.METRICS, field(0x0A, field(0x0A, bytes(LARGEST_ITEM_BYTES + 1))), "a part of"),
    "a point without end": (Signal.METRICS, in_metric(field(0x0A, bytes(LARGEST_ITEM_BYTES + 1))), "a part of"),
}  # fmt: skip


@pytest.mark.parametrize("what", BOMBS)
def test_bombs_are_refused(what: str):
    signal, body, words = BOMBS[what]
    with pytest.raises(OutsizeError, match=words):
        refuse_outsize(signal, Encoding.PROTOBUF, body)


def test_a_json_bomb_is_refused():
    body = b'{"x":[' + b"{}," * MOST_JSON_PARTS + b"{}]}"
    with pytest.raises(OutsizeError, match="more than 1000000 objects and lists"):
        refuse_outsize(Signal.METRICS, Encoding.JSON, body)


def test_both_doors_refuse_and_ask_to_split(http: urllib3.PoolManager):
    _, body, words = BOMBS["empty metrics"]
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}
    with CollectorServer("127.0.0.1:0", "127.0.0.1:0", DirectPipeline(MemoryConsumer())) as server:
        url = f"http://127.0.0.1:{server.http_port}/v1/metrics"
        answer = http.request("POST", url, body=gzip.compress(body), headers=headers)
        with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
            export: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(EXPORT)
            call = export.future(body, timeout=20)
            code, details = call.code(), call.details()
    assert (answer.status, code) == (413, grpc.StatusCode.RESOURCE_EXHAUSTED)
    for said in (Status.FromString(answer.data).message, details):
        assert words in said
        assert "split the request into smaller batches" in said


@pytest.mark.parametrize(
    ("signal", "make"),
    [
        (Signal.METRICS, lambda: metrics_request(*(gauge(map(float, range(10)), name=f"m{i}") for i in range(9000)))),
        (Signal.METRICS, lambda: metrics_request(gauge([1.0] * 90_000))),
        (Signal.METRICS, lambda: metrics_request(*([gauge([1.0])] * MOST_PARTS))),
        (Signal.LOGS, logs_request),
        (Signal.TRACES, traces_request),
    ],
    ids=["many metrics", "many points", "as many metrics as may be", "logs", "spans"],
)
def test_good_requests_of_any_size_pass(signal: Signal, make: Callable[[], object]):
    body: bytes = make().SerializeToString()  # type: ignore[attr-defined]
    for copies in {1, 2_000_000 // len(body) + 1}:  # to repeat a request is to join them
        refuse_outsize(signal, Encoding.PROTOBUF, body * copies)


@pytest.mark.parametrize("kind", BUILDERS)
def test_what_agents_send_passes(kind: str):
    template = BUILDERS[kind]("delft")
    refuse_outsize(Signal(template.signal), Encoding.PROTOBUF, template.next() * 10)


@given(junk=st.binary(max_size=200), signal=st.sampled_from(Signal))
def test_what_is_no_protobuf_is_left_to_the_parser(junk: bytes, signal: Signal):
    refuse_outsize(signal, Encoding.PROTOBUF, junk + bytes(150_000))
    refuse_outsize(signal, Encoding.PROTOBUF, field(0x0A, junk + field(0x12, junk)) + b"\xff" * 1_100_000)
