"""Cuts off what takes too long: one thread for any number of waits, all of the same length."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Watchdog:
    """Calls `cut` of every wait that is not over within `patience_s`."""

    def __init__(self, patience_s: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._patience_s = patience_s
        self._monotonic = monotonic
        self._waits: deque[_Wait] = deque()  # in the order of their ends, because all are of one length
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Cut nothing any more."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    @contextmanager
    def bounded(self, cut: Callable[[], object]) -> Iterator[None]:
        """Call `cut` from another thread if the block is not left in time."""
        wait = _Wait(self._monotonic() + self._patience_s, cut)
        with self._changed:
            self._waits.append(wait)
            if len(self._waits) == 1:
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                wait.cut = None

    def _run(self) -> None:
        with self._changed:
            while not self._stopping:
                now_s = self._monotonic()
                while self._waits and (self._waits[0].cut is None or self._waits[0].end_s <= now_s):
                    overdue = self._waits.popleft()
                    if overdue.cut is not None:
                        overdue.cut()
                self._changed.wait(self._waits[0].end_s - now_s if self._waits else None)


class _Wait:
    __slots__ = ("cut", "end_s")

    def __init__(self, end_s: float, cut: Callable[[], object]) -> None:
        self.end_s = end_s
        self.cut: Callable[[], object] | None = cut
