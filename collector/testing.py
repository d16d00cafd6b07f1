"""Consumers for tests: one that keeps everything in memory, one that is away for a while, one that hates a batch."""

import threading
from collections.abc import Callable, Sequence

from collector.consumer import Consumer, Written
from model.errors import DatabaseUnavailableError
from model.points import Batch


class MemoryConsumer:
    """Keeps batches in a list, with the exactly-once rules of the real thing."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.groups: list[int] = []
        self._positions: dict[str, int] = {}
        self._digests: set[bytes] = set()
        self._gate = threading.Lock()

    def read_position(self, source: str) -> int:
        """Return the last position stored of `source`; 0 for a new one."""
        with self._gate:
            return self._positions.get(source, 0)

    def prepare(self, batches: Sequence[Batch]) -> None:
        """Do nothing: there is nothing to make ready."""

    def write(self, source: str, batches: Sequence[Batch]) -> Written:
        """Keep every batch whose position and digest are new."""
        with self._gate:
            stored = duplicates = 0
            self.groups.append(len(batches))
            for batch in batches:
                if batch.position <= self._positions.get(source, 0) or batch.digest in self._digests:
                    duplicates += len(batch)
                else:
                    stored += len(batch)
                    self.batches.append(batch)
                    self._digests.add(batch.digest)
                self._positions[source] = max(batch.position, self._positions.get(source, 0))
            return Written(stored=stored, duplicates=duplicates)

    def skip(self, source: str, position: int) -> None:
        """Move the position."""
        with self._gate:
            self._positions[source] = max(position, self._positions.get(source, 0))

    def values(self) -> list[float]:
        """Return the values of all number points in the order they were stored."""
        with self._gate:
            return [value for batch in self.batches for value in batch.numbers.value.tolist()]


class UnavailableConsumer:
    """Does not answer until `recover` is called; then it is the consumer it was given."""

    def __init__(self, behind: Consumer | None = None) -> None:
        self._behind = MemoryConsumer() if behind is None else behind
        self._away = threading.Event()
        self._away.set()
        self.attempts = 0

    def recover(self) -> None:
        """Answer from now on."""
        self._away.clear()

    def fail(self) -> None:
        """Stop answering."""
        self._away.set()

    def read_position(self, source: str) -> int:
        """Answer as the consumer behind, or raise DatabaseUnavailableError."""
        self._check()
        return self._behind.read_position(source)

    def prepare(self, batches: Sequence[Batch]) -> None:
        """Leave it to the consumer behind."""
        self._behind.prepare(batches)

    def write(self, source: str, batches: Sequence[Batch]) -> Written:
        """Answer as the consumer behind, or raise DatabaseUnavailableError."""
        self._check()
        return self._behind.write(source, batches)

    def skip(self, source: str, position: int) -> None:
        """Do as the consumer behind, or raise DatabaseUnavailableError."""
        self._check()
        self._behind.skip(source, position)

    def _check(self) -> None:
        self.attempts += 1
        if self._away.is_set():
            raise DatabaseUnavailableError("the test's database is away")


class PickyConsumer:
    """Raises ValueError for every batch that `hates` names: data that no database of this make can hold."""

    def __init__(self, behind: Consumer, hates: Callable[[Batch], bool]) -> None:
        self._behind = behind
        self._hates = hates

    def read_position(self, source: str) -> int:
        """Answer as the consumer behind."""
        return self._behind.read_position(source)

    def prepare(self, batches: Sequence[Batch]) -> None:
        """Leave it to the consumer behind."""
        self._behind.prepare(batches)

    def write(self, source: str, batches: Sequence[Batch]) -> Written:
        """Store all batches, or none of them if one is hated."""
        if any(map(self._hates, batches)):
            raise ValueError("this cannot be stored")
        return self._behind.write(source, batches)

    def skip(self, source: str, position: int) -> None:
        """Do as the consumer behind."""
        self._behind.skip(source, position)
