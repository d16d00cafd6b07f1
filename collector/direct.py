"""The collector without a spool: decodes and stores at once, for game days and history in one process.

It acknowledges what the consumer has committed; when the database is away, the caller hears of it.
"""

import threading
import uuid

from collector.consumer import Consumer
from collector.decode import Decoder
from collector.intake import Accepted, Readiness, build_accepted
from collector.signals import Encoding, Signal
from collector.telemetry import CollectorTelemetry
from model.errors import DependencyError


class DirectPipeline:
    """Writes every request in its own transaction.

    `source` names the sender in the consumer's positions. It must be one writer's own, because two with one name
    would take each other's positions for stored ones; left out, it is a new one.
    """

    def __init__(
        self,
        consumer: Consumer,
        *,
        source: str | None = None,
        decoder: Decoder | None = None,
        telemetry: CollectorTelemetry | None = None,
    ) -> None:
        self.telemetry = CollectorTelemetry() if telemetry is None else telemetry
        self._consumer = consumer
        self._source = f"direct-{uuid.uuid4()}" if source is None else source
        self._decoder = Decoder() if decoder is None else decoder
        self._gate = threading.Lock()
        self._position: int | None = None

    def accept(self, signal: Signal, encoding: Encoding, body: bytes) -> Accepted:
        """Decode a decompressed body and store its good part; return once that is committed.

        Raises UndecodableError, or DatabaseUnavailableError after which the same request may be sent again.
        """
        decoded = self._decoder.decode(signal, encoding, body)
        if decoded.accepted:
            with self._gate:
                decoded.batch.position = self._next_position()
                self._consumer.write(self._source, [decoded.batch])
                self._position = decoded.batch.position
        self.telemetry.count_accepted(signal, len(body), decoded)
        return build_accepted(signal, decoded)

    def check_readiness(self) -> Readiness:
        """Ask the consumer whether it answers."""
        try:
            self._consumer.read_position(self._source)
        except DependencyError as exc:
            return Readiness(taking_requests=False, database_taking_data=False, trouble=str(exc))
        return Readiness(taking_requests=True, database_taking_data=True)

    def _next_position(self) -> int:
        # Read again after a failure: nobody knows whether a commit without an answer took place.
        position, self._position = self._position, None
        return 1 + (self._consumer.read_position(self._source) if position is None else position)
