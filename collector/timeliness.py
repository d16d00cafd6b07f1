"""Which times are acceptable, by the clock of the receiver: decoding has none, so that it gives the same again.

What is too old or too far in the future is taken out of the request before it is spooled. So the spool holds what was
accepted, and decoding it again, hours later, finds nothing to refuse by the clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from collector.decode import Decoded, Decoder, Reason, parse_request
from collector.decode.times import LATEST_NS
from collector.signals import Encoding, ExportRequest, Signal
from model.clock import DAY_NS, Clock
from model.points import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimits:
    """How far from now a point, a record or the end of a span may lie; no `past_ns` is as old as you like.

    Metrics and events named in `kept` may always be old: retention spares their weeks.
    """

    clock: Clock
    past_ns: int | None = None
    future_ns: int = DAY_NS
    kept: frozenset[str] = frozenset()

    def refuse_untimely(
        self, decoder: Decoder, signal: Signal, encoding: Encoding, body: bytes, decoded: Decoded
    ) -> tuple[Encoding, bytes, Decoded]:
        """Return the request without what lies outside, decoded, with the reasons; usually that is the one given."""
        now_ns = self.clock.now_ns()
        oldest_ns = 1 if self.past_ns is None else max(1, now_ns - self.past_ns)
        newest_ns = now_ns + self.future_ns
        if all(oldest_ns <= first and last <= newest_ns for first, last in _ranges(decoded.batch)):
            return encoding, body, decoded
        sieve = _Sieve(oldest_ns, newest_ns, self.kept)
        request = parse_request(signal, encoding, body)
        sieve.strip(request)
        stripped = request.SerializeToString()
        timely = decoder.decode(signal, Encoding.PROTOBUF, stripped)
        for reason, (count, example) in sieve.refused.items():
            timely.rejections.add(reason, example, count)
        return Encoding.PROTOBUF, stripped, timely


@dataclass(slots=True)
class _Sieve:
    oldest_ns: int
    newest_ns: int
    kept: frozenset[str]
    refused: dict[Reason, tuple[int, str]] = field(default_factory=dict)

    def strip(self, request: ExportRequest) -> None:
        """Take out what is untimely, and count it."""
        for items, name in _lists(request):
            kept = [item for item in items if not self._refuses(item, name)]
            if len(kept) < len(items):
                del items[:]
                items.extend(kept)

    def _refuses(self, item: Any, name: str) -> bool:
        time_ns = _time_of(item)
        if time_ns == 0 or time_ns >= LATEST_NS or self.oldest_ns <= time_ns <= self.newest_ns:
            return False  # what is no time at all is for the decoder to refuse
        if time_ns < self.oldest_ns:
            if (getattr(item, "event_name", "") or name) in self.kept:
                return False
            reason, example = (
                Reason.TOO_OLD,
                f"{name}: time {time_ns} is older than {self.oldest_ns}, the oldest kept",
            )
        else:
            reason, example = Reason.FUTURE, f"{name}: time {time_ns} is in the future, beyond {self.newest_ns}"
        count, first = self.refused.get(reason, (0, example))
        self.refused[reason] = (count + 1, first)
        return True


def _ranges(batch: Batch) -> Iterator[tuple[int, int]]:
    columns = [batch.numbers.time_ns, *(block.time_ns for block in batch.histograms)]
    columns += [block.end_ns for block in batch.spans]
    others = [p.time_ns for p in batch.exponentials] + [e.time_ns for e in batch.events]
    for column in (*columns, np.array(others, dtype=np.int64)):
        if len(column):
            yield int(column.min()), int(column.max())


def _lists(request: ExportRequest) -> Iterator[tuple[Any, str]]:
    """Yield every list of items that have a time, and what to call them."""
    if isinstance(request, ExportMetricsServiceRequest):
        for group in request.resource_metrics:
            for metric in (metric for scope in group.scope_metrics for metric in scope.metrics):
                if kind := metric.WhichOneof("data"):
                    yield getattr(metric, kind).data_points, metric.name
    elif isinstance(request, ExportLogsServiceRequest):
        yield from (
            (scope.log_records, "log record") for group in request.resource_logs for scope in group.scope_logs
        )
    else:
        yield from ((scope.spans, "span") for group in request.resource_spans for scope in group.scope_spans)


def _time_of(item: Any) -> int:
    fields = ("end_time_unix_nano", "time_unix_nano", "observed_time_unix_nano")
    return next((time_ns for name in fields if (time_ns := int(getattr(item, name, 0)))), 0)
