"""Child processes that end with the test run, whatever ends it."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

STARTUP_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
_POLL_S = 0.05


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_with_parent(argv: Sequence[str], *, signal: str = "KILL") -> list[str]:
    """Return `argv` such that the kernel sends `signal` to the program when this process dies."""
    return ["setpriv", "--pdeathsig", signal, *argv]


class RunningProcess:
    """A program in the background with its output in a file."""

    def __init__(self, argv: Sequence[str], *, log: Path, stop_signal: int) -> None:
        self.name = Path(argv[0]).name
        self.log = log
        self._stop_signal = stop_signal
        with log.open("wb") as output:
            self._child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def wait_until(self, ready: Callable[[], bool], what: str) -> None:
        """Return once `ready()`; raise AssertionError with the end of the log if the program dies or is slow."""
        deadline = time.monotonic() + STARTUP_TIMEOUT_S
        while not ready():
            if self._child.poll() is not None:
                raise AssertionError(f"{what} ended with {self._child.returncode}:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"{what} was not ready after {STARTUP_TIMEOUT_S:g} s:\n{self.log_tail()}")
            time.sleep(_POLL_S)

    def log_tail(self, lines: int = 20) -> str:
        """Return the last lines that the program wrote."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def stop(self) -> None:
        """Ask the program to end, and kill it if it does not."""
        if self._child.poll() is not None:
            return
        self._child.send_signal(self._stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(STOP_TIMEOUT_S)
            return
        self._child.kill()
        self._child.wait()
