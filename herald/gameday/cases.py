"""Which cases a sweep plays: faults of the catalogue, each at some magnitudes and seeds, on some fleet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwsim import FleetSpec, find_fault
from hwsim.fleet import FLEETS

MAGNITUDES = ("faint", "typical", "gross")
_SMALL_FLEETS = {
    "memory": "memory",
    "link": "network",
    "network": "network",
    "community": "computing",
    "scaleup": "computing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a worker plays: a fault of the catalogue, how strong, on which fleet file."""

    fault: str
    magnitude: str
    seed: int
    fleet: Path


def plan_tasks(
    faults: Iterable[str], magnitudes: Iterable[str], seeds: Sequence[int], fleet: Path | None
) -> Iterator[Task]:
    """Yield all cases; without a fleet each domain has a small one of its own."""
    for fault in faults:
        for magnitude in magnitudes:
            for seed in seeds:
                small = FLEETS / f"{_SMALL_FLEETS[find_fault(fault).domain]}.yaml"
                yield Task(fault=fault, magnitude=magnitude, seed=seed, fleet=fleet or small)


def draw_target(task: Task, fleet: FleetSpec) -> str:
    """Return the entity that the fault strikes: one of those that it fits, by the seed."""
    kind = find_fault(task.fault).strikes
    fitting = [name for name, each in fleet.entities.items() if each == kind]
    return str(np.random.default_rng(task.seed).choice(fitting))
