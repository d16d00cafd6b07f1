"""Processes that die, stop, or are told to end."""

import contextlib
import os
import signal
import time

from tests.faults.proxy import Link
from tests.faults.registry import fault
from tests.faults.world import World


@fault("1", quick=True)
def kill_the_collector(world: World) -> None:
    """Kill -9 of the collector at a random moment."""
    world.pause(0.0, 0.4)
    world.collector.end(signal.SIGKILL)
    world.pause(0.0, 0.2)
    world.collector.start()


@fault("2", quick=True)
def kill_before_commit(world: World) -> None:
    """Kill -9 of the collector after COPY, before its COMMIT leaves."""

    def decide(_: Link) -> bool:
        world.collector.end(signal.SIGKILL)
        return False

    world.wire.at_commit(decide)
    world.collector.start()


@fault("3")
def kill_before_the_commit_is_answered(world: World) -> None:
    """Kill -9 of the collector after its COMMIT is done, before it hears so."""

    def decide(link: Link) -> bool:
        link.swallow_answers = True
        link.server.sendall(b"Q\0\0\0\x0bCOMMIT\0")
        time.sleep(0.05)
        world.collector.end(signal.SIGKILL)
        return False

    world.wire.at_commit(decide)
    world.collector.start()


@fault("4a")
def stop_and_go_on(world: World) -> None:
    """SIGSTOP of the collector, SIGCONT some seconds later."""
    world.collector.send_signal(signal.SIGSTOP)
    world.pause(1.0, 6.0)
    world.collector.send_signal(signal.SIGCONT)


@fault("5")
def ask_to_end(world: World) -> None:
    """SIGTERM: it ends within its deadline."""
    begun = time.monotonic()
    world.collector.end(signal.SIGTERM)
    world.expect(time.monotonic() - begun < 30, "the collector took longer than 30 s to end")
    world.collector.start()


@fault("6")
def kill_a_backend(world: World) -> None:
    """Kill -9 of the collector's PostgreSQL backend: the whole server recovers."""
    world.pause(0.0, 0.2)
    for pid in world.server.writers():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    world.pause(0.0, 0.3)


@fault("7")
def stop_the_server_at_once(world: World) -> None:
    """Immediate shutdown of PostgreSQL, and a start."""
    world.pause(0.0, 0.2)
    world.server.end(signal.SIGQUIT)
    world.pause(0.0, 0.5)
    world.server.start()


@fault("8", quick=True)
def kill_the_postmaster(world: World) -> None:
    """Kill -9 of the postmaster, and a start."""
    world.pause(0.0, 0.2)
    world.server.end(signal.SIGKILL)
    world.pause(0.0, 0.5)
    world.server.start()


@fault("1+8")
def kill_both(world: World) -> None:
    """Kill -9 of collector and postmaster, in random order and distance."""
    ends = [world.collector.end, world.server.end]
    world.chance.shuffle(ends)
    for end in ends:
        world.pause(0.0, 0.2)
        end(signal.SIGKILL)
    starts = [world.server.start, world.collector.start]
    world.chance.shuffle(starts)
    for start in starts:
        world.pause(0.0, 0.2)
        start()
