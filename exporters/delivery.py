"""Handing a request to a collector: what may come back, and trying again until a deadline.

A transport (`push.py`) makes one attempt and says how it ended: accepted, not now, or never. What to do
about "not now" is decided here and in `outbox.py`. The bytes of a request are never changed between
attempts: after a lost answer the collector recognises the repetition by its digest.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from model.errors import DependencyError, HeraldError

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
LONGEST_PATIENCE_S = 60.0


class Signal(StrEnum):
    """The three kinds of OTLP request, by the last part of their HTTP path."""

    METRICS = "metrics"
    LOGS = "logs"
    TRACES = "traces"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An accepted request: how many of its items were rejected all the same, and what the collector said."""

    rejected: int = 0
    message: str = ""


class NotNowError(DependencyError):
    """The collector does not answer or asks for patience; the same bytes may be sent again."""

    remedy = "start it (herald collect) or correct the URL, then try again"

    def __init__(self, message: str, *, retry_after_s: float | None = None, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after_s = retry_after_s

    def wait_s(self, pause_s: float) -> float:
        """Return the seconds the collector asks for, from 0 to 60, or `pause_s` where it does not ask."""
        if self.retry_after_s is None:
            return pause_s
        return max(0.0, min(LONGEST_PATIENCE_S, self.retry_after_s))


class RequestRefusedError(HeraldError):
    """The collector will not take this request however often it is sent."""

    remedy = "see the collector's reason; nothing of the request was stored"


class Send(Protocol):
    """Hands one request on, and returns when it is in safe hands."""

    def __call__(self, signal: Signal, body: bytes, /) -> object:
        """Send, or raise a HeraldError."""
        ...


class Client(ABC):
    """A collector's address and the way to it."""

    def __init__(
        self,
        url: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = url
        self._sleep = sleep
        self._monotonic = monotonic

    @abstractmethod
    def attempt(self, signal: Signal, body: bytes) -> Delivery:
        """Send once. Raises NotNowError or RequestRefusedError."""

    @abstractmethod
    def close(self) -> None:
        """Give back the connections."""

    def send(self, signal: Signal, body: bytes, *, deadline_s: float = 60.0) -> Delivery:
        """Send until it is accepted, at most `deadline_s` seconds.

        Waits as long as the collector asks, at most 60 s, or doubling from 0.2 s to 5 s. Raises NotNowError (a
        DependencyError) when the time is up, RequestRefusedError as soon as the collector says no.
        """
        end = self._monotonic() + deadline_s
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                return self.attempt(signal, body)
            except NotNowError as exc:
                wait_s = exc.wait_s(pause_s)
                if self._monotonic() + wait_s > end:
                    raise
            self._sleep(wait_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
