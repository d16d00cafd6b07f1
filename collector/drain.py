"""From the spool to the consumer: one thread, in order, in groups, for as long as it takes.

A group's points and the position of its last request are committed together by the consumer, so a crash at
any moment repeats nothing and loses nothing. A request that the consumer can never take is set aside, and the
position moves past it.
"""

import logging
import math
import threading
import time
from dataclasses import dataclass

from collector.ahead import LoadAhead
from collector.bounds import BatchCache, Room
from collector.cardinality import CardinalityLimit
from collector.consumer import Consumer
from collector.database_health import DatabaseHealth
from collector.decode import Decoder
from collector.loader import Group, GroupLoader
from collector.one_by_one import OneByOne
from collector.spool import Spool
from collector.telemetry import CollectorTelemetry
from model.errors import DependencyError, WriterFencedError
from model.points import Batch

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainSettings:
    """When a group is handed on, and how long to wait after a failure (doubling up to the longest).

    A group has at most `group_bytes`, and goes as soon as there is `enough_bytes`, or when the one before began
    `group_interval_s` ago: a request after a pause is handed on at once.
    """

    group_bytes: int = 8 * 1024**2
    enough_bytes: int = 2 * 1024**2
    group_interval_s: float = 0.1
    first_retry_s: float = 0.1
    longest_retry_s: float = 5.0
    idle_probe_s: float = 5.0


class Drain:
    """Hands spooled requests to the consumer and deletes what it has stored."""

    def __init__(
        self,
        *,
        spool: Spool,
        consumer: Consumer,
        decoder: Decoder,
        cardinality: CardinalityLimit | None = None,
        cache: BatchCache,
        decoding: Room,
        telemetry: CollectorTelemetry,
        settings: DrainSettings,
    ) -> None:
        self._spool = spool
        self._consumer = consumer
        self._loader = GroupLoader(
            spool=spool,
            decoder=decoder,
            cardinality=cardinality,
            cache=cache,
            decoding=decoding,
            telemetry=telemetry,
        )
        self._cardinality = cardinality
        self._telemetry = telemetry
        self._settings = settings
        self._position: int | None = None  # what the consumer has stored, once it has said so
        self._deleted = 0
        self._group: Group | None = None
        self._group_began_s = -math.inf
        self._one_by_one = OneByOne(self._write, self._skip, self._loader)
        self._changed = threading.Condition()
        self._ahead = LoadAhead(
            spool=spool,
            loader=self._loader,
            consumer=consumer,
            full_bytes=settings.group_bytes,
            enough_bytes=settings.enough_bytes,
        )
        self._stopping = False
        self._stop_now = threading.Event()
        self._thread = threading.Thread(target=self._run, name="spool-drain", daemon=True)
        self.health = DatabaseHealth(telemetry)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def notify(self) -> None:
        """Say that a request was added to the spool."""
        with self._changed:
            self._changed.notify_all()

    def wait_until_stored(self, position: int, timeout_s: float) -> bool:
        """Return whether everything up to `position` was stored, and left the spool, within the time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._deleted >= position, timeout_s)

    def stop(self, timeout_s: float) -> None:
        """Hand on what is left if the consumer takes it at once, and end; the rest stays in the spool."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
            self._stop_now.set()
            self._thread.join(timeout_s)
        self._ahead.stop()

    def _run(self) -> None:
        delay_s = self._settings.first_retry_s
        while not self._stop_now.is_set():
            try:
                worked = self._step_as_somebody()
            except Exception as exc:  # noqa: BLE001 - a drain that ends unseen would look healthy
                self.health.note_trouble(exc)
                if self._stopping:
                    return
                self._pause(delay_s)
                delay_s = min(2 * delay_s, self._settings.longest_retry_s)
                continue
            delay_s = self._settings.first_retry_s
            self.health.note_success()
            if not worked and self._wait_for_work():
                return

    def _step_as_somebody(self) -> bool:
        try:
            return self._step()
        except WriterFencedError:
            self._become_new_source("another collector has taken over its source")
            return True

    def _step(self) -> bool:
        """Do one thing; return False if there was nothing to do."""
        if self._position is None:
            self._synchronise()
        if self._ahead.group is None:  # else that is done while it is written
            self._delete_stored()
        if self._cardinality is not None:
            self._cardinality.take_census()
        if self._group is None:
            self._group = self._ahead.take() or self._load_group()
        self._write_group(self._group)
        self._group = None
        if self._ahead.group is None:
            self._delete_stored()
        if self._has_work():
            return True
        self._consumer.read_position(self._spool.source)  # idle: ask whether it still answers
        return False

    def _synchronise(self) -> None:
        stored = self._consumer.read_position(self._spool.source)
        if stored > self._spool.last_position:
            # The file is older than what the consumer has seen of it (restored from a copy): its next positions
            # would be taken for known ones.
            self._become_new_source("it is an old copy")
            stored = 0
        self._position = stored

    def _become_new_source(self, why: str) -> None:
        """Begin anew with all that waits: requests that are stored already are recognised by their digest."""
        _log.warning("the spool in %s becomes a new source: %s", self._spool.directory, why)
        self._delete_stored()  # what was set aside has no digest there
        self._spool.renew_source()
        self._position, self._group = None, None
        self._ahead.take()

    def _load_group(self) -> Group:
        self._wait_for_more()
        return self._loader.load(self._position or 0, self._settings.group_bytes)

    def _write_group(self, group: Group) -> None:
        self._group_began_s = time.monotonic()
        if group.batches:
            try:
                with self._ahead.while_writing(group, self._delete_stored):
                    self._write(group.batches)
                group.batches.clear()
            except DependencyError:
                raise
            except Exception:  # noqa: BLE001 - whatever it is, it must not stop the requests behind it
                self._one_by_one.write(group)
        if group.end > (self._position or 0):
            self._skip(group.end)  # what could not be read, or decoded

    def _write(self, batches: list[Batch]) -> None:
        written = self._consumer.write(self._spool.source, batches)
        self._position = batches[-1].position
        self._telemetry.count_drained(requests=len(batches), stored=written.stored, duplicates=written.duplicates)

    def _skip(self, position: int) -> None:
        """Be done with everything up to a position, the last of which was set aside."""
        self._consumer.skip(self._spool.source, position)
        self._position = position

    def _delete_stored(self) -> None:
        position = self._position or 0
        if position > self._deleted:
            self._spool.delete_through(position)
            with self._changed:
                self._deleted = position
                self._changed.notify_all()

    def _wait_for_work(self) -> bool:
        """Wait for requests; return True if the drain is to end instead."""
        with self._changed:
            self._changed.wait_for(self._has_work_or_stops, self._settings.idle_probe_s)
            return self._stopping and not self._has_work()

    def _wait_for_more(self) -> None:
        if self._has_work():
            wait_s = self._group_began_s + self._settings.group_interval_s - time.monotonic()
            with self._changed:
                self._changed.wait_for(self._has_enough_or_stops, max(0.0, wait_s))

    def _has_work(self) -> bool:
        return self._spool.last_position > (self._position or 0)

    def _has_work_or_stops(self) -> bool:
        return self._stopping or self._has_work()

    def _has_enough_or_stops(self) -> bool:
        return self._stopping or self._spool.size_bytes >= self._settings.enough_bytes

    def _pause(self, delay_s: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, delay_s)
