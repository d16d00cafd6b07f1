"""The processes of a measurement: collector and client are started here, the database's found; what each has used."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.requests import START_NS
from benchmarks.results import UnmeasurableError
from model.errors import DependencyError
from store import connect
from tests.services.processes import free_port

_START_S, _PATIENCE_S = 60.0, 300.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Return the processor time that a process and its threads have used; 0 if it is gone."""
    try:
        used = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(used[11]) + int(used[12])) / _TICKS_PER_S


def database_cpu_s(url: str) -> float:
    """Return the processor time that the server and its backends have used since they started."""
    with connect(url) as connection:
        row = connection.execute("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int").fetchone()
    assert row is not None
    server: int = row[0]
    listing = subprocess.run(["ps", "-o", "pid=", "--ppid", str(server)], capture_output=True, text=True, check=False)
    return cpu_s(server) + sum(cpu_s(int(pid)) for pid in listing.stdout.split())


@dataclass(frozen=True, slots=True)
class Collector:
    """A running `herald collect`."""

    url: str
    pid: int

    def memory_bytes(self) -> int:
        """Return its resident memory."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) * 1024 if found else 0

    def peak_memory_bytes(self) -> int:
        """Return the most resident memory that it has had."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) * 1024 if found else 0

    def count_stored(self) -> int:
        """Return how many requests the database has taken since the start."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        found = re.search(r"^herald_collector_drained_requests_total (\S+)$", text, re.MULTILINE)
        return int(float(found[1])) if found else 0

    def wait_until_stored(self, requests: int) -> None:
        """Return once the database has taken so many requests. Raises DependencyError after five minutes."""
        deadline_s = time.monotonic() + _PATIENCE_S
        while self.count_stored() < requests:
            if time.monotonic() > deadline_s:
                raise DependencyError(f"the collector did not store {requests} requests within {_PATIENCE_S:.0f} s")
            time.sleep(0.02)


@contextmanager
def running_collector(database: str, folder: Path) -> Iterator[Collector]:
    """Yield a collector in a process of its own that spools below `folder` and stores in `database`."""
    url = f"http://127.0.0.1:{free_port()}"
    with TemporaryDirectory(dir=folder, prefix="collector-") as data:
        addresses = ["--http", url.removeprefix("http://"), "--grpc", f"127.0.0.1:{free_port()}"]
        options = ["--database", database, "--data", data, "--oldest-days=0", *addresses]
        command = [sys.executable, "-m", "herald", "collect", *options]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            _wait_until_ready(url, process)
            yield Collector(url, process.pid)
        finally:
            process.terminate()
            process.wait()


def send(
    url: str, kind: str, *, agents: int, requests: int, skip: int = 0, rate: float = 0.0, start_ns: int = START_NS
) -> dict[str, Any]:
    """Run `benchmarks.sending` in a process of its own and return what it says.

    Raises UnmeasurableError where the endpoint refuses what is sent, or a part of it.
    """
    numbers = {
        "--agents": agents, "--requests": requests, "--skip": skip, "--rate": rate, "--start-ns": start_ns,
    }  # fmt: skip
    options = [str(part) for pair in numbers.items() for part in pair]
    command = [sys.executable, "-m", "benchmarks.sending", url, kind, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UnmeasurableError((done.stderr.strip().splitlines() or ["the client failed"])[-1])
    sent: dict[str, Any] = json.loads(done.stdout)
    return sent


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline_s = time.monotonic() + _START_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            with closing(urllib.request.urlopen(f"{url}/readyz", timeout=5)):
                return
        except OSError:
            time.sleep(0.05)
    raise DependencyError("the collector did not start")
