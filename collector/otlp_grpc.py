"""OTLP over gRPC: the three Export calls, taken as raw bytes so that decoding happens in one place for both doors.

The only module of the collector that imports grpc. Towards grpc an Export is a call that streams its one request: so
its message is fetched, and takes memory, only once the caller is known, and waits for a slow caller only so long.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, NoReturn

import grpc

from collector.addresses import Address, bind
from collector.admission import Admission
from collector.answers import answer_to, build_retry_info, build_status, render_error
from collector.errors import OverloadedError, UndecodableError
from collector.intake import Intake
from collector.limits import Limits
from collector.signals import Encoding, Signal
from collector.telemetry import CollectorTelemetry
from collector.tls import Tls
from collector.tls_renewal import RenewingTls
from collector.tokens import TokenBook
from collector.watchdog import Watchdog
from model.errors import PortInUseError

SERVICES = {
    Signal.METRICS: "opentelemetry.proto.collector.metrics.v1.MetricsService",
    Signal.LOGS: "opentelemetry.proto.collector.logs.v1.LogsService",
    Signal.TRACES: "opentelemetry.proto.collector.trace.v1.TraceService",
}
_STATUS_DETAILS = "grpc-status-details-bin"
_PYTHON_RETRY_INFO = "google.rpc.retryinfo-bin"
"""Where the Python exporter looks for the delay, instead of in the status details."""
_THREADS = 32
"""Each holds at most one message; the other calls wait, and theirs is not fetched."""
_LARGEST_ANSWER_BYTES = 4 * 1024**2
_CODES = {code.value[0]: code for code in grpc.StatusCode}

_Behaviour = Callable[[Iterator[bytes], grpc.ServicerContext], bytes]
if TYPE_CHECKING:  # generic for the type checker only
    _Handler = grpc.RpcMethodHandler[Iterator[bytes], bytes]


class GrpcDoor:
    """A listening gRPC server; `port` is the one it was given."""

    def __init__(
        self,
        address: Address,
        intake: Intake,
        telemetry: CollectorTelemetry,
        *,
        limits: Limits,
        tls: Tls | None = None,
        tokens: TokenBook | None = None,
    ) -> None:
        self._watchdog = Watchdog(limits.silence_s)
        self._server = grpc.server(
            ThreadPoolExecutor(_THREADS, thread_name_prefix="otlp-grpc"),
            handlers=[_Exports(Admission(intake, tokens), telemetry, self._watchdog, limits.calls)],
            options=_options(limits),
        )
        self.port = _listen(self._server, address, tls)

    def start(self) -> None:
        """Begin to answer."""
        self._watchdog.start()
        self._server.start()

    def stop(self, grace_s: float) -> None:
        """Take no new calls and give those under way `grace_s` seconds."""
        self._server.stop(grace_s).wait()
        self._watchdog.stop()


class _Exports(grpc.GenericRpcHandler):
    """Finds the handler of a call: an export, or the answer that there are too many of them."""

    def __init__(
        self, admission: Admission, telemetry: CollectorTelemetry, watchdog: Watchdog, most_calls: int
    ) -> None:
        self._admission = admission
        self._telemetry = telemetry
        self._watchdog = watchdog
        self._most_calls = most_calls
        self._calls = 0
        self._counting = threading.Lock()
        self._handlers = {f"/{SERVICES[s]}/Export": _handler(partial(self._export, s)) for s in Signal}
        self._too_many = _handler(_InItsOwnThreads(self._refuse_another))

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "_Handler | None":
        """Return who answers; grpc calls it before the call waits for a thread."""
        handler = self._handlers.get(handler_call_details.method)
        if handler is None:
            return None
        with self._counting:
            if self._calls >= self._most_calls:
                return self._too_many
            self._calls += 1
        return handler

    def _export(self, signal: Signal, requests: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        try:
            token = self._admission.admit(_authorization_of(context))
            with self._watchdog.bounded(context.cancel):
                body = _fetch(requests)
            accepted = self._admission.accept(signal, Encoding.PROTOBUF, body, token)
            return accepted.to_response().SerializeToString()
        except grpc.RpcError:
            return b""  # cut off, or gone: nobody reads it
        except Exception as exc:  # noqa: BLE001 - every call gets an answer
            self._refuse(context, exc)
        finally:
            with self._counting:
                self._calls -= 1

    def _refuse_another(self, _requests: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        self._refuse(context, OverloadedError(f"{self._most_calls} calls are being worked on"))

    def _refuse(self, context: grpc.ServicerContext, error: Exception) -> NoReturn:
        self._telemetry.count_refused(error)
        answer, message = answer_to(error), render_error(error)
        metadata: list[tuple[str, bytes]] = [(_STATUS_DETAILS, build_status(answer, message).SerializeToString())]
        if answer.retry_after_s is not None:
            metadata.append((_PYTHON_RETRY_INFO, build_retry_info(answer.retry_after_s).SerializeToString()))
        context.set_trailing_metadata(tuple(metadata))
        context.abort(_CODES[answer.grpc_code], message)


class _InItsOwnThreads:
    """A behaviour that grpc runs beside the full queue of its other calls, so that a refusal comes at once."""

    def __init__(self, behaviour: _Behaviour) -> None:
        self._behaviour = behaviour
        self.experimental_thread_pool = ThreadPoolExecutor(2, thread_name_prefix="otlp-grpc-refusals")

    def __call__(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        return self._behaviour(requests, context)


def _handler(behaviour: _Behaviour) -> "_Handler":
    return grpc.stream_unary_rpc_method_handler(behaviour)


def _fetch(requests: Iterator[bytes]) -> bytes:
    body = next(requests, None)
    if body is None:
        raise UndecodableError("the call has no message")
    return body


def _authorization_of(context: grpc.ServicerContext) -> str:
    values = [value for key, value in context.invocation_metadata() if key == "authorization"]
    return str(values[0]) if values else ""


def _options(limits: Limits) -> tuple[tuple[str, int], ...]:
    silence_ms = int(limits.silence_s * 1000)
    return (
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", limits.body_bytes),
        ("grpc.max_send_message_length", _LARGEST_ANSWER_BYTES),
        ("grpc.absolute_max_metadata_size", limits.head_bytes),
        ("grpc.max_allowed_incoming_connections", limits.connections),
        ("grpc.server_handshake_timeout_ms", silence_ms),
        ("grpc.max_concurrent_streams", 128),
        # A peer that is gone without a word is noticed; one that asks whether we are here is not taken for a flood.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    )


def _listen(server: grpc.Server, address: Address, tls: Tls | None) -> int:
    bind(address).close()  # explains what is wrong with an address better than grpc does
    try:
        if tls is None:
            return server.add_insecure_port(str(address))
        return server.add_secure_port(str(address), _credentials(tls))
    except RuntimeError as exc:
        raise PortInUseError(f"port {address.port} on {address.host} is in use") from exc


def _credentials(tls: Tls) -> grpc.ServerCredentials:
    renewing, shown = RenewingTls(tls), [tls]

    def renew() -> grpc.ServerCertificateConfiguration | None:
        """Return what has changed since the last handshake."""
        current = renewing.current()
        if current is shown[0]:
            return None
        shown[0] = current
        return _configure(current)

    return grpc.dynamic_ssl_server_credentials(
        _configure(tls),
        renew,  # type: ignore[arg-type]  # None is what it takes for "nothing has changed"
        require_client_authentication=bool(tls.client_ca),
    )


def _configure(tls: Tls) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration(
        [(tls.key, tls.certificate)], root_certificates=tls.client_ca or None
    )
