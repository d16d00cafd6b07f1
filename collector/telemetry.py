"""The collector's numbers about itself, for Prometheus; each collector has its own set."""

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from collector.decode import Decoded, Reason
from collector.signals import Signal

CONTENT_TYPE = CONTENT_TYPE_LATEST


class CollectorTelemetry:
    """Counts what came in, what was kept, what was refused and why, and what the database took."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._accepted = self._counter("accepted_items", "Items kept, by signal.", "signal")
        self._rejected = self._counter(
            "rejected_items", "Items of a decodable request that were not kept.", "signal", "reason"
        )
        self._no_value = self._counter("no_value_points", "Points flagged as having no recorded value.")
        self._mended_starts = self._counter("mended_starts", "Points kept though they start after their own time.")
        self._overflow = self._counter("overflow_points", "Points of series beyond a limit, in the overflow series.")
        self._series = self._gauge("series", "Series that are admitted.")
        self._received = self._counter("received_bytes", "Decompressed bytes of requests.", "signal")
        self._refused = self._counter("refused_requests", "Requests answered with an error, by error class.", "error")
        self._drained = self._counter("drained_requests", "Requests that the database has taken.")
        self._drained_items = self._counter("drained_items", "Items that the database has taken.")
        self._duplicates = self._counter("duplicate_items", "Items that the database had before (retries).")
        self._failures = self._counter("database_failures", "Attempts to store that failed.")
        self._set_aside = self._counter("set_aside_requests", "Requests that the database can never take.")
        self._spool_bytes = self._gauge("spool_bytes", "What waits in the spool, in bytes.")
        self._spool_limit = self._gauge("spool_limit_bytes", "What the spool may hold, in bytes.")
        self._spool_damaged = self._gauge("spool_damaged_requests", "Requests that the spool's disk has lost.")
        self._database_up = self._gauge("database_up", "Whether the last attempt to store succeeded.")

    def count_accepted(self, signal: Signal, body_bytes: int, decoded: Decoded) -> None:
        """Count a request whose good part is safe."""
        self._received.labels(signal.value).inc(body_bytes)
        self._accepted.labels(signal.value).inc(decoded.accepted)
        self._count_rejected(signal, decoded.rejections.counts())
        self._no_value.inc(decoded.no_value)
        self._mended_starts.inc(decoded.mended_starts)

    def count_overflow(self, points: int) -> None:
        """Count points that went to an overflow series."""
        self._overflow.inc(points)

    def count_refused(self, error: Exception) -> None:
        """Count a request that was answered with an error."""
        self._refused.labels(type(error).__name__).inc()

    def count_drained(self, *, requests: int, stored: int, duplicates: int) -> None:
        """Count requests that left the spool."""
        self._drained.inc(requests)
        self._drained_items.inc(stored)
        self._duplicates.inc(duplicates)

    def count_failure(self) -> None:
        """Count an attempt to store that failed."""
        self._failures.inc()
        self._database_up.set(0)

    def show_database(self, *, up: bool) -> None:
        """Show whether the database takes data."""
        self._database_up.set(int(up))

    def count_set_aside(self) -> None:
        """Count a request that no attempt can store."""
        self._set_aside.inc()

    def watch_spool(
        self, size_bytes: Callable[[], float], limit_bytes: int, damaged_requests: Callable[[], float]
    ) -> None:
        """Show how full the spool is, and what of it is damaged, whenever somebody asks."""
        self._spool_bytes.set_function(size_bytes)
        self._spool_damaged.set_function(damaged_requests)
        self._spool_limit.set(limit_bytes)

    def watch_tokens(self, age_s: Callable[[], float]) -> None:
        """Show how long ago the tokens were read whenever somebody asks."""
        self._gauge("token_age_seconds", "How long ago the tokens were read from the database.").set_function(age_s)

    def watch_series(self, size: Callable[[], float]) -> None:
        """Show how many series are admitted whenever somebody asks."""
        self._series.set_function(size)

    def render(self) -> bytes:
        """Return the Prometheus text exposition."""
        return generate_latest(self.registry)

    def _count_rejected(self, signal: Signal, counts: Mapping[Reason, int]) -> None:
        for reason, count in counts.items():
            self._rejected.labels(signal.value, reason.value).inc(count)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"herald_collector_{name}", what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str) -> Gauge:
        return Gauge(f"herald_collector_{name}", what, registry=self.registry)
