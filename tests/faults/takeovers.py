"""Somebody else takes over: a collector with a copy of the spool, a standby server, the next rollup job."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

from store import connect
from store.child import run_to_end
from store.cluster import SETTINGS, choose_identity, locate_program
from store.sockets import SUPERUSER
from tests.faults.collector import Collector
from tests.faults.registry import NotPossibleError, fault
from tests.faults.servers import PlainServer
from tests.faults.waiting import wait_until
from tests.faults.world import World
from tests.services.processes import end_with_parent

_WRONG_ROLLUPS = """
with expected as (
    select series_id, date_bin('1 minute', time - interval '1 microsecond', '2000-01-01+00') as time,
           count(*) as count, sum(value) as sum, min(value) as min, max(value) as max
      from point where value <> 'NaN' group by 1, 2
)
select count(*) from expected full join number_minute as r using (series_id, time)
 where (expected.count, expected.min, expected.max) is distinct from (r.count, r.min, r.max)
    or abs(expected.sum - r.sum) > 1e-6 * abs(expected.sum)
"""


@fault("4b")
def a_zombie_collector(world: World) -> None:
    """A stopped collector's disk goes to another machine; the stopped one wakes up and goes on: both lose nothing."""
    world.collector.send_signal(signal.SIGSTOP)
    copy = world.folder / f"copy-{world.run}"
    shutil.copytree(world.collector.data, copy)
    (copy / "spool" / "spool.lock").unlink()
    heir = Collector(copy, world.database)
    heir.start()
    zombie, world.collector = world.collector, heir
    for _ in range(10):
        world.deliver(world.source.request(["heir"], 20))
    zombie.send_signal(signal.SIGCONT)
    world.pause(1.0, 2.0)
    world.settle()
    wait_until(lambda: zombie.readiness().get("spool_bytes") == 0, "the zombie's spool drains", zombie.said)
    zombie.end(signal.SIGTERM)
    world.door.upstream = heir.port


@fault("17")
def a_standby_takes_over(world: World) -> None:
    """The primary is killed, and its synchronous standby promoted: what was acknowledged is there."""
    primary, folder = world.server, world.folder / f"standby-{world.run}"
    if not isinstance(primary, PlainServer):
        raise NotPossibleError("not run: only with plain PostgreSQL")
    if SETTINGS["wal_level"] == "minimal":
        SETTINGS.update(wal_level="replica", max_wal_senders="4")
        primary.stop()
        primary.start()
    folder.mkdir()
    copy = [
        "pg_basebackup",
        "-h",
        str(Path(str(primary.upstream)).parent),
        "-U",
        SUPERUSER,
        "-D",
        str(folder / "pg"),
        "-R",
        "--checkpoint=fast",
    ]
    done = run_to_end(choose_identity(folder), [locate_program(copy[0]), *copy[1:]])
    assert done.returncode == 0, done.stderr
    standby = PlainServer(folder, is_standby=True)
    with connect(primary.url) as connection:
        connection.execute("alter system set synchronous_standby_names = '*'")
        connection.execute("select pg_reload_conf()")
    wait_until(lambda: count(world, _SYNCHRONOUS) == 1, "the standby follows synchronously")
    world.pause(0.2, 0.8)
    primary.end(signal.SIGKILL)
    with connect(standby.url) as connection:
        connection.execute("select pg_promote()")
        connection.execute("alter system reset all")
    world.server, world.wire.upstream = standby, standby.upstream
    world.wire.cut()
    primary.stop()


@fault("31")
def a_rollup_job_is_killed(world: World) -> None:
    """The engine is killed in the middle of its rollups, again and again: they equal a recount in the end."""
    command = [sys.executable, "-m", "herald", "engine", f"--database={world.server.url}"]
    for _ in range(2):
        engine = subprocess.Popen(end_with_parent(command), stderr=subprocess.DEVNULL)
        world.pause(2.0, 5.0)
        engine.kill()
        engine.wait()
    world.settle()
    engine = subprocess.Popen(end_with_parent(command), stderr=subprocess.DEVNULL)
    try:
        wait_until(
            lambda: count(world, _WAITING) == 0 and count(world, _WRONG_ROLLUPS) == 0, "rollups equal a recount"
        )
    finally:
        engine.kill()
        engine.wait()


_SYNCHRONOUS = "select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum')"
_WAITING = "select (select count(*) from rollup_dirty) + (select count(*) from dirty_minute)"


def count(world: World, query: str) -> int:
    """Return the number that a query answers with."""
    with connect(world.server.url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])
