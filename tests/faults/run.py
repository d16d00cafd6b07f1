"""Runs a fault as often as asked in a world of its own."""

import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.registry import Fault, NotPossibleError
from tests.faults.results import Result
from tests.faults.world import World, running_world

_WARM_S = (0.05, 0.4)


def run_fault(
    fault: Fault,
    folder: Path,
    *,
    repetitions: int,
    seed: int,
    timescale: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Result:
    """Return what came of it."""
    points = lost = duplicated = done = 0
    recovery_s, problems, notes = 0.0, [], []
    impossible = ""
    with running_world(folder, random.Random(f"{seed} {fault.number}"), timescale=timescale) as world:
        for number in range(repetitions):
            try:
                took_s = inject_once(fault, world)
                verdict = world.judge()
            except NotPossibleError as exc:
                impossible = str(exc)
                break
            except TimeoutError as exc:
                problems.append(f"repetition {number + 1}: {exc}")
                break
            done += 1
            if done % 10 == 0:
                say(f"  {done} of {repetitions}")
            points, lost = points + verdict.sent, lost + verdict.lost
            duplicated, recovery_s = duplicated + verdict.duplicated, max(recovery_s, took_s)
            notes += world.notes
            problems += [f"repetition {number + 1}: {problem}" for problem in world.problems]
            if verdict.lost or verdict.duplicated or world.problems:
                say(f"  repetition {number + 1}: {verdict}, {world.problems}")
    return Result(
        fault=fault.number, what=fault.title, repetitions=done, points=points, lost=lost, duplicated=duplicated,
        recovery_s=recovery_s, problems=tuple(problems), notes=tuple(notes), not_possible=impossible,
    )  # fmt: skip


def inject_once(fault: Fault, world: World) -> float:
    """Do it once and return how many seconds after it everything acknowledged was stored."""
    world.begin()
    if fault.loaded:
        world.start_load()
        world.pause(*_WARM_S)
    fault.inject(world)
    if fault.loaded:
        world.pause(*_WARM_S)
    healed = time.monotonic()
    world.settle()
    return time.monotonic() - healed
