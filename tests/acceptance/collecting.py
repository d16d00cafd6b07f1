"""A real `herald collect` in a process of its own, which a test may kill as it likes."""

import contextlib
import json
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.services.processes import end_with_parent, free_port

PATIENCE_S = 60.0


class CollectorProcess:
    """`herald collect` on ports that stay the same from one life to the next."""

    def __init__(self, data: Path, database: str, *options: str, ca: Path | None = None) -> None:
        self.data = data
        self._context = None if ca is None else ssl.create_default_context(cafile=ca)
        self._grpc_port, self._http_port = free_port(), free_port()
        self._log = data / "collector.log"
        doors = [f"--grpc=127.0.0.1:{self._grpc_port}", f"--http=127.0.0.1:{self._http_port}", "--oldest-days=0"]
        self._command = end_with_parent(
            [sys.executable, "-m", "herald", "collect", f"--data={data}", f"--database={database}", *doors, *options]
        )
        self.start()

    @property
    def http_url(self) -> str:
        return f"http{'s' if self._context else ''}://127.0.0.1:{self._http_port}"

    @property
    def grpc_url(self) -> str:
        return f"grpc{'s' if self._context else ''}://127.0.0.1:{self._grpc_port}"

    @property
    def said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert self._process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def wait_until_stored(self) -> None:
        """Return once everything that it has taken is in the database."""
        deadline = time.monotonic() + PATIENCE_S
        while json.loads(self.read("/readyz"))["spool_bytes"]:
            assert time.monotonic() < deadline, self.said
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill it as `kill -9` does: it gets no time to say goodbye."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ask it to end, which stores what it has acknowledged."""
        self._process.terminate()
        self._process.wait(PATIENCE_S)

    def read(self, path: str) -> str:
        """Return what it says about itself there."""
        with urllib.request.urlopen(self.http_url + path, timeout=2, context=self._context) as answer:
            return str(answer.read().decode())

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            self.read("/readyz")
            return True
        return False


@contextlib.contextmanager
def running_collector(data: Path, database: str, *options: str, ca: Path | None = None) -> Iterator[CollectorProcess]:
    """Yield a collector that takes requests; it is gone afterwards. `ca` is given where `options` switch TLS on."""
    collector = CollectorProcess(data, database, *options, ca=ca)
    try:
        collector.wait_until_ready()
        yield collector
    finally:
        collector.kill()
