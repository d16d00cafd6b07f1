"""Store telemetry exactly once: fits `collector.consumer.Consumer`, which this folder does not import.

One call is one transaction. What protects against storing twice, in this order: the position in the spool, changed
with the points; the digest of the request, for a client that repeats one; and per point the high-water mark of
its series, for a client that repeats points in other requests (see `sieve`). A COMMIT whose answer is lost is settled
by looking at the position.

Writers of one database take turns: each transaction holds the row of `ingest_writer`, where the last one left its
name. Whoever finds another name there reads its marks again. A writer claims a source by a new epoch of its
position; an older one that wakes up finds that it is not its own any more, and stores nothing (`WriterFencedError`).

Times are stored in microseconds, those of points rounded up (see `pgcopy.to_pg_us`).
"""

import contextlib
import threading
import uuid
from collections.abc import Iterator, Sequence

import psycopg

from model.errors import WriterFencedError
from model.points import Batch, Written
from model.registry import Registry, load_registry
from store.database import Connection, connect, render_url, require_durable_commits, translated, unavailable
from store.last_times import LastTimes
from store.planner import Planner, Work
from store.statements import load_statements
from store.storing import make_temporary_tables, pin_weeks, store_work

_SQL = load_statements("writer")
_ATTEMPTS = 5
_RECONNECT_PATIENCE_S = 2.0
_TRY_AGAIN = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.CheckViolation,  # retention dropped the partition of a week since we made it
    psycopg.errors.UndefinedTable,  # the same, in the middle of our statement
    psycopg.errors.InternalError_,  # what TimescaleDB says then: could not open relation with OID
)


