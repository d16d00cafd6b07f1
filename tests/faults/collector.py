"""The collector that faults are done to: `herald collect` as a process of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.faults.waiting import PATIENCE_S, wait_until
from tests.services.processes import end_with_parent, free_port


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
        assert self._process is None or self._process.poll() is not None, "it runs already"
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
