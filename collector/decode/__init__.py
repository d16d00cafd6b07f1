"""OTLP bytes -> a checked `Batch`. Pure: no I/O, no clock; the same bytes always give the same batch.

A body that is no OTLP message is refused as a whole (UndecodableError); a bad point of a good request is
counted with its reason, and the good ones are kept.
"""

import contextlib
import hashlib

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from collector.decode.decoded import Decoded
from collector.decode.logs import decode_logs
from collector.decode.metrics import MetricsDecoder
from collector.decode.otlp_json import parse_json
from collector.decode.rejections import Reason, Rejections
from collector.decode.traces import TracesDecoder
from collector.errors import UndecodableError
from collector.signals import REQUESTS, Encoding, ExportRequest, Signal
from model.registry import Registry, load_registry

__all__ = ["Decoded", "Decoder", "Reason", "Rejections", "digest_of", "parse_request"]


class Decoder:
    """Decodes every signal; keep one and use it from all threads, it remembers series."""

    def __init__(self, registry: Registry | None = None, *, max_series: int = 100_000) -> None:
        known = load_registry() if registry is None else registry
        self._metrics = MetricsDecoder(known.metrics, max_series=max_series)
        self._traces = TracesDecoder()

    def decode(self, signal: Signal, encoding: Encoding, body: bytes) -> Decoded:
        """Return what is good in a decompressed body, and what is not.

        The batch carries the digest of `body`; its position is 0 until the spool gives it one. Raises
        UndecodableError.
        """
        decoded = self._decode_columns(signal, body) if encoding is Encoding.PROTOBUF else None
        if decoded is None:
            decoded = self.decode_request(parse_request(signal, encoding, body))
        decoded.batch.digest = digest_of(body)
        return decoded

    def _decode_columns(self, signal: Signal, body: bytes) -> Decoded | None:
        """Return None for what is no request: the other road says why. Logs have only that one."""
        with contextlib.suppress(DecodeError):
            if signal is Signal.METRICS:
                return self._metrics.decode_bytes(body)
            if signal is Signal.TRACES:
                return self._traces.decode_bytes(body)
        return None

    def decode_request(self, request: ExportRequest) -> Decoded:
        """Return what is good in a parsed request, and what is not."""
        if isinstance(request, ExportMetricsServiceRequest):
            return self._metrics.decode(request)
        if isinstance(request, ExportLogsServiceRequest):
            return decode_logs(request)
        return self._traces.decode(request)


def parse_request(signal: Signal, encoding: Encoding, body: bytes) -> ExportRequest:
    """Return the OTLP message in `body`. Raises UndecodableError."""
    message = REQUESTS[signal]()
    if encoding is Encoding.JSON:
        return parse_json(body, message)
    try:
        message.ParseFromString(body)
    except DecodeError as exc:
        name = message.DESCRIPTOR.name
        raise UndecodableError(f"the body of {len(body)} bytes is not a protobuf {name}") from exc
    return message


def digest_of(body: bytes) -> bytes:
    """Return the BLAKE2b-128 of a decompressed body: what makes a byte-identical retry known."""
    return hashlib.blake2b(body, digest_size=16).digest()
