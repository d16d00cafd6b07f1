"""Networks that cut, delay, swallow and truncate, between client and collector and between collector and database."""

import time

from tests.faults.registry import fault
from tests.faults.world import World


@fault("11a")
def latency(world: World) -> None:
    """Latency of 30 ms on every packet of both roads."""
    world.wire.delay_s = world.door.delay_s = 0.03
    world.pause(0.8, 1.2)
    heal(world)


@fault("11b", quick=True)
def resets(world: World) -> None:
    """Connections of both roads are reset, again and again."""
    for _ in range(8):
        world.pause(0.0, 0.2)
        world.chance.choice([world.wire, world.door]).cut()


@fault("11c")
def truncation(world: World) -> None:
    """A stream ends in the middle of a message, on both roads."""
    for road in (world.wire, world.door):
        for _ in range(4):
            road.bytes_left = world.chance.randint(1, 50_000)
            world.pause(0.05, 0.2)
            road.heal()


@fault("11d")
def half_open(world: World) -> None:
    """Both roads swallow everything without closing, then are cut."""
    world.wire.black_hole = world.door.black_hole = True
    time.sleep(2.0)
    heal(world)
    world.wire.cut()
    world.door.cut()


@fault("11e")
def refused_connections(world: World) -> None:
    """The database refuses connections for a while."""
    world.wire.refusing = True
    world.wire.cut()
    world.pause(0.5, 1.5)
    heal(world)


def heal(world: World) -> None:
    """Let everything through again."""
    world.wire.heal()
    world.door.heal()
