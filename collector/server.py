"""Both OTLP doors of a collector on their ports, until they are told to stop."""

import ssl
import threading
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, Self, cast

import uvicorn

from collector.addresses import Address, bind
from collector.intake import Intake
from collector.limits import Limits
from collector.otlp_grpc import GrpcDoor
from collector.otlp_http import build_app
from collector.slow_clients import BoundedProtocol
from collector.telemetry import CollectorTelemetry
from collector.tls import Tls
from collector.tls_renewal import RenewingTls
from collector.tokens import TokenBook

_GRACE_S = 5.0


class _HttpDoor:
    """A listening HTTP server in a thread of its own."""

    def __init__(
        self,
        address: Address,
        intake: Intake,
        telemetry: CollectorTelemetry,
        *,
        limits: Limits,
        tls: Tls | None,
        tokens: TokenBook | None,
    ) -> None:
        self._socket = bind(address)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            build_app(intake, telemetry, limits=limits, tokens=tokens),
            lifespan="off",
            log_config=None,
            log_level="error",  # a bad request is answered, not logged
            access_log=False,
            server_header=False,
            http=cast("type[BoundedProtocol]", partial(BoundedProtocol, limits)),
            ws="none",
            loop="asyncio",
            h11_max_incomplete_event_size=limits.head_bytes,
            timeout_keep_alive=limits.keep_alive_s,
            timeout_graceful_shutdown=int(_GRACE_S),
            ssl_context_factory=None if tls is None else _context_of(tls),
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="otlp-http", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()


def _context_of(tls: Tls) -> Callable[..., ssl.SSLContext]:
    renewing = RenewingTls(tls)
    return lambda *_: renewing.context()


class CollectorServer:
    """The OTLP receiver; an address of None leaves that door out. Use it as a context manager.

    It counts in `telemetry`, by default the intake's own. Without `tls` it speaks plainly, without `tokens` it takes
    what anybody sends.

    Making one raises PortInUseError naming the port, before anything is served.
    """

    def __init__(
        self,
        grpc_address: str | None,
        http_address: str | None,
        intake: Intake,
        *,
        telemetry: CollectorTelemetry | None = None,
        limits: Limits | None = None,
        tls: Tls | None = None,
        tokens: TokenBook | None = None,
    ) -> None:
        numbers = intake.telemetry if telemetry is None else telemetry
        grpc = None if grpc_address is None else Address.parse(grpc_address)
        http = None if http_address is None else Address.parse(http_address)
        options: dict[str, Any] = {"limits": limits or Limits(), "tls": tls, "tokens": tokens}
        self._http = None if http is None else _HttpDoor(http, intake, numbers, **options)
        try:
            self._grpc = None if grpc is None else GrpcDoor(grpc, intake, numbers, **options)
        except BaseException:
            if self._http is not None:
                self._http.stop()
            raise

    @property
    def grpc_port(self) -> int:
        """The gRPC port, 0 if there is none."""
        return 0 if self._grpc is None else self._grpc.port

    @property
    def http_port(self) -> int:
        """The HTTP port, 0 if there is none."""
        return 0 if self._http is None else self._http.port

    def start(self) -> None:
        """Begin to answer."""
        if self._http is not None:
            self._http.start()
        if self._grpc is not None:
            self._grpc.start()

    def stop(self) -> None:
        """Finish the requests under way and close both doors."""
        if self._grpc is not None:
            self._grpc.stop(_GRACE_S)
        if self._http is not None:
            self._http.stop()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


def serve(
    grpc_address: str | None,
    http_address: str | None,
    pipeline: Intake,
    stop: threading.Event,
    *,
    telemetry: CollectorTelemetry | None = None,
    limits: Limits | None = None,
    tls: Tls | None = None,
    tokens: TokenBook | None = None,
    on_ready: Callable[[CollectorServer], None] = lambda _: None,
) -> None:
    """Serve until `stop` is set; `on_ready` is called once both ports take requests.

    Raises PortInUseError, DependencyError or InvalidInputError for addresses that cannot be listened on.
    """
    server = CollectorServer(
        grpc_address, http_address, pipeline, telemetry=telemetry, limits=limits, tls=tls, tokens=tokens
    )
    with server:
        on_ready(server)
        stop.wait()
