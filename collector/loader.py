"""From the records of the spool to a group of batches; what can never be decoded is set aside."""

import logging
from dataclasses import dataclass

from collector.bounds import BatchCache, Room
from collector.cardinality import CardinalityLimit
from collector.decode import Decoder
from collector.spool import Head, Spool
from collector.telemetry import CollectorTelemetry
from model.points import Batch

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Requests that follow each other in the spool: their batches, the last position, and what they occupy there."""

    batches: list[Batch]
    end: int
    cost_bytes: int


class GroupLoader:
    """Reads groups; one call at a time."""

    def __init__(
        self,
        *,
        spool: Spool,
        decoder: Decoder,
        cardinality: CardinalityLimit | None,
        cache: BatchCache,
        decoding: Room,
        telemetry: CollectorTelemetry,
    ) -> None:
        self._spool = spool
        self._decoder = decoder
        self._cardinality = cardinality
        self._cache = cache
        self._decoding = decoding
        self._telemetry = telemetry

    def load(self, after: int, max_bytes: int) -> Group:
        """Return the oldest requests behind the position `after`, as many as reach `max_bytes` together."""
        last_position = self._spool.last_position
        heads = self._spool.list_after(after, max_bytes)
        batches = [self._load(head) for head in heads]
        return Group(
            batches=[batch for batch in batches if batch is not None],
            end=heads[-1].position if heads else last_position,
            cost_bytes=sum(head.cost_bytes for head in heads),
        )

    def set_aside(self, position: int, reason: str) -> None:
        """Keep a request out of the way of the others."""
        _log.error("request %d cannot be stored and is set aside: %s", position, reason)
        self._spool.set_aside(position, reason)
        self._telemetry.count_set_aside()

    def _load(self, head: Head) -> Batch | None:
        batch = self._cache.take(head.position, head.digest)
        if batch is not None:
            return batch
        with self._decoding.hold(head.cost_bytes):
            return self._decode_again(head)

    def _decode_again(self, head: Head) -> Batch | None:
        request = self._spool.read(head)
        if not request.intact:
            self.set_aside(head.position, "the body has changed on disk")
            return None
        try:
            decoded = self._decoder.decode(request.signal, request.encoding, request.body)
            if self._cardinality is not None:
                self._cardinality.apply(decoded, may_reject=False)
        except Exception as exc:  # noqa: BLE001 - whatever it is, it must not stop the requests behind it
            self.set_aside(head.position, f"{type(exc).__name__}: {exc}")
            return None
        decoded.batch.position = head.position
        return decoded.batch
