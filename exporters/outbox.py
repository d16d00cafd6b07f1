"""What an agent still has to deliver: requests in order, kept as bytes while the collector is away.

The OpenTelemetry exporters hand their encoded requests in here and never wait. One thread sends the oldest
request until it is accepted, then the next: nothing overtakes, nothing is encoded twice, and a repetition after
a lost answer is byte-identical, so that the collector drops it. Bounded by age (an hour) and by size; the
oldest goes first. Says once when the collector goes away and once when it is back. What waits here is in
memory: it dies with the agent's process.
"""

import contextlib
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from exporters.delivery import FIRST_PAUSE_S, LONGEST_PAUSE_S, Client, NotNowError, RequestRefusedError, Signal

KEEP_S = 3600.0
KEEP_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request that is not delivered yet, and when it came in (monotonic seconds)."""

    signal: Signal
    body: bytes
    since_s: float


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of the requests so far; `rejected_items` are points, records and spans, not requests."""

    delivered: int = 0
    refused: int = 0
    dropped: int = 0
    rejected_items: int = 0


def say_on_stderr(sentence: str) -> None:
    """Write one line for the person who runs the agent."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


class Outbox:
    """An ordered backlog and the thread that empties it; owns its client."""

    def __init__(
        self,
        client: Client,
        *,
        keep_s: float = KEEP_S,
        keep_bytes: int = KEEP_BYTES,
        say: Callable[[str], None] = say_on_stderr,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tally = Tally()
        self._client = client
        self._keep_s, self._keep_bytes = keep_s, keep_bytes
        self._say, self._monotonic = say, monotonic
        self._waiting: deque[Waiting] = deque()
        self._bytes = 0
        self._failures = 0  # in a row
        self._surprised = False
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._deliver_all, name=f"outbox {client.url}", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        """Return how many requests are not delivered yet."""
        return len(self._waiting)

    def put(self, signal: Signal, body: bytes) -> None:
        """Queue a request behind the others; never waits, never fails."""
        with self._changed:
            self._waiting.append(Waiting(signal=signal, body=body, since_s=self._monotonic()))
            self._bytes += len(body)
            self._drop_excess()
            self._changed.notify_all()

    def flush(self, deadline_s: float) -> bool:
        """Wait until everything queued is delivered, at most `deadline_s` seconds; return whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting, timeout=deadline_s)

    def close(self, deadline_s: float) -> int:
        """Flush, stop the thread, close the client; return how many requests could not be delivered."""
        end_s = time.monotonic() + deadline_s
        self.flush(deadline_s)
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join(timeout=max(end_s - time.monotonic(), 1.0))
        self._client.close()
        if self._waiting:
            self._say(f"{len(self._waiting)} requests could not be delivered to {self._client.url}")
        return len(self._waiting)

    def _deliver_all(self) -> None:
        pause_s = FIRST_PAUSE_S
        while (head := self._head()) is not None:
            try:
                self._deliver(head)
            except NotNowError as exc:
                self._note_away(exc)
                self._closing.wait(exc.wait_s(pause_s))
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            except Exception as exc:  # noqa: BLE001 - without this thread nothing would ever be delivered again
                self._note_surprise(exc)
                self._closing.wait(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            else:
                pause_s = FIRST_PAUSE_S
                self._surprised = False

    def _head(self) -> Waiting | None:
        """Return the oldest request, waiting for one; None when the outbox is closing."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing.is_set())
            return None if self._closing.is_set() else self._waiting[0]

    def _deliver(self, head: Waiting) -> None:
        try:
            delivery = self._client.attempt(head.signal, head.body)
        except RequestRefusedError as exc:
            self.tally.refused += 1
            self._say(str(exc))
        else:
            self.tally.delivered += 1
            self.tally.rejected_items += delivery.rejected
            if delivery.rejected:
                self._say(f"{self._client.url} rejected {delivery.rejected} items: {delivery.message}")
        self._note_back()
        self._remove(head)

    def _remove(self, head: Waiting) -> None:
        with self._changed:
            if self._waiting and self._waiting[0] is head:  # it may have grown too old meanwhile
                self._forget_oldest()
            self._changed.notify_all()

    def _drop_excess(self) -> None:
        limit_s = self._monotonic() - self._keep_s
        before = self.tally.dropped
        while len(self._waiting) > 1 and (self._bytes > self._keep_bytes or self._waiting[0].since_s < limit_s):
            self._forget_oldest()
            self.tally.dropped += 1
        if before == 0 and self.tally.dropped:
            self._say(f"{self._client.url} has been away for too long: the oldest telemetry is being dropped")

    def _forget_oldest(self) -> None:
        self._bytes -= len(self._waiting.popleft().body)

    def _note_away(self, error: NotNowError) -> None:
        # One failure may be a kept connection that the collector had just given up; two are an outage.
        self._failures += 1
        if self._failures == 2:
            self._say(f"{error}; telemetry is kept meanwhile")

    def _note_surprise(self, error: Exception) -> None:
        if not self._surprised:
            self._surprised = True
            with contextlib.suppress(Exception):  # saying may be what failed
                self._say(
                    f"sending to {self._client.url} failed unexpectedly ({error!r}); telemetry is kept meanwhile"
                )

    def _note_back(self) -> None:
        if self._failures >= 2:
            self._say(f"the collector at {self._client.url} answers again; delivering {len(self)} requests")
        self._failures = 0
