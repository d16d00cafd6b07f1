"""What keeps the collector's memory bounded: budgets for requests in work, and a cache of decoded batches."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from collector.errors import OverloadedError
from model.points import Batch


class ByteBudget:
    """Lets in requests until their bytes together reach `limit_bytes`; a single one always fits."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._held_bytes = 0
        self._gate = threading.Lock()

    @contextmanager
    def hold(self, size_bytes: int = 0) -> Iterator["Hold"]:
        """Hold `size_bytes` for the time of the block. Raises OverloadedError when there is no room."""
        held = Hold(self)
        try:
            held.grow(size_bytes)
            yield held
        finally:
            self._change(-held.size_bytes)

    def take(self, size_bytes: int) -> None:
        """Take `size_bytes` out of the budget. Raises OverloadedError when there is no room."""
        with self._gate:
            if self._held_bytes and self._held_bytes + size_bytes > self._limit_bytes:
                raise OverloadedError(f"{self._held_bytes} bytes of requests are being worked on")
            self._held_bytes += size_bytes

    def _change(self, size_bytes: int) -> None:
        with self._gate:
            self._held_bytes += size_bytes


class Hold:
    """A part of a budget that may grow while a body is being read."""

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self.size_bytes = 0

    def grow(self, size_bytes: int) -> None:
        """Hold `size_bytes` more. Raises OverloadedError when there is no room."""
        self._budget.take(size_bytes)
        self.size_bytes += size_bytes


class Room:
    """Lets in work until its bytes together reach `limit_bytes`, and has the rest wait; a single one always fits."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._held_bytes = 0
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, size_bytes: int) -> Iterator[None]:
        """Wait for room for `size_bytes`, and hold it for the time of the block."""
        with self._changed:
            self._changed.wait_for(lambda: not self._held_bytes or self._held_bytes + size_bytes <= self._limit_bytes)
            self._held_bytes += size_bytes
        try:
            yield
        finally:
            with self._changed:
                self._held_bytes -= size_bytes
                self._changed.notify_all()


class AsyncRoom:
    """The same for the tasks of one event loop: those that wait take no thread."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._held_bytes = 0
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def hold(self, size_bytes: int) -> AsyncIterator[None]:
        """Wait for room for `size_bytes`, and hold it for the time of the block."""
        while self._held_bytes and self._held_bytes + size_bytes > self._limit_bytes:
            self._changed.clear()
            await self._changed.wait()
        self._held_bytes += size_bytes
        try:
            yield
        finally:
            self._held_bytes -= size_bytes
            self._changed.set()


class BatchCache:
    """Decoded batches on their way to the consumer, up to `limit_bytes` of their bodies.

    Whatever is not here is decoded again from the spool, so that forgetting is always safe.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._size_bytes = 0
        self._batches: dict[int, tuple[Batch, int]] = {}
        self._gate = threading.Condition()

    def wait_for_room(self, timeout_s: float) -> None:
        """Wait until half of the room is free, or for the time given."""
        with self._gate:
            self._gate.wait_for(lambda: 2 * self._size_bytes <= self._limit_bytes, timeout_s)

    def put(self, position: int, batch: Batch, size_bytes: int) -> None:
        """Keep `batch` if there is room; whatever stood at `position` is gone in any case."""
        batch.position = position
        with self._gate:
            self._remove(position)
            if self._size_bytes + size_bytes <= self._limit_bytes:
                self._batches[position] = (batch, size_bytes)
                self._size_bytes += size_bytes

    def take(self, position: int, digest: bytes) -> Batch | None:
        """Return and forget the batch at `position`, or None if it is not here or another request's."""
        with self._gate:
            batch = self._remove(position)
        return batch if batch is not None and batch.digest == digest else None

    def _remove(self, position: int) -> Batch | None:
        batch, size_bytes = self._batches.pop(position, (None, 0))
        self._size_bytes -= size_bytes
        self._gate.notify_all()
        return batch
