"""kill -9 of the collector while an agent exports: the counters in its store equal what the agent read."""

import random
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from exporters import LiveExporter
from model import names
from model.clock import SECOND_NS
from model.readings import Count, Readings
from tests.unit.exporters.stations import LINK, MORNING_NS

KILLS = 4


class KillableCollector:
    def __init__(self, directory: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._store = directory / "points.sqlite3"
        self._command = [
            sys.executable, "-m", "tests.unit.collector.sqlite_collector", str(directory), str(self.port)
        ]  # fmt: skip
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def sum_stored(self) -> int:
        with closing(sqlite3.connect(self._store)) as store:
            return int(store.execute("SELECT coalesce(sum(value), 0) FROM point").fetchone()[0])


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[KillableCollector]:
    running = KillableCollector(tmp_path)
    yield running
    running.kill()


def wait_for(collector: KillableCollector, total: int, deadline_s: float = 20.0) -> int:
    """Return the stored sum once it is `total`, or whatever it is when the time is up."""
    end_s = time.monotonic() + deadline_s
    while (stored := collector.sum_stored()) != total and time.monotonic() < end_s:
        time.sleep(0.05)
    return stored


def read_attempts(second: int) -> Readings:
    start_ns = MORNING_NS + second * SECOND_NS
    count = Count(metric=names.METRIC_LINK_ATTEMPTS, attributes=LINK, value=1)
    return Readings(site="lab", start_ns=start_ns, end_ns=start_ns + SECOND_NS, counts=[count])


def test_killing_the_collector_changes_no_counter(collector: KillableCollector) -> None:
    exporter = LiveExporter("lab", collector.url, export_interval_s=0.01, say=lambda _sentence: None)
    rng = random.Random(5)
    read = 0
    for _ in range(KILLS):
        assert exporter.flush(20)  # the collector is up
        for _ in range(rng.randrange(20, 120)):
            exporter.take(read_attempts(read))
            read += 1
            time.sleep(0.002)  # several exports of a few counts each, cut short at any of them
        collector.kill()
        exporter.take(read_attempts(read))
        read += 1
        collector.start()
    assert exporter.shutdown(20) == 0
    assert wait_for(collector, read) == read
