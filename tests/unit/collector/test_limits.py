"""Clients that are slow, idle, too many or too large do not keep the others out."""

import contextlib
import resource
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]

from collector import CollectorServer, DirectPipeline, Limits, allow_many_connections
from collector.otlp_grpc import SERVICES
from collector.signals import Signal
from collector.testing import MemoryConsumer
from collector.watchdog import Watchdog
from exporters import Signal as Sent
from exporters import connect
from tests.unit.collector.messages import body_of
from tests.unit.collector.test_grpc import metadata_of

IMPATIENT = Limits(silence_s=0.3, slowest_bytes_s=1_000_000, connections=8, calls=4, body_bytes=100_000)
EXPORT = f"/{SERVICES[Signal.METRICS]}/Export"
HEAD = b"POST /v1/metrics HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"

StartServer = Callable[[Limits], CollectorServer]


@pytest.fixture
def start() -> Iterator[StartServer]:
    with contextlib.ExitStack() as stack:

        def start_server(limits: Limits) -> CollectorServer:
            pipeline = DirectPipeline(MemoryConsumer())
            server = CollectorServer("127.0.0.1:0", "127.0.0.1:0", pipeline, limits=limits)
            return stack.enter_context(server)

        yield start_server


def deliver(server: CollectorServer, door: str) -> None:
    """Prove that the door takes requests."""
    url = f"grpc://127.0.0.1:{server.grpc_port}" if door == "grpc" else f"http://127.0.0.1:{server.http_port}"
    client = connect(url)
    client.send(Sent.METRICS, body_of(1.0), deadline_s=20)
    client.close()


def dial(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def is_cut_off(client: socket.socket) -> bool:
    """Wait until the server ends the connection; fails by timeout if it does not."""
    try:
        while client.recv(4096):
            pass
    except ConnectionError:
        return True
    return True


SLOW_LORIS = {
    "no byte": b"",
    "half a line": b"POST /v1/met",
    "headers without end": HEAD + b"X-A: b\r\n",
    "a body that does not come": HEAD + b"Content-Length: 1000\r\n\r\n123",
    "a chunk that does not come": HEAD + b"Transfer-Encoding: chunked\r\n\r\n10\r\n123",
    "a second request without end": b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    + HEAD
    + b"Content-Length: 9\r\n\r\n1",
}


@pytest.mark.parametrize("case", SLOW_LORIS)
def test_who_promises_a_request_and_does_not_bring_it_is_cut_off(start: StartServer, case):
    server = start(IMPATIENT)
    with dial(server.http_port) as client:
        client.sendall(SLOW_LORIS[case])
        assert is_cut_off(client)
    deliver(server, "http")


def test_a_slow_but_steady_body_is_taken(start: StartServer):
    server = start(Limits(silence_s=0.3, slowest_bytes_s=10))
    body = body_of(*map(float, range(20)))
    with dial(server.http_port) as client:
        client.sendall(HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body))
        pause = threading.Event()
        for start_byte in range(0, len(body), 100):
            client.sendall(body[start_byte : start_byte + 100])
            pause.wait(0.1)  # half a second in all, beyond the silence that is allowed
        assert b" 200 OK" in client.recv(4096)


def test_a_body_without_end_is_answered_and_then_cut_off(start: StartServer):
    server = start(IMPATIENT)
    with dial(server.http_port) as client, contextlib.suppress(ConnectionError):
        client.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(1000):
            client.sendall(b"2710\r\n" + bytes(10_000) + b"\r\n")
        pytest.fail("10 MB were read of a body that may have 0.1 MB")
    deliver(server, "http")


def test_headers_without_measure_are_refused(start: StartServer):
    server = start(Limits())
    with dial(server.http_port) as client, contextlib.suppress(ConnectionError):
        client.sendall(HEAD + b"X-A: " + b"b" * 200_000 + b"\r\n\r\n")
        assert b"400 Bad Request" in client.recv(4096)
    deliver(server, "http")


@pytest.mark.parametrize("door", ["grpc", "http"])
def test_a_thousand_idle_connections_keep_nobody_out(start: StartServer, door):
    allow_many_connections()
    server = start(Limits())
    port = server.grpc_port if door == "grpc" else server.http_port
    with contextlib.ExitStack() as idle:
        for _ in range(1000):
            idle.enter_context(dial(port))
        deliver(server, door)


@pytest.mark.parametrize("door", ["grpc", "http"])
def test_connections_beyond_the_limit_are_closed(start: StartServer, door):
    server = start(Limits(connections=8))
    port = server.grpc_port if door == "grpc" else server.http_port
    with contextlib.ExitStack() as idle:
        clients = [idle.enter_context(dial(port)) for _ in range(20)]
        assert is_cut_off(clients[-1])
    deliver(server, door)


class StalledCalls:
    """gRPC calls that begin and never send their message."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel
        self._enough = threading.Event()
        self.calls: list[Any] = []

    def open(self, count: int) -> None:
        call: grpc.StreamUnaryMultiCallable[bytes, bytes] = self._channel.stream_unary(EXPORT)
        self.calls += [call.future(self._never()) for _ in range(count)]

    def _never(self) -> Iterator[bytes]:
        self._enough.wait()
        yield from ()

    def close(self) -> None:
        self._enough.set()
        for call in self.calls:
            call.cancel()


@pytest.fixture
def make_stalled() -> Iterator[Callable[[CollectorServer], StalledCalls]]:
    with contextlib.ExitStack() as stack:

        def make(server: CollectorServer) -> StalledCalls:
            channel = stack.enter_context(grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}"))
            stalled = StalledCalls(channel)
            stack.callback(stalled.close)
            return stalled

        yield make


def test_calls_without_message_are_cut_off_and_keep_nobody_out(start: StartServer, make_stalled):
    server = start(Limits(silence_s=0.3))
    stalled = make_stalled(server)
    stalled.open(100)
    deliver(server, "grpc")
    assert {call.code() for call in stalled.calls} == {grpc.StatusCode.CANCELLED}


def test_a_call_too_many_is_asked_to_come_back(start: StartServer, make_stalled):
    server = start(Limits(silence_s=60.0, calls=4))
    stalled = make_stalled(server)
    stalled.open(5)
    refused = next(call for call in iter(lambda: _done(stalled.calls), None) if call)
    assert refused.code() is grpc.StatusCode.UNAVAILABLE
    metadata = metadata_of(refused)
    assert RetryInfo.FromString(metadata["google.rpc.retryinfo-bin"]).retry_delay.seconds == 1


def _done(calls: list[Any]) -> Any:
    return next((call for call in calls if call.done()), False)


def test_a_call_that_ends_without_message_is_an_invalid_argument(start: StartServer):
    server = start(Limits())
    with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
        call: grpc.StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(EXPORT)
        with pytest.raises(grpc.RpcError, match="the call has no message") as caught:
            call(iter(()), timeout=10)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_the_process_may_open_as_many_files_as_the_system_allows():
    allow_many_connections()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == hard


def test_a_watchdog_cuts_what_is_overdue_and_nothing_else():
    watchdog = Watchdog(0.05)
    watchdog.start()
    in_time, overdue = threading.Event(), threading.Event()
    with watchdog.bounded(in_time.set):
        pass
    with watchdog.bounded(overdue.set):
        assert overdue.wait(10)
    watchdog.stop()
    assert not in_time.is_set()
