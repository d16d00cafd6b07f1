"""kill -9 at any moment, restart, resend what was not acknowledged: everything is there, and only once."""

import random
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import urllib3

from tests.unit.collector.messages import TIME_NS, body_of

SENDERS = 4
KILLS = 5


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class KillableCollector:
    def __init__(self, directory: Path, port: int) -> None:
        self._command = [sys.executable, "-m", "tests.unit.collector.sqlite_collector", str(directory), str(port)]
        self._process = subprocess.Popen(self._command)

    def kill_and_restart(self) -> None:
        self.kill()
        self._process = subprocess.Popen(self._command)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class Sender(threading.Thread):
    """Sends numbered values one by one, each until it is acknowledged."""

    def __init__(self, port: int, first: int) -> None:
        super().__init__()
        self._url = f"http://127.0.0.1:{port}/v1/metrics"
        self._next = first
        self.sent: list[float] = []
        self.enough = threading.Event()

    def run(self) -> None:
        with urllib3.PoolManager(retries=False, timeout=5) as pool:
            while not self.enough.is_set():
                self._send(pool, float(self._next))
                self._next += SENDERS

    def _send(self, pool: urllib3.PoolManager, value: float) -> None:
        body = body_of(value, time_ns=TIME_NS + int(value))
        self.sent.append(value)
        while not self._is_acknowledged(pool, body):
            time.sleep(0.02)

    def _is_acknowledged(self, pool: urllib3.PoolManager, body: bytes) -> bool:
        try:
            answer = pool.request("POST", self._url, body=body, headers={"Content-Type": "application/x-protobuf"})
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200


@pytest.fixture
def collector(tmp_path: Path, port: int) -> Iterator[KillableCollector]:
    running = KillableCollector(tmp_path, port)
    yield running
    running.kill()


def stored_values(directory: Path) -> Counter[float]:
    with closing(sqlite3.connect(directory / "points.sqlite3")) as database:
        return Counter(row[0] for row in database.execute("SELECT value FROM point"))


def wait_for(senders: list[Sender], values_each: int) -> None:
    goal = [len(sender.sent) + values_each for sender in senders]
    deadline = time.monotonic() + 30
    while any(len(sender.sent) < enough for sender, enough in zip(senders, goal, strict=True)):
        assert time.monotonic() < deadline, "the collector acknowledges nothing"
        time.sleep(0.005)


def test_killed_at_any_moment_it_delivers_everything_exactly_once(
    collector: KillableCollector, tmp_path: Path, port: int
):
    chance = random.Random(1)
    senders = [Sender(port, first) for first in range(SENDERS)]
    for sender in senders:
        sender.start()
    for _ in range(KILLS):
        wait_for(senders, chance.randint(3, 20))
        collector.kill_and_restart()
    wait_for(senders, 3)
    for sender in senders:
        sender.enough.set()
        sender.join(30)
    sent = Counter(value for sender in senders for value in sender.sent)
    deadline = time.monotonic() + 30
    while stored_values(tmp_path) != sent and time.monotonic() < deadline:
        time.sleep(0.05)
    assert stored_values(tmp_path) == sent
