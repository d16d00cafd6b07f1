"""Work of another thread that nobody waits for any more, and how to end it.

Whoever asks makes a `Cancellation` and hands it down; whoever does the work says for how long it can be ended, and
how. What is asked for too late, when the work is done, ends nothing.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from model.errors import HeraldError

_AGAIN_S = 0.1


class CancelledError(HeraldError):
    """Nobody waits for the answer any more."""


class Cancellation:
    """Safe to use from several threads; once it was asked for, it stays so."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._end: Callable[[], None] | None = None
        self._asked = False

    def cancel(self) -> None:
        """End the work that goes on, and keep more from beginning; return when it has left its block.

        It is told again and again: between two steps of the work there is nothing to end, and the next step begins.
        """
        with self._changed:  # the work does not leave its block before it was told
            self._asked = True
            while self._end:
                self._end()
                self._changed.wait(_AGAIN_S)

    @contextmanager
    def ending_with(self, end: Callable[[], None]) -> Iterator[None]:
        """Let `end` be called from another thread while the block lasts; raises CancelledError if it is too late."""
        with self._changed:
            self.raise_if_asked()
            self._end = end
        try:
            yield
        finally:
            with self._changed:
                self._end = None
                self._changed.notify_all()

    def raise_if_asked(self) -> None:
        """Raise CancelledError where the work shall end."""
        if self._asked:
            raise CancelledError("nobody waits for this answer any more")