class Writer:
    """Writes batches to one database; one call at a time, from any thread, but for `prepare`."""

    def __init__(self, url: str, *, registry: Registry | None = None) -> None:
        self._url = url
        self._kept = (registry or load_registry()).kept
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._name = str(uuid.uuid4())
        self._epochs: dict[str, int] = {}
        self._planner = Planner()
        self._last_times = LastTimes()
        self._weeks: set[tuple[str, int]] = set()
        self._pins: set[tuple[str, int]] = set()
        self._committing = False

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        with self._lock:
            with contextlib.suppress(psycopg.Error):
                if self._connection is not None:
                    self._last_times.show(self._connection)
            self._disconnect()

    def read_position(self, source: str) -> int:
        """Return the spool position up to which everything of `source` is stored; 0 for a new one.

        The first call claims the source for this writer. Raises DatabaseUnavailableError.
        """
        with self._lock, translated(self._url), self._connected() as connection:
            if self._last_times.is_due():
                self._last_times.show(connection)
            return self._claim_and_read(connection, source)

    def prepare(self, batches: Sequence[Batch]) -> None:
        """Plan what will be written next, while another thread writes; asks nothing of the database."""
        self._planner.prepare(batches)

    def write(self, source: str, batches: Sequence[Batch]) -> Written:
        """Store the batches and their last position in one transaction.

        Batches at or below the stored position are skipped; so is a batch whose digest is known. Raises
        DatabaseUnavailableError when the database does not answer; the same call may then be made again. Raises
        WriterFencedError when another writer has claimed the source.
        """
        if not batches:
            return Written(stored=0, duplicates=0)
        with self._lock, translated(self._url):
            return self._write_with_retries(source, batches)

    def skip(self, source: str, position: int) -> None:
        """Move the position of a source past what will never be stored.

        Raises DatabaseUnavailableError, or WriterFencedError when another writer has claimed the source.
        """
        with self._lock, translated(self._url), self._connected() as connection:
            self._claim_and_read(connection, source)
            with connection.transaction():
                _move_position(connection, source, self._lock_position(connection, source), position)

    def _write_with_retries(self, source: str, batches: Sequence[Batch]) -> Written:
        for attempt in range(1, _ATTEMPTS + 1):
            self._committing = False
            result: list[Written] = []
            try:
                with self._connected() as connection:
                    return self._write_once(connection, source, batches, result)
            except _TRY_AGAIN as exc:
                self._forget()
                if attempt == _ATTEMPTS:
                    raise unavailable(self._url, psycopg.OperationalError(str(exc))) from exc
            except psycopg.OperationalError as exc:
                self._forget()
                if isinstance(exc, psycopg.errors.ProgramLimitExceeded):
                    raise  # it would fail again
                if self._committing and self._was_committed(source, batches):
                    return result[0]
                if attempt == _ATTEMPTS:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _was_committed(self, source: str, batches: Sequence[Batch]) -> bool:
        """Settle a COMMIT whose answer never came."""
        with self._connected() as connection:
            return _read_position(connection, source) >= batches[-1].position

    def _write_once(
        self, connection: Connection, source: str, batches: Sequence[Batch], result: list[Written]
    ) -> Written:
        if source not in self._epochs:
            self._claim_and_read(connection, source)
        work = self._prepare(connection, batches)
        with connection.transaction():
            position = self._lock_position(connection, source)
            alone = self._take_turn(connection)
            unknown = _add_digests(connection, [batch for batch in batches if batch.position > position])
            if not alone or len(unknown) < len(batches) or not self._planner.holds(work):
                work = self._planner.plan_again(connection, unknown)
            pins = self._pins_needed(work)
            stored = store_work(connection, work)
            pin_weeks(connection, pins)
            _move_position(connection, source, position, batches[-1].position)
            result.append(Written(stored=stored, duplicates=sum(map(len, batches)) - stored))
            self._committing = True
        self._remember(work, pins)
        if self._last_times.is_due():
            self._last_times.show(connection)
        return result[0]

    def _claim_and_read(self, connection: Connection, source: str) -> int:
        if source in self._epochs:
            return _read_position(connection, source)
        row = connection.execute(_SQL["claim_source"], {"source": source}).fetchone()
        assert row is not None
        self._epochs[source] = int(row[1])
        return int(row[0])

    def _lock_position(self, connection: Connection, source: str) -> int:
        """Return the position, and keep any other writer of the source waiting until the transaction ends."""
        row = connection.execute(_SQL["lock_position"], {"source": source}).fetchone()
        if row is None or int(row[1]) != self._epochs[source]:
            raise WriterFencedError(f"another writer has taken over {source} in the database {render_url(self._url)}")
        return int(row[0])

    def _take_turn(self, connection: Connection) -> bool:
        """Wait until no other writer writes; return whether none has since our last turn.

        If one has, the marks of series that we know may be too low.
        """
        row = connection.execute(_SQL["take_turn"], {"writer": self._name}).fetchone()
        alone = row is not None and row[0] == self._name
        if not alone:
            connection.execute(_SQL["leave_name"], {"writer": self._name})
            self._planner.distrust_marks()
        return alone

    def _prepare(self, connection: Connection, batches: Sequence[Batch]) -> Work:
        """Create what must exist before: series and the partitions of weeks, each in a short transaction."""
        work = self._planner.plan(connection, batches)
        needed = work.tables_of_weeks()
        for table, week in sorted(needed - self._weeks):
            connection.execute(_SQL["ensure_week"], {"table": table, "week": week})
        self._weeks |= needed
        return work

    def _pins_needed(self, work: Work) -> set[tuple[str, int]]:
        return {(metric, week) for metric, week in work.metric_weeks() if metric in self._kept} - self._pins

    def _remember(self, work: Work, pins: set[tuple[str, int]]) -> None:
        self._planner.remember(work)
        book = self._planner.book
        for plan in (work.numbers, work.histograms):
            self._last_times.note(book.ids[plan.series], book.marks_us[plan.series])
        self._pins |= pins

    def _forget(self) -> None:
        self._planner.forget()
        self._weeks.clear()
        self._pins.clear()

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Connection]:
        if self._connection is None:
            self._connection = connect(self._url, patience_s=_RECONNECT_PATIENCE_S, application="herald writer")
            require_durable_commits(self._connection)
            self._connection.execute(_SQL["limit_waiting"])
            make_temporary_tables(self._connection)
        try:
            yield self._connection
        except (psycopg.OperationalError, psycopg.InterfaceError):
            if self._connection.broken or self._connection.closed:
                self._disconnect()
            raise

    def _disconnect(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None


def _read_position(connection: Connection, source: str) -> int:
    row = connection.execute(_SQL["read_position"], {"source": source}).fetchone()
    return int(row[0]) if row else 0


def _move_position(connection: Connection, source: str, expected: int, new: int) -> None:
    if new > expected:
        connection.execute(_SQL["move_position"], {"source": source, "expected": expected, "new": new})


def _add_digests(connection: Connection, batches: Sequence[Batch]) -> list[Batch]:
    """Record the digests and return the batches that were not known, each digest once."""
    rows = connection.execute(_SQL["add_digests"], {"digests": sorted({b.digest for b in batches})}).fetchall()
    new = {row[0] for row in rows}
    unknown = []
    for batch in batches:
        if batch.digest in new:
            new.discard(batch.digest)
            unknown.append(batch)
    return unknown
