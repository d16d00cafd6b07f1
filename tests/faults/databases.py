"""The database is away, refuses, restarts in the worst moment, or is being worked on by somebody else."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator

from model.clock import DAY_NS
from model.errors import HeraldError
from store import apply_retention, connect, migrate
from tests.faults.client import Client
from tests.faults.proxy import Link
from tests.faults.registry import fault
from tests.faults.requests import PointSource
from tests.faults.waiting import wait_until
from tests.faults.world import World


@fault("9", quick=True)
def an_outage(world: World) -> None:
    """PostgreSQL is away for a while: the spool carries it, clients notice nothing."""
    world.server.end(signal.SIGINT)
    time.sleep(world.outage_s)
    wait_until(
        lambda: world.collector.readiness().get("database_taking_data") is False, "readiness tells of the outage"
    )
    world.expect(
        world.collector.readiness().get("taking_requests"), "the collector takes no requests during an outage"
    )
    world.server.start()


@fault("10a", quick=True)
def a_commit_without_an_answer(world: World) -> None:
    """The connection is cut after COMMIT was sent, and its answer is lost."""

    def decide(link: Link) -> bool:
        link.swallow_answers = True
        return True

    world.wire.at_commit(decide)
    world.pause(0.0, 0.3)


@fault("10b")
def a_restart_while_committing(world: World) -> None:
    """PostgreSQL is killed in the moment in which COMMIT is on its way: it may be done or not."""

    def decide(link: Link) -> bool:
        link.server.sendall(b"Q\0\0\0\x0bCOMMIT\0")
        time.sleep(world.chance.uniform(0.0, 0.004))
        world.server.end(signal.SIGKILL)
        return False

    world.wire.at_commit(decide)
    world.pause(0.0, 0.3)
    world.server.start()


@fault("16")
def a_crash_without_synchronous_commit(world: World) -> None:
    """The database is set to synchronous_commit = off, and crashes: the collector's own commits wait all the same."""
    with connect(world.server.url) as connection:
        connection.execute("alter database herald set synchronous_commit = off")
    world.wire.cut()
    world.pause(0.5, 1.0)
    world.server.end(signal.SIGQUIT)
    world.server.start()
    with connect(world.server.url) as connection:
        connection.execute("alter database herald reset synchronous_commit")


@fault("28")
def retention_beside_ingestion(world: World) -> None:
    """Old weeks are dropped while points are copied, and while somebody reads."""
    old = PointSource("old", time.time_ns() - 60 * DAY_NS)
    client = Client(world.collector.port)

    def read() -> None:
        with connect(world.server.url) as connection:
            connection.execute("select count(*) from point").fetchall()

    with beside(read):
        for _ in range(5):
            client.deliver(old.request(["x"], 5))
            forgotten = apply_retention(world.server.url, now_ns=time.time_ns(), keep_days=30)
            world.expect(not forgotten.busy, f"{forgotten.busy} could not be dropped")
            world.pause(0.0, 0.2)
    client.close()


@fault("29")
def a_database_in_trouble(world: World) -> None:
    """Deadlocks, serialization failures, statement and lock timeouts."""
    settings = (
        "statement_timeout = '15ms'",
        "lock_timeout = '5ms'",
        "default_transaction_isolation = 'serializable'",
    )

    def fight() -> None:
        with contextlib.suppress(HeraldError), connect(world.server.url) as connection:
            connection.execute("set deadlock_timeout = '10ms'; set lock_timeout = '200ms'; set statement_timeout = 0")
            with contextlib.suppress(Exception), connection.transaction():  # the loser of a deadlock may be us
                for number in range(200, 0, -1):
                    connection.execute("select from series where id = %s for update", (number,))

    for setting in settings:
        with connect(world.server.url) as connection:
            connection.execute(f"alter database herald set {setting}".encode())
        world.wire.cut()
        with beside(fight):
            world.pause(0.3, 0.6)
        with connect(world.server.url) as connection:
            connection.execute("alter database herald reset all")
        world.wire.cut()


@fault("30")
def migration_and_rolling_restart(world: World) -> None:
    """The schema is migrated again and again while collectors end and start."""
    with beside(lambda: migrate(world.server.url)):
        for _ in range(2):
            world.collector.end(signal.SIGTERM)
            world.collector.start()


@contextlib.contextmanager
def beside(work: Callable[[], object]) -> Iterator[None]:
    """Repeat `work` in a thread during the block."""
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            work()
            stop.wait(0.005)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
