"""OTLP over gRPC: the three Export calls, taken as raw bytes so that decoding happens in one place for both doors.

The only module of the collector that imports grpc.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NoReturn

import grpc

from collector.addresses import Address, bind
from collector.answers import answer_to, build_retry_info, build_status, render_error
from collector.intake import Intake
from collector.signals import Encoding, Signal
from collector.telemetry import CollectorTelemetry
from model.errors import PortInUseError

SERVICES = {
    Signal.METRICS: "opentelemetry.proto.collector.metrics.v1.MetricsService",
    Signal.LOGS: "opentelemetry.proto.collector.logs.v1.LogsService",
    Signal.TRACES: "opentelemetry.proto.collector.trace.v1.TraceService",
}
_STATUS_DETAILS = "grpc-status-details-bin"
_PYTHON_RETRY_INFO = "google.rpc.retryinfo-bin"
"""Where the Python exporter looks for the delay, instead of in the status details."""
_THREADS = 16
_LARGEST_QUEUE = 256
"""Calls under way or waiting for a thread, each with its message in memory; grpc itself refuses more."""
_LARGEST_ANSWER_BYTES = 4 * 1024**2
_CODES = {code.value[0]: code for code in grpc.StatusCode}


class GrpcDoor:
    """A listening gRPC server; `port` is the one it was given."""

    def __init__(
        self, address: Address, intake: Intake, telemetry: CollectorTelemetry, *, max_body_bytes: int
    ) -> None:
        self._server = grpc.server(
            ThreadPoolExecutor(_THREADS, thread_name_prefix="otlp-grpc"),
            maximum_concurrent_rpcs=_LARGEST_QUEUE,
            options=(
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", max_body_bytes),
                ("grpc.max_send_message_length", _LARGEST_ANSWER_BYTES),
            ),
        )
        for signal, service in SERVICES.items():
            export: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(
                partial(_export, signal, intake, telemetry)
            )
            handler = grpc.method_handlers_generic_handler(service, {"Export": export})
            self._server.add_generic_rpc_handlers((handler,))
        self.port = _listen(self._server, address)

    def start(self) -> None:
        """Begin to answer."""
        self._server.start()

    def stop(self, grace_s: float) -> None:
        """Take no new calls and give those under way `grace_s` seconds."""
        self._server.stop(grace_s).wait()


def _listen(server: grpc.Server, address: Address) -> int:
    bind(address).close()  # explains what is wrong with an address better than grpc does
    try:
        return server.add_insecure_port(str(address))
    except RuntimeError as exc:
        raise PortInUseError(f"port {address.port} on {address.host} is in use") from exc


def _export(
    signal: Signal, intake: Intake, telemetry: CollectorTelemetry, body: bytes, context: grpc.ServicerContext
) -> bytes:
    try:
        return intake.accept(signal, Encoding.PROTOBUF, body).to_response().SerializeToString()
    except Exception as exc:  # noqa: BLE001 - every call gets an answer
        telemetry.count_refused(exc)
        _refuse(context, exc)


def _refuse(context: grpc.ServicerContext, error: Exception) -> NoReturn:
    answer, message = answer_to(error), render_error(error)
    metadata: list[tuple[str, bytes]] = [(_STATUS_DETAILS, build_status(answer, message).SerializeToString())]
    if answer.retry_after_s is not None:
        metadata.append((_PYTHON_RETRY_INFO, build_retry_info(answer.retry_after_s).SerializeToString()))
    context.set_trailing_metadata(tuple(metadata))
    context.abort(_CODES[answer.grpc_code], message)
