"""A request's way from the door to the database: decode, spool, acknowledge, drain.

Decoding comes before the acknowledgement, so that a bad request is refused; the fsync comes before it too, so that
an acknowledged one is safe. Several threads may call `accept`.
"""

import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from collector.bounds import BatchCache, ByteBudget, Room
from collector.cardinality import CardinalityLimit
from collector.consumer import Consumer
from collector.decode import Decoded, Decoder
from collector.drain import Drain, DrainSettings
from collector.intake import Accepted, Readiness, build_accepted
from collector.signals import Encoding, Signal
from collector.spool import Spool
from collector.telemetry import CollectorTelemetry
from collector.timeliness import TimeLimits
from model.errors import DependencyError, HeraldError

DEFAULT_IN_WORK_BYTES = 128 * 1024**2
DEFAULT_CACHED_BYTES = 64 * 1024**2
LONGEST_SLOWING_S = 0.25
_DECODED_AT_ONCE = 2
"""The interpreter does no more than one at a time anyway."""
_DECODED_BYTES = 64 * 1024**2
"""Of requests that are decoded at once: to decode one takes several times its room."""
_MEMORY_PER_BODY = {Signal.METRICS: 1, Signal.TRACES: 3, Signal.LOGS: 6}
"""Points are columns, attributes of spans and log records are objects: so many times the room of their bytes."""


class Pipeline:
    """Takes requests into a spool and drains it into a consumer; use it as a context manager."""

    def __init__(
        self,
        spool: Spool,
        consumer: Consumer,
        *,
        decoder: Decoder | None = None,
        telemetry: CollectorTelemetry | None = None,
        settings: DrainSettings | None = None,
        cardinality: CardinalityLimit | None = None,
        time_limits: TimeLimits | None = None,
        in_work_bytes: int = DEFAULT_IN_WORK_BYTES,
        cached_bytes: int = DEFAULT_CACHED_BYTES,
    ) -> None:
        self.telemetry = CollectorTelemetry() if telemetry is None else telemetry
        self.telemetry.watch_spool(lambda: spool.size_bytes, spool.max_bytes, lambda: spool.damaged_requests)
        self._spool = spool
        self._time_limits = time_limits
        self._decoder = Decoder() if decoder is None else decoder
        self._cardinality = cardinality
        if cardinality is not None:
            self.telemetry.watch_series(lambda: cardinality.size)
        self._budget = ByteBudget(in_work_bytes)
        self._turn = threading.Semaphore(_DECODED_AT_ONCE)
        self._decoding = Room(_DECODED_BYTES)
        self._cache = BatchCache(cached_bytes)
        self._drain = Drain(
            spool=spool,
            consumer=consumer,
            decoder=self._decoder,
            cardinality=cardinality,
            cache=self._cache,
            decoding=self._decoding,
            telemetry=self.telemetry,
            settings=DrainSettings() if settings is None else settings,
        )

    def __enter__(self) -> Self:
        """Start draining."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drain what the consumer takes at once, and stop."""
        self.stop()

    def start(self) -> None:
        """Begin to drain the spool, with what a previous run left in it first.

        Series that are in use count against the caps from the first request on, unless the database is away.
        """
        if self._cardinality is not None:
            with suppress(DependencyError):  # the drain asks again
                self._cardinality.take_census()
        self._drain.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Drain what the consumer takes within the time, and stop; the rest waits in the spool for the next start."""
        self._drain.stop(timeout_s)

    def accept(self, signal: Signal, encoding: Encoding, body: bytes) -> Accepted:
        """Decode a decompressed body and keep its good part; return once that is durable.

        Raises UndecodableError, or a DependencyError (SpoolFullError, OverloadedError, DirectoryNotWritableError)
        after which nothing of the request is kept and it may be sent again.
        """
        received_bytes = len(body)
        with self._budget.hold(received_bytes):
            with self._decoding.hold(received_bytes), self._turn:
                decoded = self._decoder.decode(signal, encoding, body)
                if self._time_limits is not None:
                    encoding, body, decoded = self._time_limits.refuse_untimely(
                        self._decoder, signal, encoding, body, decoded
                    )
                warning = self._bound(decoded)
            if decoded.accepted:
                self._keep(signal, encoding, body, decoded)
            self.telemetry.count_accepted(signal, received_bytes, decoded)
            return build_accepted(signal, decoded, warning=warning)

    def flush(self, timeout_s: float = 60.0) -> bool:
        """Wait until everything accepted so far is stored; return whether it is."""
        return self._drain.wait_until_stored(self._spool.last_position, timeout_s)

    def check_readiness(self) -> Readiness:
        """Prove that the spool takes a write, and say whether the database takes data."""
        trouble = self._drain.health.trouble
        try:
            self._spool.probe()
            writable = True
        except HeraldError as exc:
            writable, trouble = False, str(exc)
        return Readiness(
            taking_requests=writable,
            database_taking_data=self._drain.health.taking_data,
            trouble=trouble,
            spool_bytes=self._spool.size_bytes,
            spool_limit_bytes=self._spool.max_bytes,
        )

    def _bound(self, decoded: Decoded) -> str:
        if self._cardinality is None:
            return ""
        folded, warning = self._cardinality.apply(decoded)
        self.telemetry.count_overflow(folded)
        return warning

    def _keep(self, signal: Signal, encoding: Encoding, body: bytes, decoded: Decoded) -> None:
        batch = decoded.batch
        memory_bytes = len(body) * _MEMORY_PER_BODY[signal]
        self._spool.append(
            signal,
            encoding,
            body,
            batch.digest,
            on_position=lambda position: self._cache.put(position, batch, memory_bytes),
        )
        self._drain.notify()
        if self._drain.health.taking_data:
            # Clients that are faster than the database are slowed down a little, while it pays: what has left the
            # cache must be read and decoded again.
            self._cache.wait_for_room(LONGEST_SLOWING_S)
