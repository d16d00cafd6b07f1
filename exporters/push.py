"""One attempt to hand an encoded OTLP request to a collector, by HTTP or by gRPC.

Both ways send the request's bytes as they are: nothing is parsed or encoded again, so that every repetition
has the digest of the first. Answers are read as the OTLP specification says: 429, 502, 503, 504, a missing
answer and the retryable gRPC codes mean "not now", everything else that is not success means "never".
The only file of this folder that knows urllib3 and grpc. What to do about a failure is decided in `delivery.py` and
`outbox.py`.
"""

import gzip
import math
import ssl
import time
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import grpc
import urllib3
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]  # ships no types
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from exporters.credentials import Credentials
from exporters.delivery import Client, Delivery, NotNowError, RequestRefusedError, Signal
from model.errors import InvalidInputError

TIMEOUT_S: Final = 10.0
GRPC_PORT: Final = 4317
_RETRYABLE_STATUS: Final = frozenset({429, 502, 503, 504})
_RETRYABLE_CODES: Final = frozenset(
    {
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    }
)
# Not the request is wrong but who sends it: with another token it is taken, so it must not be lost.
_UNWELCOME_STATUS: Final = frozenset({401, 403})
_UNWELCOME_CODES: Final = frozenset({grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED})
_UNWELCOME: Final = "give the agent a token that is in force (HERALD_TOKEN_FILE or HERALD_TOKEN)"
_RENEWAL_PAUSE_S: Final = 5.0
_BUSY: Final = "wait until it has room again and its database answers"
_METHODS: Final = {
    Signal.METRICS: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    Signal.LOGS: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    Signal.TRACES: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
}
_CHANNEL_OPTIONS: Final = (
    ("grpc.max_send_message_length", -1),
    # A collector that restarts is noticed within a second, not after grpc's default two minutes.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 1000),
)


def connect(
    url: str,
    *,
    gzip_bodies: bool = False,
    timeout_s: float = TIMEOUT_S,
    credentials: Credentials | None = None,
) -> Client:
    """Return a client for a collector's URL; nothing is sent yet.

    `grpc://host:4317`, and any URL with port 4317, is gRPC; `http://` and `https://` are OTLP/HTTP. `grpcs://` and
    `https://` are encrypted. Raises InvalidInputError for anything else.
    """
    scheme, host, port = _read_address(url)
    if host and (scheme in ("grpc", "grpcs") or (scheme in ("http", "https") and port == GRPC_PORT)):
        return GrpcClient(url, timeout_s=timeout_s, credentials=credentials)
    return OtlpClient(url, gzip_bodies=gzip_bodies, timeout_s=timeout_s, credentials=credentials)


def sends_token_in_the_clear(url: str, credentials: Credentials) -> bool:
    """Return whether somebody between here and the collector could read the token."""
    scheme, host, _port = _read_address(url)
    here = host in ("localhost", "::1") or host.startswith("127.")
    return bool(credentials.token()) and scheme in ("http", "grpc") and not here


