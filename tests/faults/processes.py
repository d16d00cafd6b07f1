"""The processes that faults are done to: a PostgreSQL with fsync on, and `herald collect`."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from model.errors import DatabaseUnavailableError
from store import EmbeddedServer, connect, migrate
from store.sockets import socket_directory
from tests.services.processes import end_with_parent, free_port

PATIENCE_S = 120.0


class Server:
    """A PostgreSQL that may be ended in every way and started again on the same data."""

    def __init__(self, folder: Path, *, is_standby: bool = False) -> None:
        self._server = EmbeddedServer(folder)
        self._server.start()
        self.socket = str(socket_directory(folder.absolute()) / ".s.PGSQL.5432")
        if not is_standby:
            migrate(self._server.url)

    @property
    def url(self) -> str:
        """Return the URL that leads to it directly."""
        return self._server.url

    def start(self) -> None:
        """Start it again, after whatever end."""
        self._server.stop()
        self._server.start()

    def end(self, how: signal.Signals) -> None:
        """Send the postmaster a signal (SIGINT is a fast shutdown, SIGQUIT an immediate one) and wait for its end."""
        assert self._server.pid is not None
        os.kill(self._server.pid, how)
        wait_until(lambda: not self._server.is_running(), "PostgreSQL ends")

    def writers(self) -> list[int]:
        """Return the process ids of the collectors' backends, none while it does not answer."""
        query = "select pid from pg_stat_activity where application_name = 'herald writer'"
        try:
            with connect(self.url) as connection:
                return [int(pid) for (pid,) in connection.execute(query).fetchall()]
        except DatabaseUnavailableError:
            return []

    def stop(self) -> None:
        """Shut it down."""
        self._server.stop()


class Collector:
    """`herald collect` on ports that stay the same from one life to the next."""

    def __init__(
        self, data: Path, database: str, *options: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.data = data
        self.database = database
        self.port, self.grpc_port = free_port(), free_port()
        self.options: Sequence[str] = options
        self.environment = {**os.environ, **(environment or {})}
        data.mkdir(parents=True, exist_ok=True)
        self.log = data / "collector.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Return its process id."""
        assert self._process is not None
        return self._process.pid

    def start(self, *, wait: bool = True) -> None:
        """Start it and return when it takes requests."""
        doors = [f"--grpc=127.0.0.1:{self.grpc_port}", f"--http=127.0.0.1:{self.port}"]
        program = [sys.executable, "-m", "herald", "collect", f"--data={self.data}", f"--database={self.database}"]
        command = end_with_parent([*program, *doors, *self.options])
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment
            )
        if wait:
            wait_until(lambda: bool(self.readiness()), "the collector answers", self.said)

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal and wait for the end."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE_S)

    def send_signal(self, what: signal.Signals) -> None:
        """Send a signal and go on."""
        os.kill(self.pid, what)

    def readiness(self) -> dict[str, Any]:
        """Return what /readyz says, empty where it does not answer."""
        return dict(json.loads(self._get("/readyz") or "{}"))

    def number(self, name: str) -> float:
        """Return the sum of one of its own numbers over all labels."""
        lines = [line for line in self._get("/metrics").splitlines() if line.partition("{")[0].split(" ")[0] == name]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def memory_bytes(self) -> int:
        """Return its resident memory."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return 1024 * int(status.partition("VmRSS:")[2].split()[0])

    def said(self) -> str:
        """Return the end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]

    def _get(self, path: str) -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as exc:
            with contextlib.closing(exc):
                return str(exc.read().decode())
        except OSError:
            return ""


def wait_until(
    ready: Callable[[], bool], what: str, said: Callable[[], str] = str, *, patience_s: float = PATIENCE_S
) -> None:
    """Return once `ready()`; raise TimeoutError with what was said otherwise."""
    deadline = time.monotonic() + patience_s
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"it never happened: {what}\n{said()}")
        time.sleep(0.05)
