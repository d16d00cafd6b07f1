"""Game days over the cores: each on a database of its own, all on one server."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from herald.databases import throwaway
from herald.gameday.outcome import Outcome
from herald.gameday.plan import Plan
from herald.gameday.play import play
from herald.gameday.policy import shipped_policy
from herald.output import say
from herald.settings import DataDirectory

_NICE = 5


def worker_pool(workers: int | None) -> ProcessPoolExecutor:
    """Return a pool of processes, one for each core unless told otherwise, that let others go first."""
    return ProcessPoolExecutor(workers or os.cpu_count(), initializer=os.nice, initargs=(_NICE,))


def play_on(plan: Plan, *, server: str, directory: Path | None = None) -> Outcome:
    """Play a plan on a new database of a server, and write its postmortem to a directory, if one is given."""
    with throwaway(server, DataDirectory(Path())) as database:
        return play_and_write(plan, database, directory, lambda _: None)


def play_and_write(plan: Plan, database: str, directory: Path | None, tell: Callable[[float], None]) -> Outcome:
    """Play a plan on an empty database, and write its postmortem, which needs what the database holds."""
    outcome = play(plan, database, shipped_policy(), tell)
    if directory is not None:
        from herald.gameday.record import write_record  # noqa: PLC0415  # charts take half a second to import

        for file in write_record(outcome, database, shipped_policy().objectives, directory):
            say(f"wrote {file}")
    return outcome
