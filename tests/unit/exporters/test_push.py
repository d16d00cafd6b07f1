"""One attempt at a collector: how each answer is read, by HTTP and by gRPC."""

import gzip
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from exporters.delivery import Delivery, NotNowError, RequestRefusedError, Signal
from exporters.push import GrpcClient, OtlpClient, connect
from model.errors import DependencyError, InvalidInputError
from tests.unit.exporters.doors import ACCEPT, PARTIAL, GrpcCollector, RecordingCollector

BODY = b"\x0a\x00"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def client(collector: RecordingCollector) -> Iterator[OtlpClient]:
    made = OtlpClient(collector.url)
    yield made
    made.close()


@pytest.mark.parametrize("signal", Signal)
def test_bytes_arrive_as_they_are_under_the_signals_path(
    collector: RecordingCollector, client: OtlpClient, signal: Signal
) -> None:
    assert client.attempt(signal, BODY) == Delivery()
    ((path, body, headers),) = collector.posted
    assert (path, body) == (f"/v1/{signal}", BODY)
    assert headers["Content-Type"] == "application/x-protobuf"


def test_bodies_can_be_compressed(collector: RecordingCollector) -> None:
    client = OtlpClient(collector.url, gzip_bodies=True)
    client.attempt(Signal.METRICS, BODY)
    client.close()
    ((_path, body, headers),) = collector.posted
    assert (gzip.decompress(body), headers["Content-Encoding"]) == (BODY, "gzip")


def test_a_partial_success_is_reported(collector: RecordingCollector, client: OtlpClient) -> None:
    collector.answer = lambda _path, _body: (200, {}, PARTIAL)
    assert client.attempt(Signal.METRICS, BODY) == Delivery(rejected=2, message="too old")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_retryable_answers_are_not_now(collector: RecordingCollector, client: OtlpClient, status: int) -> None:
    collector.answer = lambda _path, _body: (status, {"Retry-After": "2"}, b"")
    with pytest.raises(NotNowError, match=f"answered {status}") as caught:
        client.attempt(Signal.METRICS, BODY)
    assert caught.value.retry_after_s == 2


@pytest.mark.parametrize("status", [400, 404, 408, 413, 500])
def test_other_answers_are_never(collector: RecordingCollector, client: OtlpClient, status: int) -> None:
    collector.answer = lambda _path, _body: (status, {}, Status(message="not protobuf").SerializeToString())
    with pytest.raises(RequestRefusedError, match=rf"answered {status} \(not protobuf\) to logs"):
        client.attempt(Signal.LOGS, BODY)


def test_retry_after_may_be_a_date(collector: RecordingCollector, client: OtlpClient) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    collector.answer = lambda _path, _body: (503, {"Retry-After": later}, b"")
    with pytest.raises(NotNowError) as caught:
        client.attempt(Signal.METRICS, BODY)
    assert caught.value.retry_after_s == pytest.approx(3600, abs=60)


def test_a_lost_answer_is_not_now(collector: RecordingCollector, client: OtlpClient) -> None:
    collector.answer = lambda _path, _body: None
    with pytest.raises(NotNowError, match="no collector answers at"):
        client.attempt(Signal.METRICS, BODY)


def test_sending_waits_as_long_as_the_collector_asks(collector: RecordingCollector) -> None:
    answers = iter([(503, {"Retry-After": "7"}, b""), (503, {}, b""), ACCEPT])
    collector.answer = lambda _path, _body: next(answers)
    waited: list[float] = []
    client = OtlpClient(collector.url)
    client._sleep = waited.append
    client.send(Signal.METRICS, BODY, deadline_s=60)
    client.close()
    assert waited == [7, 0.4]
    assert collector.count_posts() == {BODY: 3}


def test_a_collector_that_is_not_there_is_a_missing_dependency() -> None:
    client = OtlpClient(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(DependencyError, match=r"no collector answers at .*refused.* — start it") as caught:
        client.send(Signal.METRICS, BODY, deadline_s=0)
    client.close()
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://localhost:4318", OtlpClient),
        ("https://lab.example:4318/", OtlpClient),
        ("grpc://localhost:4317", GrpcClient),
        ("grpc://localhost", GrpcClient),
        ("http://localhost:4317", GrpcClient),
    ],
)
def test_the_url_chooses_the_protocol(url: str, kind: type) -> None:
    client = connect(url)
    client.close()
    assert type(client) is kind


@pytest.mark.parametrize("url", ["localhost:4318", "ftp://localhost", "http://", "", "grpc://host:99999", "http://["])
def test_a_url_that_cannot_be_a_collector_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match="is not a collector's address"):
        connect(url)


@pytest.fixture
def grpc_collector() -> Iterator[GrpcCollector]:
    running = GrpcCollector()
    yield running
    running.stop()


@pytest.fixture
def grpc_client(grpc_collector: GrpcCollector) -> Iterator[GrpcClient]:
    made = GrpcClient(grpc_collector.url)
    yield made
    made.close()


def test_grpc_carries_the_same_bytes(grpc_collector: GrpcCollector, grpc_client: GrpcClient) -> None:
    grpc_collector.answer = PARTIAL
    assert grpc_client.attempt(Signal.METRICS, BODY) == Delivery(rejected=2, message="too old")
    assert grpc_collector.calls == [("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", BODY)]


def test_grpc_unavailable_is_not_now(grpc_collector: GrpcCollector, grpc_client: GrpcClient) -> None:
    grpc_collector.code = grpc.StatusCode.UNAVAILABLE
    grpc_collector.trailers = (
        ("google.rpc.retryinfo-bin", RetryInfo(retry_delay=Duration(seconds=3)).SerializeToString()),
    )
    with pytest.raises(NotNowError, match="UNAVAILABLE: because") as caught:
        grpc_client.attempt(Signal.METRICS, BODY)
    assert caught.value.retry_after_s == 3


def test_grpc_exhausted_is_not_now_only_with_a_delay(grpc_collector: GrpcCollector, grpc_client: GrpcClient) -> None:
    grpc_collector.code = grpc.StatusCode.RESOURCE_EXHAUSTED
    with pytest.raises(RequestRefusedError, match="RESOURCE_EXHAUSTED"):
        grpc_client.attempt(Signal.METRICS, BODY)
    status = Status()
    status.details.add().Pack(RetryInfo(retry_delay=Duration(seconds=1)))
    grpc_collector.trailers = (("grpc-status-details-bin", status.SerializeToString()),)
    with pytest.raises(NotNowError) as caught:
        grpc_client.attempt(Signal.METRICS, BODY)
    assert caught.value.retry_after_s == 1


def test_grpc_invalid_argument_is_never(grpc_collector: GrpcCollector, grpc_client: GrpcClient) -> None:
    grpc_collector.code = grpc.StatusCode.INVALID_ARGUMENT
    with pytest.raises(RequestRefusedError, match="INVALID_ARGUMENT: because to metrics"):
        grpc_client.attempt(Signal.METRICS, BODY)


def test_grpc_without_a_server_is_a_missing_dependency() -> None:
    client = GrpcClient(f"grpc://127.0.0.1:{free_port()}")
    with pytest.raises(DependencyError, match="no collector answers at grpc://"):
        client.attempt(Signal.METRICS, BODY)
    client.close()
