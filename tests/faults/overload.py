"""More connections, series and requests than the collector was made for: bounded memory, good data gets through."""

import contextlib
import signal
import socket
import threading
import time

from store import connect
from tests.faults.client import Client
from tests.faults.databases import beside
from tests.faults.disks import fill_the_spool
from tests.faults.registry import fault
from tests.faults.requests import PointSource
from tests.faults.world import World

MOST_BYTES = 500 * 1024**2
_CAP = 2000


@fault("25")
def idle_and_slow_connections(world: World) -> None:
    """A thousand idle connections and fifty that send a byte now and then: others are served."""
    idle = [socket.create_connection(("127.0.0.1", world.collector.port)) for _ in range(1000)]
    slow = [socket.create_connection(("127.0.0.1", world.collector.port)) for _ in range(50)]
    for byte in b"POST":
        for connection in slow:
            connection.send(bytes([byte]))
        world.pause(0.1, 0.3)
    begun = time.monotonic()
    world.deliver(world.source.request(["patient"], 20))
    world.expect(time.monotonic() - begun < 10, "a good client waited longer than 10 s")
    for connection in (*idle, *slow):
        connection.close()


@fault("26")
def a_cardinality_bomb(world: World) -> None:
    """A hundred thousand new series a minute or more, and good clients beside: bounded memory, an overflow series."""
    cap = _count_series(world)[0] + _CAP  # those of earlier repetitions are in use
    _restart(world, f"--series-per-metric={cap}")
    world.deliver(world.source.request(["good"], 20))
    bomb = PointSource(f"bomb{world.run}", world.source.start_ns)
    numbers = iter(range(10**9))
    client = Client(world.collector.port)
    largest = 0

    def explode() -> None:
        nonlocal largest
        client.send(bomb.request([str(next(numbers)) for _ in range(1000)], 1))
        largest = max(largest, world.collector.memory_bytes())

    with beside(explode):
        for _ in range(40):
            world.deliver(world.source.request(["good"], 20))
            world.pause(0.05, 0.2)
    client.close()
    stored, overflowing = _count_series(world)
    world.expect(next(numbers) > 2 * _CAP, "the bomb was too small to tell")
    world.expect(stored <= cap + 10, f"there are {stored} series, the cap is {cap}")
    world.expect(overflowing == 1, f"there are {overflowing} overflow series")
    world.expect(world.collector.number("herald_collector_overflow_points_total") > 0, "no overflow is counted")
    world.notes.append(f"{next(numbers)} series sent, {stored} stored, the collector took {largest >> 20} MiB")
    world.expect(largest < MOST_BYTES, f"the collector took {largest >> 20} MiB")
    _restart(world)  # a collector that is full would fold what comes next


def _restart(world: World, *options: str) -> None:
    world.collector.end(signal.SIGTERM)
    world.collector.options = list(options)
    world.collector.start()


def _count_series(world: World) -> tuple[int, int]:
    """Return how many series are stored, and how many of them stand for others."""
    with connect(world.server.url) as connection:
        row = connection.execute(
            "select count(*), count(*) filter (where attributes ? 'otel.metric.overflow') from series"
        ).fetchone()
    return row or (0, 0)


@fault("33", loaded=False)
def killed_with_a_full_spool(world: World) -> None:
    """Kill -9 with a full spool, as when memory is short: memory is bounded before and after, nothing is lost."""
    _restart(world, "--spool-mib=64")
    world.server.end(signal.SIGINT)
    fill_the_spool(world)
    largest = world.collector.memory_bytes()
    world.collector.end(signal.SIGKILL)
    world.collector.start()
    done = threading.Event()

    def watch() -> None:
        nonlocal largest
        while not done.wait(0.1):
            with contextlib.suppress(OSError, IndexError):  # it is being ended
                largest = max(largest, world.collector.memory_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    world.server.start()
    world.wait_until_drained()
    done.set()
    watcher.join()
    world.notes.append(f"the collector took {largest >> 20} MiB")
    world.expect(largest < MOST_BYTES, f"the collector took {largest >> 20} MiB")
    world.collector.options = []
