"""Small collectors on real sockets that write down what they are sent."""

import socket
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import grpc
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsPartialSuccess,
    ExportMetricsServiceResponse,
)

PARTIAL = ExportMetricsServiceResponse(
    partial_success=ExportMetricsPartialSuccess(rejected_data_points=2, error_message="too old")
).SerializeToString()

Answer = tuple[int, dict[str, str], bytes]
ACCEPT: Answer = (200, {}, b"")


class RecordingCollector:
    """An OTLP/HTTP door on a real socket that keeps each distinct body once, as Herald's collector does.

    `answer` decides on each request; None cuts the connection after the body is safe: a lost answer.
    """

    def __init__(self, port: int = 0, answer: Callable[[str, bytes], Answer | None] | None = None) -> None:
        self.answer = answer or (lambda _path, _body: ACCEPT)
        self.posted: list[tuple[str, bytes, dict[str, str]]] = []
        self.kept: dict[str, list[bytes]] = {"metrics": [], "logs": [], "traces": []}
        self._connections: set[socket.socket] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Go away at once, cutting the connections that are kept alive."""
        self._server.shutdown()
        self._thread.join()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    def count_posts(self) -> Counter[bytes]:
        return Counter(body for _path, body, _headers in self.posted)

    def _keep(self, path: str, body: bytes) -> None:
        kept = self.kept[path.removeprefix("/v1/")]
        if body not in kept:
            kept.append(body)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                collector._connections.add(self.connection)

            def finish(self) -> None:
                collector._connections.discard(self.connection)
                super().finish()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.posted.append((self.path, body, dict(self.headers)))
                answer = collector.answer(self.path, body)
                if answer is None:
                    collector._keep(self.path, body)
                    self.close_connection = True
                    return
                status, headers, content = answer
                if status == 200:
                    collector._keep(self.path, body)
                self.send_response(status)
                for key, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args: Any) -> None:
                pass

        return Handler


class GrpcCollector:
    """A gRPC door that answers every call with `code`, and writes the raw bodies down."""

    def __init__(self, port: int = 0) -> None:
        self.calls: list[tuple[str, bytes]] = []
        self.answer = b""
        self.code: grpc.StatusCode | None = None
        self.trailers: tuple[tuple[str, bytes], ...] = ()
        self._server = grpc.server(ThreadPoolExecutor(2))
        self._server.add_generic_rpc_handlers((self,))  # type: ignore[arg-type]
        self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
        self.url = f"grpc://127.0.0.1:{self.port}"
        self._server.start()

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        def answer(body: bytes, context: grpc.ServicerContext) -> bytes:
            self.calls.append((details.method, body))
            if self.code is not None:
                context.set_trailing_metadata(self.trailers)
                context.abort(self.code, "because")
            return self.answer

        return grpc.unary_unary_rpc_method_handler(answer)

    def stop(self) -> None:
        self._server.stop(None).wait()
