"""How much a client may ask of the doors, and how long it may take: one table for both of them."""

import resource
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Beyond a limit a client is told so, or cut off where it would not listen.

    The defaults suit a thousand agents on one machine; tests make them small.
    """

    body_bytes: int = 64 * 1024**2
    """A request, after decompression."""
    head_bytes: int = 16 * 1024
    """A request's line and headers."""
    connections: int = 4096
    """Open connections of each door; the next one is closed at once."""
    calls: int = 1024
    """gRPC calls under way or waiting; the next one is asked to come back."""
    silence_s: float = 10.0
    """For the first byte, the headers and, over gRPC, a whole message: the time an exporter gives itself."""
    slowest_bytes_s: float = 16 * 1024
    """An HTTP body may take longer than `silence_s` as long as it comes at this rate."""
    keep_alive_s: int = 75
    """An HTTP connection may rest this long between two requests: longer than exporters pause."""


def allow_many_connections() -> None:
    """Raise this process's bound on open files, often 1024, to what the system lets it have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
