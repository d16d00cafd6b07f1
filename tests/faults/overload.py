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
    world.collector.end(signal.SIGTERM)
    world.collector.options = [f"--series-per-metric={_CAP}"]
    world.collector.start()
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
    with connect(world.server.url) as connection:
        row = connection.execute(
            "select count(*), count(*) filter (where attributes ? 'otel.metric.overflow') from series"
        ).fetchone()
    assert row is not None
    world.expect(next(numbers) > 2 * _CAP, "the bomb was too small to tell")
    world.expect(row[0] <= _CAP + 10, f"there are {row[0]} series, the cap is {_CAP}")
    world.expect(row[1] == 1, f"there are {row[1]} overflow series")
    world.expect(world.collector.number("herald_collector_overflow_points_total") > 0, "no overflow is counted")
    world.notes.append(f"{next(numbers)} series sent, {row[0]} stored, the collector took {largest >> 20} MiB")
    world.expect(largest < MOST_BYTES, f"the collector took {largest >> 20} MiB")
    world.collector.options = []


@fault("33", loaded=False)
def killed_with_a_full_spool(world: World) -> None:
    """Kill -9 with a full spool, as when memory is short: memory is bounded before and after, nothing is lost."""
    world.collector.end(signal.SIGTERM)
    world.collector.options = ["--spool-mib=64"]
    world.collector.start()
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
