"""Where accepted telemetry goes: the collector needs these two answers and asks nothing else of a database."""

from collections.abc import Sequence
from typing import Protocol

from model.points import Batch, Written


class Consumer(Protocol):
    """Stores batches exactly once."""

    def read_position(self, source: str) -> int:
        """Return the spool position up to which everything of `source` is stored; 0 for a new one."""
        ...

    def prepare(self, batches: Sequence[Batch]) -> None:
        """Make ready what will be written next, while another thread is in `write`.

        It may do nothing, and `write` may be called with other batches after all.
        """
        ...

    def write(self, source: str, batches: Sequence[Batch]) -> Written:
        """Store the batches and their last position in one transaction.

        Batches at or below the stored position are skipped; so is a batch whose digest is known. Raises
        DatabaseUnavailableError when the database does not answer; the caller tries again.
        """
        ...

    def skip(self, source: str, position: int) -> None:
        """Take everything up to `position` for done: what of it is not stored never will be.

        Raises DatabaseUnavailableError when the database does not answer; the caller tries again.
        """
        ...


__all__ = ["Consumer", "Written"]
