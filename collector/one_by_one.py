"""The slow road of a group that could not be written whole: its requests one by one, the bad one out of the way."""

from collections.abc import Callable

from collector.loader import Group, GroupLoader
from model.errors import DependencyError
from model.points import Batch

_ATTEMPTS = 4
"""How often a request may fail, for a reason that is not the database's, before it is set aside."""


class OneByOne:
    """Writes the requests of a group with `write`; one that fails again and again is set aside, and `skip`ped."""

    def __init__(
        self, write: Callable[[list[Batch]], None], skip: Callable[[int], None], loader: GroupLoader
    ) -> None:
        self._write_batches = write
        self._skip = skip
        self._loader = loader
        self._failures = (0, 0)  # a position, and how often its request has failed

    def write(self, group: Group) -> None:
        """Write what is left of the group, and take out what is done. Raises DependencyError to be called again."""
        for batch in list(group.batches):
            is_stored = self._is_stored(batch)
            group.batches.remove(batch)
            if not is_stored:
                self._skip(batch.position)

    def _is_stored(self, batch: Batch) -> bool:
        """Write a request; return False if it was set aside."""
        try:
            self._write_batches([batch])
        except DependencyError:
            raise
        except Exception as exc:  # noqa: BLE001 - whatever it is, it must not stop the requests behind it
            self._give_up_at_last(batch, exc)
            return False
        return True

    def _give_up_at_last(self, batch: Batch, error: Exception) -> None:
        """Set a request aside that has failed so often that it must be its own fault."""
        position, failures = self._failures
        self._failures = (batch.position, 1 + (failures if position == batch.position else 0))
        if self._failures[1] < _ATTEMPTS:
            raise DependencyError(f"request {batch.position} could not be stored: {error}") from error
        self._loader.set_aside(batch.position, f"{type(error).__name__}: {error}")
