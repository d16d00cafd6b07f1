"""Which cases a sweep plays: faults of the catalogue, each at some magnitudes and seeds, on some fleet."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from hwsim import FleetSpec, find_fault, targets_of
from hwsim.fleet import FLEETS

MAGNITUDES = ("faint", "typical", "gross")
_SMALL_FLEETS = {
    "memory": "memory",
    "link": "network",
    "network": "network",
    "community": "computing",
    "scaleup": "computing",
}


class Tabled(Protocol):
    """What came of a case, as far as tables group by it."""

    @property
    def domain(self) -> str:
        """Return the fault's domain."""
        ...

    @property
    def magnitude(self) -> str:
        """Return how strong the fault was."""
        ...


Played = TypeVar("Played", bound=Tabled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a worker plays: a fault of the catalogue, how strong, on which fleet file; in a `pair` with another."""

    fault: str
    magnitude: str
    seed: int
    fleet: Path
    pair: bool = False


def plan_tasks(
    faults: Iterable[str], magnitudes: Iterable[str], seeds: Sequence[int], fleet: Path | None, *, pair: bool = False
) -> Iterator[Task]:
    """Yield all cases; without a fleet each domain has a small one of its own."""
    for fault in faults:
        for magnitude in magnitudes:
            for seed in seeds:
                small = FLEETS / f"{_SMALL_FLEETS[find_fault(fault).domain]}.yaml"
                yield Task(fault=fault, magnitude=magnitude, seed=seed, fleet=fleet or small, pair=pair)


def draw_target(task: Task, fleet: FleetSpec) -> str:
    """Return the entity that the fault strikes: one of those that it fits, by the seed."""
    fitting = targets_of(find_fault(task.fault), fleet.entities)
    return str(np.random.default_rng(task.seed).choice(fitting))


def group_cases(cases: Iterable[Played]) -> dict[tuple[str, str], list[Played]]:
    """Return what was played by domain and magnitude, and of all domains by magnitude."""
    groups: dict[tuple[str, str], list[Played]] = defaultdict(list)
    for case in cases:
        groups[case.domain, case.magnitude].append(case)
        groups["all", case.magnitude].append(case)
    return groups
