"""Group commit: jobs of many threads share transactions of one writer thread, and each waits until it is durable.

An fsync costs milliseconds; sharing it is what lets a spool that never acknowledges early keep up.
"""

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]

_LARGEST_GROUP = 256


class GroupCommit:
    """Owns a connection and the only thread that writes through it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._jobs: queue.SimpleQueue[tuple[Job[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._closed = False
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="spool-writer", daemon=True)
        self._thread.start()

    def run(self, job: Job[T]) -> T:
        """Run `job` inside a transaction and return its result once that is committed.

        Jobs run in the order of their calls. If one of a group fails, the whole group is rolled back and every
        caller gets the error of SQLite.
        """
        future: Future[T] = Future()
        with self._gate:
            if self._closed:
                raise sqlite3.ProgrammingError("the spool is closed")
            self._jobs.put((job, future))
        return future.result()

    def close(self) -> None:
        """Finish what was asked, then close the connection."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        open_ = True
        while open_:
            group = [self._jobs.get(), *self._more()]
            open_ = None not in group
            self._commit([item for item in group if item is not None])

    def _more(self) -> list[tuple[Job[Any], Future[Any]] | None]:
        count = min(self._jobs.qsize(), _LARGEST_GROUP)
        return [self._jobs.get() for _ in range(count)]

    def _commit(self, group: list[tuple[Job[Any], Future[Any]]]) -> None:
        if not group:
            return
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                results = [job(self._connection) for job, _ in group]
        except BaseException as exc:  # noqa: BLE001 - whatever it is, the callers must hear of it
            for _, future in group:
                future.set_exception(exc)
            return
        for (_, future), result in zip(group, results, strict=True):
            future.set_result(result)
