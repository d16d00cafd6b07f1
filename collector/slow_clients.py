"""HTTP/1.1 as uvicorn speaks it, but for clients that promise a request and do not bring it.

A client has `silence_s` for the first byte and the headers, and a body must come at `slowest_bytes_s`; otherwise its
connection is cut, which the specification has a client treat as a reason to send again. Time in which we do not read,
because our own memory is full, does not count.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from collector.limits import Limits

_INCOMPLETE = (h11.IDLE, h11.SEND_BODY)
_READ_BODIES = 4
"""How much of a body without end is read, in limits of a body, although its refusal is written already."""


class BoundedProtocol(H11Protocol):
    """One connection; `limits` bound its patience and how many there may be."""

    def __init__(self, limits: Limits, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._limits = limits
        self._timer: asyncio.TimerHandle | None = None
        self._began_s = 0.0
        self._received_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own
        """Expect a request, or close at once if there are too many connections."""
        super().connection_made(transport)
        if len(self.connections) > self._limits.connections:
            transport.abort()
        else:
            self._begin()

    def data_received(self, data: bytes) -> None:
        """Count what has come of the request."""
        if self._timer is None:
            self._begin()
        self._received_bytes += len(data)
        if self._received_bytes > _READ_BODIES * self._limits.body_bytes + self._limits.head_bytes:
            self.transport.abort()
            return
        super().data_received(data)
        if self.conn.their_state not in _INCOMPLETE:
            self._end()

    def on_response_complete(self) -> None:
        """Expect the rest of a request that came behind the one that was answered."""
        super().on_response_complete()
        if self._timer is None and self.conn.their_state is h11.SEND_BODY:
            self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._end()
        super().connection_lost(exc)

    def _begin(self) -> None:
        self._began_s = self.loop.time()
        self._received_bytes = 0
        self._timer = self.loop.call_later(self._limits.silence_s, self._check)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        if self.flow.read_paused:
            self._begin()
            return
        allowed_s = self._limits.silence_s + self._received_bytes / self._limits.slowest_bytes_s
        if self.loop.time() < self._began_s + allowed_s:
            self._timer = self.loop.call_at(self._began_s + allowed_s, self._check)
        else:
            self.transport.abort()
