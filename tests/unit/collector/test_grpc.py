"""The gRPC door: statuses, details and trailing metadata, as a raw client sees them."""

import os
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from collector import CollectorServer, Pipeline, Spool
from collector.otlp_grpc import SERVICES
from collector.signals import Signal
from collector.testing import UnavailableConsumer
from tests.unit.collector.conftest import BODY_LIMIT, QUICK, Running
from tests.unit.collector.messages import body_of, gauge, logs_request, metrics_request, traces_request


def metadata_of(error: grpc.RpcError) -> dict[str, Any]:
    assert isinstance(error, grpc.Call)
    metadata: Any = error.trailing_metadata()
    return dict(metadata)


@pytest.fixture
def channel(running: Running) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(running.grpc) as opened:
        yield opened


def export(channel: grpc.Channel, body: bytes, **options: Any) -> bytes:
    call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/{SERVICES[Signal.METRICS]}/Export")
    return call(body, timeout=10, **options)


@pytest.mark.parametrize(
    ("stub", "message"),
    [
        (MetricsServiceStub, metrics_request(gauge([1.0]))),
        (LogsServiceStub, logs_request()),
        (TraceServiceStub, traces_request()),
    ],
)
@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_the_three_services_take_requests(running: Running, channel, stub, message, compression):
    response = stub(channel).Export(message, timeout=10, compression=compression)
    assert not response.HasField("partial_success")
    assert running.pipeline.flush(10)
    assert len(running.consumer.batches) == 1


def test_bad_points_are_told_with_count_and_example(channel: grpc.Channel):
    message = metrics_request(gauge([1.0]), gauge([2.0], time_ns=0))
    answer = export(channel, message.SerializeToString())
    partial = ExportMetricsServiceResponse.FromString(answer).partial_success
    assert partial.rejected_data_points == 1
    assert "time_unix_nano is 0" in partial.error_message


def test_what_is_not_protobuf_is_an_invalid_argument(channel):
    with pytest.raises(grpc.RpcError, match="not a protobuf") as caught:
        export(channel, b"\xff")
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    metadata = metadata_of(caught.value)
    assert "google.rpc.retryinfo-bin" not in metadata
    assert Status.FromString(metadata["grpc-status-details-bin"]).code == 3


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
@pytest.mark.parametrize(
    "body", [bytes(BODY_LIMIT + 1), bytes(50_000_000), os.urandom(BODY_LIMIT + 1)], ids=["zeros", "long", "noise"]
)
def test_a_body_over_the_limit_exhausts_the_resource_for_good(channel, body, compression):
    with pytest.raises(grpc.RpcError) as caught:
        export(channel, body, compression=compression)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "google.rpc.retryinfo-bin" not in metadata_of(caught.value)


def test_an_unknown_method_is_unimplemented(channel):
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/opentelemetry.proto.collector.profiles.v1/Export")(b"", timeout=10)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_full_spool_is_unavailable_with_both_retry_infos(tmp_path):
    consumer = UnavailableConsumer()
    spool = Spool(tmp_path, max_bytes=250)
    with (
        Pipeline(spool, consumer, settings=QUICK) as pipeline,
        CollectorServer("127.0.0.1:0", None, pipeline) as server,
        grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel,
    ):
        export(channel, body_of(1.0))
        with pytest.raises(grpc.RpcError, match="the spool in") as caught:
            export(channel, body_of(2.0))
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        metadata = metadata_of(caught.value)
        assert RetryInfo.FromString(metadata["google.rpc.retryinfo-bin"]).retry_delay.seconds == 1
        details = RetryInfo()
        assert Status.FromString(metadata["grpc-status-details-bin"]).details[0].Unpack(details)
        assert details.retry_delay.seconds == 1
        consumer.recover()
        assert pipeline.flush(10)
        export(channel, body_of(9.0))
    spool.close()
