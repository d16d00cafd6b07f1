"""Everything a fault can reach: server, proxies, collector, clients and their journal, and the oracle's answer."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.client import Client, Load, finish
from tests.faults.collector import Collector
from tests.faults.oracle import Verdict, judge, read_stored
from tests.faults.proxy import Proxy
from tests.faults.requests import Outcome, PointSource, Request
from tests.faults.servers import PlainServer, Server, TimescaleServer
from tests.faults.waiting import wait_until

HOUR_NS = 3600 * 10**9


class World:
    """One server and one collector, used for all repetitions of a fault; each repetition is a run of its own.

    `problems` collects what is wrong beside lost and duplicated points, `notes` what faults have measured.
    """

    outage_s = 2.0

    def __init__(self, folder: Path, chance: random.Random, *, timescale: bool = False) -> None:
        self.folder = folder
        self.chance = chance
        self.server: Server = TimescaleServer() if timescale else PlainServer(folder / "postgres")
        self.wire = Proxy(self.server.upstream)
        self.collector = Collector(folder / "collector", self.database)
        self.door = Proxy(self.collector.port)
        self.collector.start()
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.requests: list[Request] = []
        self.load: Load | None = None
        self._runs = 0
        self.begin()

    @property
    def database(self) -> str:
        """Return the URL by which the collector reaches the server, through the proxy `wire`."""
        return f"postgresql://{self.server.user}@127.0.0.1:{self.wire.port}/herald"

    def begin(self) -> None:
        """Begin a run: new devices, an empty journal."""
        self._runs += 1
        self.wire.heal()
        self.door.heal()
        self.run = f"run{self._runs}"
        self.source = PointSource(self.run, time.time_ns() - HOUR_NS)
        self.requests, self.problems, self.notes, self.load = [], [], [], None

    def start_load(self, *, clients: int = 4) -> None:
        """Let clients send through the proxy `door`, until `settle`."""
        self.load = Load(self.door.port, self.source, self.chance, clients=clients)

    def pause(self, shortest_s: float, longest_s: float) -> None:
        """Let a random time pass."""
        time.sleep(self.chance.uniform(shortest_s, longest_s))

    def deliver(self, request: Request) -> Request:
        """Send a request of the fault's own until it has a final answer, and note it."""
        self.requests.append(request)
        client = Client(self.collector.port)
        client.deliver(request)
        client.close()
        if request.rejected != request.to_reject and request.outcome is Outcome.ACKNOWLEDGED:
            self.problems.append(f"{request.rejected} points were rejected, and {request.to_reject} are bad")
        return request

    def expect(self, holds: object, problem: str) -> None:
        """Note a problem unless something holds."""
        if not holds:
            self.problems.append(problem)

    def settle(self) -> None:
        """End the load and wait until everything acknowledged has left the spool."""
        if self.load is not None:
            self.load.stop()
            self.requests += self.load.requests
            self.load = None
        self.wait_until_drained()

    def wait_until_drained(self) -> None:
        """Return once the spool is empty."""
        wait_until(
            lambda: self.collector.readiness().get("spool_bytes") == 0, "the spool drains", self.collector.said
        )

    def judge(self) -> Verdict:
        """Judge twice: what is unknown may be there or not, and after it is delivered at last all is there."""
        first = judge(self.requests, read_stored(self.server.url, self.run))
        finish(self.collector.port, self.requests)
        self.wait_until_drained()
        last = judge(self.requests, read_stored(self.server.url, self.run))
        return Verdict(
            sent=last.sent, lost=max(first.lost, last.lost), duplicated=max(first.duplicated, last.duplicated)
        )

    def close(self) -> None:
        """End everything."""
        self.collector.end()
        self.wire.close()
        self.door.close()
        self.server.stop()


@contextmanager
def running_world(folder: Path, chance: random.Random, *, timescale: bool = False) -> Iterator[World]:
    """Yield a world and end it."""
    world = World(folder, chance, timescale=timescale)
    try:
        yield world
    finally:
        world.close()
