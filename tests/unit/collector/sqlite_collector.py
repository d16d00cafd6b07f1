"""A collector in a process of its own, storing into a SQLite file: something that a test can kill.

Usage: python -m tests.unit.collector.sqlite_collector DIRECTORY PORT
"""

import sqlite3
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from collector import DrainSettings, Pipeline, Spool, Written, serve
from model.points import Batch

_SCHEMA = """
CREATE TABLE IF NOT EXISTS position (source TEXT PRIMARY KEY, position INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS batch (digest BLOB PRIMARY KEY);
CREATE TABLE IF NOT EXISTS point (value REAL NOT NULL);
"""


class SqliteConsumer:
    """Commits points, digests and position together, as the real store does."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.executescript(_SCHEMA)

    def read_position(self, source: str) -> int:
        row = self._connection.execute("SELECT position FROM position WHERE source = ?", (source,)).fetchone()
        return 0 if row is None else int(row[0])

    def prepare(self, batches: Sequence[Batch]) -> None:
        pass

    def write(self, source: str, batches: Sequence[Batch]) -> Written:
        stored = duplicates = 0
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            position = self.read_position(source)
            for batch in batches:
                if batch.position > position and self._is_new(batch.digest):
                    values = [(value,) for value in batch.numbers.value.tolist()]
                    self._connection.executemany("INSERT INTO point VALUES (?)", values)
                    stored += len(values)
                else:
                    duplicates += len(batch.numbers)
            position = max(position, batches[-1].position)
            self._connection.execute("INSERT OR REPLACE INTO position VALUES (?, ?)", (source, position))
        return Written(stored=stored, duplicates=duplicates)

    def skip(self, source: str, position: int) -> None:
        position = max(position, self.read_position(source))
        self._connection.execute("INSERT OR REPLACE INTO position VALUES (?, ?)", (source, position))

    def _is_new(self, digest: bytes) -> bool:
        return self._connection.execute("INSERT OR IGNORE INTO batch VALUES (?)", (digest,)).rowcount == 1


def main() -> None:
    directory, port = Path(sys.argv[1]), sys.argv[2]
    settings = DrainSettings(group_interval_s=0.01)
    with Pipeline(Spool(directory), SqliteConsumer(directory / "points.sqlite3"), settings=settings) as pipeline:
        serve(None, f"127.0.0.1:{port}", pipeline, threading.Event())


if __name__ == "__main__":
    main()
