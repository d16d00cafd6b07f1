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
    """Loads in a thread of its own, when the group before must be half written and at least `enough_bytes` wait.

    Later, preparing would not be done in time; earlier, it would take the interpreter from beginning to write, and
    groups would become smaller and smaller.
    """

    def __init__(
        self,
        *,
        spool: Spool,
        loader: GroupLoader,
        consumer: Consumer,
        full_bytes: int,
        enough_bytes: int,
    ) -> None:
        self._spool = spool
        self._loader = loader
        self._consumer = consumer
        self._full_bytes = full_bytes
        self._enough_bytes = enough_bytes
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool-ahead")
        self._written = threading.Event()
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
        self._written.clear()
        began_s = time.monotonic()
        loading = self._thread.submit(self._run, group, clean_up)
        try:
            yield
        finally:
            self._writing_took_s = time.monotonic() - began_s
            self._written.set()
            loading.result()

    def _run(self, before: Group, clean_up: Callable[[], None]) -> None:
        try:
            clean_up()
            if self.group is None and self._is_worth_it(before):
                self.group = self._loader.load(before.end, self._full_bytes)
                self._consumer.prepare(self.group.batches)
        except Exception as exc:  # noqa: BLE001 - all this is tried again in its turn, and will be heard of then
            _log.debug("nothing was loaded ahead: %s", exc)

    def _is_worth_it(self, before: Group) -> bool:
        """Return, when it is time, whether enough waits behind a group that still is being written."""
        is_written = self._written.wait(self._writing_took_s / 2)
        return not is_written and self._spool.size_bytes >= before.cost_bytes + self._enough_bytes
