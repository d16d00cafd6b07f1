"""The durable spool: requests stand here, on disk, from their acknowledgement until the database has them.

SQLite in WAL mode with synchronous=FULL; `append` returns after the fsync. Positions grow by one and are never
used again, which is what the consumer's exactly-once rests on. One process owns a spool.
"""

import contextlib
import fcntl
import os
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collector.decode import digest_of
from collector.errors import SpoolDamagedError, SpoolFullError, SpoolInUseError
from collector.group_commit import GroupCommit, Job, T
from collector.signals import Encoding, Signal
from model.errors import DirectoryNotWritableError, HeraldError

DEFAULT_MAX_BYTES = 4 * 1024**3
_ROW_BYTES = 128
"""What a request costs beside its body; it also bounds the number of tiny requests."""
_HEADS_AT_ONCE = 1000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS request (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    signal TEXT NOT NULL, encoding TEXT NOT NULL, digest BLOB NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS set_aside (
    position INTEGER PRIMARY KEY,
    signal TEXT NOT NULL, encoding TEXT NOT NULL, digest BLOB NOT NULL, body BLOB NOT NULL, reason TEXT NOT NULL
);
"""
_COST = f"length(body) + {_ROW_BYTES}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a request stands, what it costs, and the digest it was accepted with."""

    position: int
    cost_bytes: int
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledRequest:
    """A request as it was accepted; `intact` says whether the body still has its digest."""

    position: int
    signal: Signal
    encoding: Encoding
    body: bytes
    intact: bool


class Spool:
    """A bounded, ordered, durable store of accepted requests in `directory`.

    Opening raises DirectoryNotWritableError, SpoolInUseError or SpoolDamagedError.
    """

    def __init__(self, directory: Path, *, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.directory = directory
        self.max_bytes = max_bytes
        self._gate = threading.Lock()
        self._reading = threading.Lock()
        self._owner = _own(directory)
        try:
            with self._translated():
                writer = self._connect()
                writer.executescript(_SCHEMA)
                self._reader = self._connect()
            self._commits = GroupCommit(writer)
            self.source = self._run(_read_or_make_source)
            self._bytes = int(self._fetch(f"SELECT coalesce(sum({_COST}), 0) FROM request")[0][0])  # noqa: S608 - a constant
            self._last = int(self._fetch("SELECT coalesce(max(seq), 0) FROM sqlite_sequence")[0][0])
        except BaseException:
            os.close(self._owner)
            raise

    @property
    def size_bytes(self) -> int:
        """What the waiting requests cost, those on their way to the disk included."""
        return self._bytes

    @property
    def last_position(self) -> int:
        """The position of the newest request that is durable; 0 for a new spool."""
        return self._last

    def append(
        self,
        signal: Signal,
        encoding: Encoding,
        body: bytes,
        digest: bytes,
        *,
        on_position: Callable[[int], None] = lambda _: None,
    ) -> int:
        """Store a request and return its position once it is durable.

        `on_position` is called with the position just before the commit, from another thread. Raises
        SpoolFullError when the bound or the disk is reached, DirectoryNotWritableError when the disk refuses.
        """

        def insert(connection: sqlite3.Connection) -> int:
            cursor = connection.execute(
                "INSERT INTO request (signal, encoding, digest, body) VALUES (?, ?, ?, ?)",
                (signal.value, encoding.value, digest, body),
            )
            position = int(cursor.lastrowid or 0)
            on_position(position)
            return position

        cost = len(body) + _ROW_BYTES
        self._reserve(cost)
        try:
            position = self._run(insert)
        except BaseException:
            self._release(cost)
            raise
        with self._gate:
            self._last = max(self._last, position)
        return position

    def list_after(self, position: int, max_bytes: int) -> list[Head]:
        """Return the oldest requests after `position` that together cost `max_bytes`, or the very oldest."""
        rows = self._fetch(
            f"SELECT position, {_COST}, digest FROM request WHERE position > ? ORDER BY position LIMIT ?",  # noqa: S608 - a constant
            (position, _HEADS_AT_ONCE),
        )
        heads: list[Head] = []
        left_bytes = max_bytes
        for row_position, cost, digest in rows:
            if heads and cost > left_bytes:
                break
            heads.append(Head(position=row_position, cost_bytes=cost, digest=digest))
            left_bytes -= cost
        return heads

    def read(self, position: int) -> SpooledRequest | None:
        """Return the request at `position`, or None if it is gone."""
        rows = self._fetch("SELECT signal, encoding, digest, body FROM request WHERE position = ?", (position,))
        if not rows:
            return None
        signal, encoding, digest, body = rows[0]
        return SpooledRequest(
            position=position,
            signal=Signal(signal),
            encoding=Encoding(encoding),
            body=body,
            intact=digest_of(body) == digest,
        )

    def delete_through(self, position: int) -> None:
        """Forget every request up to and including `position`."""

        def delete(connection: sqlite3.Connection) -> int:
            query = f"SELECT coalesce(sum({_COST}), 0) FROM request WHERE position <= ?"  # noqa: S608 - a constant
            freed: int = connection.execute(query, (position,)).fetchone()[0]
            connection.execute("DELETE FROM request WHERE position <= ?", (position,))
            return freed

        self._release(self._run(delete))

    def set_aside(self, position: int, reason: str) -> None:
        """Keep a request that cannot be stored out of the way of the others, with the reason."""

        def move(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO set_aside"
                " SELECT position, signal, encoding, digest, body, ? FROM request WHERE position = ?",
                (reason, position),
            )

        self._run(move)

    def list_set_aside(self) -> list[tuple[int, str]]:
        """Return position and reason of the requests that could not be stored."""
        return [(row[0], row[1]) for row in self._fetch("SELECT position, reason FROM set_aside ORDER BY 1")]

    def renew_source(self) -> str:
        """Become a new source, because the consumer has seen more of the old one than this file holds."""

        def renew(connection: sqlite3.Connection) -> str:
            connection.execute("DELETE FROM about WHERE key = 'source'")
            return _read_or_make_source(connection)

        self.source = self._run(renew)
        return self.source

    def probe(self) -> None:
        """Prove that the spool can be written to. Raises DirectoryNotWritableError or SpoolFullError."""
        self._run(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO about"
                " VALUES ('probes', (SELECT coalesce((SELECT value FROM about WHERE key = 'probes'), 0) + 1))"
            )
        )
        if self._bytes >= self.max_bytes:
            raise SpoolFullError(f"the spool in {self.directory} holds its {self.max_bytes} bytes")

    def close(self) -> None:
        """Finish pending writes, close the file and give the directory free."""
        self._commits.close()
        with self._reading:
            self._reader.close()
        with contextlib.suppress(OSError):
            os.close(self._owner)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.directory / "spool.sqlite3", isolation_level=None, check_same_thread=False, timeout=30
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        return connection

    def _run(self, job: Job[T]) -> T:
        with self._translated():
            return self._commits.run(job)

    def _fetch(self, query: str, parameters: tuple[int, ...] = ()) -> list[tuple[Any, ...]]:
        with self._translated(), self._reading:
            return self._reader.execute(query, parameters).fetchall()

    def _reserve(self, cost: int) -> None:
        with self._gate:
            if self._bytes + cost > self.max_bytes:
                raise SpoolFullError(
                    f"the spool in {self.directory} holds {self._bytes} of its {self.max_bytes} bytes"
                )
            self._bytes += cost

    def _release(self, cost: int) -> None:
        with self._gate:
            self._bytes -= cost

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            raise _translate(exc, self.directory) from exc


def _translate(error: sqlite3.Error, directory: Path) -> HeraldError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return SpoolFullError(f"the disk that holds the spool in {directory} is full")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return SpoolDamagedError(f"the spool in {directory} is damaged: {error}")
    return DirectoryNotWritableError(f"the spool in {directory} cannot be written: {error}")


def _own(directory: Path) -> int:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        owner = os.open(directory / "spool.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as exc:
        raise DirectoryNotWritableError(f"cannot keep a spool in {directory}: {exc.strerror}") from exc
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        os.close(owner)
        raise SpoolInUseError(f"another collector owns the spool in {directory}") from exc
    return owner


def _read_or_make_source(connection: sqlite3.Connection) -> str:
    connection.execute("INSERT OR IGNORE INTO about VALUES ('source', ?)", (str(uuid.uuid4()),))
    source: str = connection.execute("SELECT value FROM about WHERE key = 'source'").fetchone()[0]
    return source
