"""Group commit: items of many threads share the fsyncs of one writer thread, and each caller waits for its own.

An fsync costs milliseconds; sharing it is what lets a spool that never acknowledges early keep up.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_LARGEST_GROUP = 256


class ClosedError(Exception):
    """Nothing is taken any more."""


class GroupCommit(Generic[Item, Result]):
    """Hands items to `commit` in the order of the calls, in groups, from the only thread that calls it."""

    def __init__(self, commit: Callable[[Sequence[Item]], Sequence[Result]], *, name: str) -> None:
        self._commit = commit
        self._waiting: queue.SimpleQueue[tuple[Item, Future[Result]] | None] = queue.SimpleQueue()
        self._closed = False
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def run(self, item: Item) -> Result:
        """Return what `commit` says of the item; if it raises, every caller of the group gets the error.

        Raises ClosedError after `close`.
        """
        future: Future[Result] = Future()
        with self._gate:
            if self._closed:
                raise ClosedError
            self._waiting.put((item, future))
        return future.result()

    def require_open(self) -> None:
        """Raise ClosedError after `close`."""
        if self._closed:
            raise ClosedError

    def close(self) -> None:
        """Finish what was asked and end."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            group = [self._waiting.get(), *self._more()]
            open_ = None not in group
            self._commit_group([each for each in group if each is not None])

    def _more(self) -> list[tuple[Item, Future[Result]] | None]:
        count = min(self._waiting.qsize(), _LARGEST_GROUP)
        return [self._waiting.get() for _ in range(count)]

    def _commit_group(self, group: Sequence[tuple[Item, Future[Result]]]) -> None:
        if not group:
            return
        try:
            results = self._commit([item for item, _ in group])
        except BaseException as exc:  # noqa: BLE001 - whatever it is, the callers must hear of it
            for _, future in group:
                future.set_exception(exc)
            return
        for (_, future), result in zip(group, results, strict=True):
            future.set_result(result)