class OtlpClient(Client):
    """OTLP/HTTP with protobuf bodies, over connections that are kept alive."""

    def __init__(
        self,
        url: str,
        *,
        gzip_bodies: bool = False,
        timeout_s: float = TIMEOUT_S,
        credentials: Credentials | None = None,
    ) -> None:
        super().__init__(url.rstrip("/"))
        scheme, host, _port = _read_address(url)
        if scheme not in ("http", "https") or not host:
            raise InvalidInputError(
                f"{url!r} is not a collector's address",
                remedy="write e.g. http://localhost:4318 or grpc://localhost:4317",
            )
        self._gzip_bodies = gzip_bodies
        self._headers = {"Content-Type": "application/x-protobuf"}
        if gzip_bodies:
            self._headers["Content-Encoding"] = "gzip"
        self._credentials = credentials or Credentials()
        context = _tls_context(self._credentials) if scheme == "https" else None
        self._pool = urllib3.PoolManager(maxsize=4, timeout=timeout_s, retries=False, ssl_context=context)

    def attempt(self, signal: Signal, body: bytes) -> Delivery:
        """Post once. Raises NotNowError or RequestRefusedError."""
        try:
            response = self._pool.request(
                "POST",
                f"{self.url}/v1/{signal}",
                body=gzip.compress(body, compresslevel=1, mtime=0) if self._gzip_bodies else body,
                headers=self._headers | _authorization(self._credentials),
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as exc:
            raise NotNowError(f"no collector answers at {self.url} ({_reason(exc)})") from exc
        if response.status == HTTPStatus.OK:
            return _read_delivery(signal, response.data)
        said = f"the collector at {self.url} answered {response.status}{_said(response.data)}"
        if response.status in _RETRYABLE_STATUS:
            retry_after_s = _read_retry_after(response.headers.get("Retry-After"))
            raise NotNowError(said, retry_after_s=retry_after_s, remedy=_BUSY)
        if response.status in _UNWELCOME_STATUS:
            raise NotNowError(said, retry_after_s=_RENEWAL_PAUSE_S, remedy=_UNWELCOME)
        raise RequestRefusedError(f"{said} to {signal}")

    def close(self) -> None:
        """Close the kept connections."""
        self._pool.clear()


class GrpcClient(Client):
    """OTLP/gRPC over one channel; encrypted where the URL begins with `grpcs` or `https`."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, credentials: Credentials | None = None) -> None:
        super().__init__(url)
        scheme, host, port = _read_address(url)
        self._timeout_s = timeout_s
        self._credentials = credentials or Credentials()
        target = f"{_bracketed(host)}:{port or GRPC_PORT}"
        if scheme in ("grpcs", "https"):
            _tls_context(self._credentials)  # says what is wrong with the files; grpc would only fail to connect
            secure = grpc.ssl_channel_credentials(*self._credentials.read_pem())
            self._channel = grpc.secure_channel(target, secure, options=_CHANNEL_OPTIONS)
        else:
            self._channel = grpc.insecure_channel(target, options=_CHANNEL_OPTIONS)
        self._calls = {
            signal: self._channel.unary_unary(method, request_serializer=_as_is, response_deserializer=_as_is)
            for signal, method in _METHODS.items()
        }

    def attempt(self, signal: Signal, body: bytes) -> Delivery:
        """Call once. Raises NotNowError or RequestRefusedError."""
        try:
            metadata = tuple((key.lower(), value) for key, value in _authorization(self._credentials).items())
            answer = self._calls[signal](body, timeout=self._timeout_s, metadata=metadata)
        except grpc.RpcError as exc:
            raise self._translate(signal, exc) from exc
        return _read_delivery(signal, answer)

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()

    def _translate(self, signal: Signal, error: grpc.RpcError) -> NotNowError | RequestRefusedError:
        assert isinstance(error, grpc.Call)  # so is every error of a finished call
        code = error.code()
        retry_after_s = _read_retry_info(error.trailing_metadata() or ())
        said = f"{code.name}: {error.details()}"
        exhausted = code is grpc.StatusCode.RESOURCE_EXHAUSTED and retry_after_s is not None
        if code in _RETRYABLE_CODES or exhausted:
            return NotNowError(f"no collector answers at {self.url} ({said})", retry_after_s=retry_after_s)
        if code in _UNWELCOME_CODES:
            told = f"the collector at {self.url} answered {said}"
            return NotNowError(told, retry_after_s=_RENEWAL_PAUSE_S, remedy=_UNWELCOME)
        return RequestRefusedError(f"the collector at {self.url} answered {said} to {signal}")


def _read_address(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise InvalidInputError(
            f"{url!r} is not a collector's address ({exc})", remedy="write e.g. http://localhost:4318"
        ) from exc
    return parts.scheme, parts.hostname or "", port


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _authorization(credentials: Credentials) -> dict[str, str]:
    token = credentials.token()
    return {"Authorization": f"Bearer {token}"} if token else {}


def _tls_context(credentials: Credentials) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=credentials.ca_file)
        if credentials.client_certificate is not None:
            context.load_cert_chain(credentials.client_certificate, credentials.client_key)
    except ssl.SSLError as exc:
        raise InvalidInputError(
            f"the CA, client certificate or client key cannot be used: {exc.reason}",
            remedy="give PEM files that belong together",
        ) from exc
    return context


def _as_is(body: bytes) -> bytes:
    return body


def _read_delivery(signal: Signal, body: bytes) -> Delivery:
    """Return what an accepted request's answer says; an answer that cannot be read still means accepted."""
    try:
        if signal is Signal.METRICS:
            metrics = ExportMetricsServiceResponse.FromString(body).partial_success
            return Delivery(rejected=metrics.rejected_data_points, message=metrics.error_message)
        if signal is Signal.LOGS:
            logs = ExportLogsServiceResponse.FromString(body).partial_success
            return Delivery(rejected=logs.rejected_log_records, message=logs.error_message)
        traces = ExportTraceServiceResponse.FromString(body).partial_success
        return Delivery(rejected=traces.rejected_spans, message=traces.error_message)
    except DecodeError:
        return Delivery()


def _said(body: bytes) -> str:
    """Return the message of an error body, which the specification makes a google.rpc.Status."""
    try:
        message = str(Status.FromString(body).message)
    except DecodeError:
        message = body.decode("utf-8", errors="replace")
    return f" ({' '.join(message.split())[:300]})" if message.strip() else ""


def _reason(error: urllib3.exceptions.HTTPError) -> str:
    """Return urllib3's reason without the object addresses it puts in front."""
    return str(error).rpartition(": ")[2] or type(error).__name__


def _read_retry_after(header: str | None) -> float | None:
    """Return `Retry-After` in seconds from now; it is a number of seconds or an HTTP date."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except ValueError:
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _read_retry_info(trailers: Iterable[tuple[str, str | bytes]]) -> float | None:
    """Return the delay a gRPC answer asks for, from either of the two places where servers put it."""
    for key, value in trailers:
        if not isinstance(value, bytes):
            continue
        try:
            if key == "google.rpc.retryinfo-bin":
                return float(RetryInfo.FromString(value).retry_delay.ToTimedelta().total_seconds())
            if key == "grpc-status-details-bin":
                for detail in Status.FromString(value).details:
                    info = RetryInfo()
                    if detail.Unpack(info):
                        return float(info.retry_delay.ToTimedelta().total_seconds())
        except DecodeError:
            continue
    return None
