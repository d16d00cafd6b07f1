"""Whatever bytes reach the ports: an answer or the end of the connection, never a crash, never a hang."""

import errno
import gzip
import socket
from collections.abc import Iterator

import grpc
import pytest
import urllib3
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import CollectorServer, DirectPipeline, Limits
from collector.otlp_grpc import SERVICES
from collector.signals import Signal
from collector.testing import MemoryConsumer
from tests.unit.collector.messages import body_of, logs_request, metrics_request, traces_request

LIMITS = Limits(silence_s=0.2, slowest_bytes_s=1_000_000, body_bytes=100_000, head_bytes=4096)
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS_FRAME = bytes(3) + b"\x04" + bytes(5)
BODIES = [body_of(1.0), logs_request().SerializeToString(), traces_request().SerializeToString(), b"{}"]

printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)


@pytest.fixture(scope="module")
def server() -> Iterator[CollectorServer]:
    pipeline = DirectPipeline(MemoryConsumer())
    with CollectorServer("127.0.0.1:0", "127.0.0.1:0", pipeline, limits=LIMITS) as running:
        yield running


def exchange(port: int, sent: bytes) -> bytes:
    """Send, and return all that comes back until the server ends the connection; a hang is a time-out."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        try:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            while part := client.recv(65536):
                received += part
        except ConnectionError:
            pass
        except OSError as exc:  # the server had ended it before we shut our half, which Python has no class for
            if exc.errno != errno.ENOTCONN:
                raise
    return received


def assert_well(server: CollectorServer) -> None:
    with urllib3.PoolManager(retries=False, timeout=20) as http:
        assert http.request("GET", f"http://127.0.0.1:{server.http_port}/healthz").status == 200
    with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
        call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/{SERVICES[Signal.METRICS]}/Export")
        assert call(metrics_request().SerializeToString(), timeout=20) == b""


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A body of OTLP, whole or damaged, packed or not."""
    body = draw(st.one_of(st.sampled_from(BODIES), st.binary(max_size=200)))
    if draw(st.booleans()):
        body = gzip.compress(body, mtime=0)
    flips = draw(st.lists(st.tuples(st.integers(0, max(0, len(body) - 1)), st.integers(1, 255)), max_size=3))
    damaged = bytearray(body)
    for place, bits in flips:
        if place < len(damaged):
            damaged[place] ^= bits
    return bytes(damaged[: draw(st.integers(0, len(damaged)))] if draw(st.booleans()) else damaged)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Something like an HTTP request."""
    method = draw(st.sampled_from(["POST", "GET", "PRI", "post", ""]))
    path = draw(st.one_of(st.sampled_from(["/v1/metrics", "/v1/logs", "/v1/traces", "*", "//"]), printable))
    body = draw(bodies())
    kinds = ["application/x-protobuf", "application/json", "application/json; charset=latin-1"]
    headers = {
        "Host": "x",
        "Content-Type": draw(st.one_of(st.sampled_from(kinds), printable)),
        "Content-Encoding": draw(st.sampled_from(["", "gzip", "GZIP, gzip", "identity", "br"])),
        "Content-Length": draw(st.one_of(st.just(str(len(body))), st.integers(-1, 2**70).map(str), printable)),
        draw(printable): draw(printable),
    }
    if draw(st.booleans()):
        headers["Transfer-Encoding"] = draw(st.sampled_from(["chunked", "gzip, chunked", "identity"]))
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (draw(st.one_of(st.just(len(body)), st.integers(0, 2**40))), body)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1", "replace") + body


@settings(max_examples=80)
@given(sent=st.one_of(requests(), st.binary(max_size=300)))
def test_http_takes_any_bytes(server: CollectorServer, sent: bytes):
    answer = exchange(server.http_port, sent)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
    assert b" 500 " not in answer.split(b"\r\n", 1)[0]


@settings(max_examples=60)
@given(sent=bodies(), kind=st.sampled_from(["application/x-protobuf", "application/json"]), gzipped=st.booleans())
def test_http_answers_any_body(server: CollectorServer, sent: bytes, kind: str, gzipped: bool):
    headers = {"Content-Type": kind} | ({"Content-Encoding": "gzip"} if gzipped else {})
    with urllib3.PoolManager(retries=False, timeout=20) as http:
        url = f"http://127.0.0.1:{server.http_port}/v1/metrics"
        answer = http.request("POST", url, body=sent, headers=headers)
    assert answer.status in (200, 400, 413)


@settings(max_examples=40)
@given(sent=st.binary(max_size=300), as_http2=st.booleans())
def test_grpc_takes_any_bytes(server: CollectorServer, sent: bytes, as_http2: bool):
    exchange(server.grpc_port, PREFACE + SETTINGS_FRAME + sent if as_http2 else sent)


@settings(max_examples=60)
@given(sent=bodies(), signal=st.sampled_from(Signal))
def test_grpc_answers_any_message(server: CollectorServer, sent: bytes, signal: Signal):
    with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
        export: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/{SERVICES[signal]}/Export")
        call = export.future(sent, timeout=20)
        assert call.code() in (grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT)


def test_after_all_that_it_is_well(server: CollectorServer):
    for sent in (b"\0" * 5000, PREFACE + b"\xff" * 5000, b"POST " + b"/" * 9000):
        exchange(server.http_port, sent)
        exchange(server.grpc_port, sent)
    assert_well(server)
