"""Disks that are full, forget, or rot."""

import contextlib
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from collector.spool_records import HEADER_BYTES
from tests.faults.client import Client
from tests.faults.oracle import key, read_stored
from tests.faults.registry import NotPossibleError, fault
from tests.faults.requests import Outcome, Request
from tests.faults.servers import PlainServer
from tests.faults.world import World

_MIB = 1024**2


@fault("12a")
def no_space_for_the_spool(world: World) -> None:
    """The spool's disk is full while the database is away: refused with 503, nothing acknowledged is lost."""
    world.collector.end(signal.SIGTERM)
    folder = world.collector.data / "spool"
    with small_disk(folder, _used_bytes(folder) + 2 * _MIB):
        world.collector.start()
        world.server.end(signal.SIGINT)
        fill_the_spool(world)
        world.server.start()
        world.settle()
        world.collector.end(signal.SIGTERM)
    world.collector.start()


@fault("12b")
def no_space_for_the_database(world: World) -> None:
    """The disk of PostgreSQL is full, data and WAL alike, and gets room again."""
    if not isinstance(world.server, PlainServer):
        raise NotPossibleError("not run: only with plain PostgreSQL")
    folder = world.server.folder
    world.server.stop()
    with small_disk(folder, _used_bytes(folder) + 64 * _MIB):
        world.server.start()
        with (folder / "ballast").open("wb") as ballast, contextlib.suppress(OSError):
            while True:
                ballast.write(bytes(_MIB))
                ballast.flush()
        world.pause(1.0, 2.0)
        (folder / "ballast").unlink()
        world.server.start()
        world.settle()
        world.server.stop()
    world.server.start()


@fault("13", loaded=False)
def a_torn_tail(world: World) -> None:
    """The spool ends in the middle of a request that was never acknowledged."""
    with an_outage_filled(world, 5) as log:
        record = log.read_bytes()[: HEADER_BYTES + 100]
        with log.open("ab") as torn:
            torn.write(record[: world.chance.randrange(1, len(record))])


@fault("14", loaded=False, quick=True)
def a_flipped_bit(world: World) -> None:
    """A bit flips in the spool: one request is reported as damaged and kept, all others are stored."""
    with an_outage_filled(world, 8) as log:
        data = bytearray(log.read_bytes())
        bit = world.chance.randrange(8 * len(data))
        data[bit // 8] ^= 1 << bit % 8
        log.write_bytes(data)
    world.wait_until_drained()
    stored = read_stored(world.server.url, world.run)
    damaged = [request for request in world.requests if not all(key(point) in stored for point in request.points)]
    reported = world.collector.number("herald_collector_spool_damaged_requests")
    reported += world.collector.number("herald_collector_set_aside_requests_total")
    kept = len(list((world.collector.data / "spool" / "set_aside").iterdir()))
    world.expect(len(damaged) <= 1, f"{len(damaged)} requests are missing, one was damaged")
    world.expect(len(damaged) <= reported or kept, "a damaged request was not reported")
    for request in damaged:  # the collector told of it: a loss of the disk, not of ours
        request.outcome = Outcome.UNKNOWN


@fault("15", loaded=False)
def a_lost_fsync(_: World) -> None:
    """A disk that says it has synced and has not, for spool and database."""
    raise NotPossibleError("not run: needs dm-flakey or LazyFS, a kernel device that this machine does not have")


@contextlib.contextmanager
def an_outage_filled(world: World, requests: int) -> Iterator[Path]:
    """Let requests wait in the spool of a collector that was killed; yield its file, then start everything."""
    world.wait_until_drained()
    world.server.end(signal.SIGINT)
    for _ in range(requests):
        world.deliver(world.source.request(["a", "b"], 10))
    world.collector.end(signal.SIGKILL)
    yield max((world.collector.data / "spool").glob("*.log"))
    world.server.start()
    world.collector.start()


def fill_the_spool(world: World) -> None:
    """Send large requests until one is refused, and look at how."""
    client = Client(world.collector.port)
    devices = [f"big-{number}" for number in range(20)]
    for _ in range(1000):
        request: Request = world.source.request(devices, 200)
        world.requests.append(request)
        begun = time.monotonic()
        if client.send(request) is not Outcome.ACKNOWLEDGED:
            world.expect(time.monotonic() - begun < 5, "the refusal took longer than 5 s")
            break
    else:
        world.problems.append("a full spool never refused")
    world.expect(
        not world.collector.readiness().get("taking_requests", True) or client.send(request) is Outcome.UNKNOWN,
        "a full spool takes requests",
    )
    client.close()


def _used_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@contextlib.contextmanager
def small_disk(folder: Path, size_bytes: int) -> Iterator[None]:
    """Put what is in `folder` on a disk of its own for the block."""
    aside = folder.with_name(folder.name + ".aside")
    shutil.copytree(folder, aside, symlinks=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_bytes},mode={folder.stat().st_mode & 0o7777:o}", "tmpfs"]
    done = subprocess.run([*mount, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(aside)
        raise NotPossibleError(f"not run: no small disk can be mounted here ({done.stderr.strip()})")
    try:
        shutil.copytree(aside, folder, symlinks=True, dirs_exist_ok=True)
        yield
        shutil.rmtree(aside)
        shutil.copytree(folder, aside, symlinks=True)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        shutil.rmtree(folder)
        aside.rename(folder)
