"""Game days over the cores: each on a database of its own, all on one server."""

import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from alert_rules import load_shipped_objectives
from herald.databases import throwaway
from herald.gameday.outcome import Outcome
from herald.gameday.plan import Plan
from herald.gameday.play import play
from herald.settings import DataDirectory
from slo import Objective

_NICE = 5


def worker_pool(workers: int | None) -> ProcessPoolExecutor:
    """Return a pool of processes, one for each core unless told otherwise, that let others go first."""
    return ProcessPoolExecutor(workers or os.cpu_count(), initializer=os.nice, initargs=(_NICE,))


def play_on(plan: Plan, *, server: str) -> Outcome:
    """Play a plan on a new database of a server."""
    with throwaway(server, DataDirectory(Path())) as database:
        return play(plan, database, shipped_objectives(), lambda _: None)


@cache
def shipped_objectives() -> tuple[Objective, ...]:
    """Return the shipped objectives, read once in each process: that takes as long as to judge a day."""
    return tuple(load_shipped_objectives())
