"""A child process that outlives the call that started it, but never the process that did.

PostgreSQL is started through `launch.py`. The kernel ties a child's life to the *thread* that started it, so a
daemon thread of its own starts the child and waits for it.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

_LAUNCH = Path(__file__).with_name("launch.py")


def launch_command(identity: str, program: Sequence[str]) -> list[str]:
    """Return the command that runs `program` as `identity` (see `launch.py`) and dies with this process."""
    return [sys.executable, "-I", "-S", str(_LAUNCH), str(os.getpid()), identity, *program]


def run_to_end(identity: str, program: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a short program to its end and return what it said; the caller judges the exit code."""
    return subprocess.run(
        launch_command(identity, program), capture_output=True, text=True, check=False, cwd="/", errors="replace"
    )


class Child:
    """A running server process in a session of its own, so that Ctrl-C in the terminal does not reach it first."""

    def __init__(self, identity: str, program: Sequence[str], *, log: Path) -> None:
        self._command = launch_command(identity, program)
        started: queue.SimpleQueue[subprocess.Popen[bytes] | OSError] = queue.SimpleQueue()
        with log.open("ab") as output:
            keeper = threading.Thread(target=self._keep, args=(output, started), daemon=True, name="postgres-keeper")
            keeper.start()
            outcome = started.get()
        if isinstance(outcome, OSError):
            raise outcome
        self._process = outcome

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    def is_running(self) -> bool:
        """Return whether the process still runs."""
        return self._process.poll() is None

    def stop(self, *, patience_s: float = 60.0) -> None:
        """End it by SIGINT (PostgreSQL's fast shutdown), and less politely when that takes longer."""
        for end in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if not self.is_running():
                return
            self._process.send_signal(end)
            try:
                self._process.wait(timeout=patience_s)
            except subprocess.TimeoutExpired:
                patience_s = 5.0

    def _keep(self, output: IO[bytes], started: "queue.SimpleQueue[subprocess.Popen[bytes] | OSError]") -> None:
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
            )
        except OSError as exc:
            started.put(exc)
            return
        started.put(process)
        process.wait()
