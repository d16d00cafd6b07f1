"""A backup taken while agents send, restored: positions and points agree, and ingestion goes on exactly once."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporters import OtlpClient, Signal
from store import EmbeddedServer, connect, migrate
from tests.acceptance.backups import Backup, BaseBackup, Dump, TimescaleDump
from tests.acceptance.collecting import running_collector
from tests.acceptance.running import eventually
from tests.unit.collector.messages import body_of

BEFORE, AFTER = 60, 30
START_NS = time.time_ns()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    with EmbeddedServer(tmp_path / "original", durable=False) as running:
        migrate(running.url)
        yield running


@pytest.fixture
def dump(server: EmbeddedServer, tmp_path: Path) -> Dump:
    return Dump(server, tmp_path)


@pytest.fixture
def base_backup(server: EmbeddedServer, tmp_path: Path) -> BaseBackup:
    return BaseBackup(server, tmp_path)


@pytest.fixture
def timescale_dump(request: pytest.FixtureRequest) -> Iterator[TimescaleDump]:
    server_url, root = request.getfixturevalue("timescale_server_url"), request.getfixturevalue("debian_tools")
    with root.work_dir() as inside:
        backup = TimescaleDump(server_url, root, inside)
        yield backup
        backup.close()


@pytest.fixture(params=["dump", "base_backup", "timescale_dump"])
def backup(request: pytest.FixtureRequest) -> Backup:
    found: Backup = request.getfixturevalue(request.param)
    return found


class Agent(threading.Thread):
    """Sends one numbered point per request, each until it is acknowledged, so that the n-th stands at position n."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._client = OtlpClient(url)
        self._enough = threading.Event()
        self.sent = 0

    def run(self) -> None:
        while not self._enough.is_set():
            self._client.send(Signal.METRICS, body_for(self.sent))
            self.sent += 1
        self._client.close()

    def stop(self) -> None:
        self._enough.set()
        self.join()


def body_for(number: int) -> bytes:
    return body_of(float(number), time_ns=START_NS + number * 1_000_000)


def stored(url: str) -> list[int]:
    with connect(url) as connection:
        return [int(row[0]) for row in connection.execute("select value from point order by value").fetchall()]


def position(url: str) -> int:
    with connect(url) as connection:
        return int(connection.execute("select max(position) from ingest_position").fetchall()[0][0])


def test_a_restored_backup_goes_on_exactly_once(backup: Backup, tmp_path: Path):
    data = tmp_path / "collector"
    data.mkdir()
    with running_collector(data, backup.url) as collector:
        agent = Agent(collector.http_url)
        agent.start()
        eventually(lambda: len(stored(backup.url)) >= BEFORE, "some points are stored")
        backup.take()
        so_far = agent.sent
        eventually(lambda: agent.sent >= so_far + AFTER, "more points are sent")
        agent.stop()
        collector.stop()
    with backup.restored() as url:
        assert stored(url) == list(range(position(url)))
        assert BEFORE <= position(url) < agent.sent
        with running_collector(data, url) as collector:
            client = OtlpClient(collector.http_url)
            for number in range(agent.sent + AFTER):
                client.send(Signal.METRICS, body_for(number))
            client.close()
            collector.stop()
        assert stored(url) == list(range(agent.sent + AFTER))
