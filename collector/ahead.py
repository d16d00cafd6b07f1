"""Load and prepare the next group while one is written, so that under load the database never waits for us."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from collector.consumer import Consumer
from collector.loader import Group, GroupLoader
from collector.spool import Spool

_log = logging.getLogger(__name__)


class LoadAhead:
    """Loads in a thread of its own; `changed` is told when the spool has grown.

    A full group is loaded at once. What is less, but at least `enough_bytes`, is loaded when the group before it must
    be half written: then preparing it is done in time, and it is no smaller than it would be in its turn.
    """

    def __init__(
        self,
        *,
        spool: Spool,
        loader: GroupLoader,
        consumer: Consumer,
        changed: threading.Condition,
        full_bytes: int,
        enough_bytes: int,
    ) -> None:
        self._spool = spool
        self._loader = loader
        self._consumer = consumer
        self._changed = changed
        self._full_bytes = full_bytes
        self._enough_bytes = enough_bytes
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool-ahead")
        self._writing = False
        self._writing_took_s = 0.0
        self.group: Group | None = None
        """What was loaded; it waits for its turn."""

    def take(self) -> Group | None:
        """Return what was loaded, if anything was, and forget it."""
        group, self.group = self.group, None
        return group

    def stop(self) -> None:
        """Load nothing any more."""
        self._thread.shutdown(wait=False)

    @contextlib.contextmanager
    def while_writing(self, group: Group, clean_up: Callable[[], None]) -> Iterator[None]:
        """Clean the spool up, and load what follows the group, while the block writes it.

        Nobody else reads the spool or forgets any of it until the end of the block.
        """
        self._writing, began_s = True, time.monotonic()
        loading = self._thread.submit(self._run, group, clean_up)
        try:
            yield
        finally:
            self._writing_took_s = time.monotonic() - began_s
            with self._changed:
                self._writing = False
                self._changed.notify_all()
            loading.result()

    def _run(self, before: Group, clean_up: Callable[[], None]) -> None:
        try:
            clean_up()
            if self.group is None and self._wait_for_following(before):
                self.group = self._loader.load(before.end, self._full_bytes)
                self._consumer.prepare(self.group.batches)
        except Exception as exc:  # noqa: BLE001 - all this is tried again in its turn, and will be heard of then
            _log.debug("nothing was loaded ahead: %s", exc)

    def _wait_for_following(self, before: Group) -> bool:
        with self._changed:
            half_s = self._writing_took_s / 2
            self._changed.wait_for(lambda: not self._writing or self._holds(self._full_bytes, before), half_s)
            return self._writing and self._holds(self._enough_bytes, before)

    def _holds(self, size_bytes: int, before: Group) -> bool:
        return self._spool.size_bytes >= before.cost_bytes + size_bytes
