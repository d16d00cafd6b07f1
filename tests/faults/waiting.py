"""Waiting for what must happen."""

import time
from collections.abc import Callable

PATIENCE_S = 120.0


def wait_until(
    ready: Callable[[], bool], what: str, said: Callable[[], str] = str, *, patience_s: float = PATIENCE_S
) -> None:
    """Return once `ready()`; raise TimeoutError with what was said otherwise."""
    deadline = time.monotonic() + patience_s
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"it never happened: {what}\n{said()}")
        time.sleep(0.05)
