"""How often the ranking names the true cause: many cases in memory, over all cores, with confidence intervals.

`python -m herald.gameday.cause_sweep --seed 11 --seed 12 --magnitude typical` prints a table by domain and magnitude
and every miss with what was blamed instead. Cases are those of `cause_case`.
"""

import json
import math
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from herald.gameday.cause_case import Case, play_case
from herald.recorded_evidence import RecordedEvidence
from hwsim import find_fault, load_faults, load_fleet
from hwsim.fleet import FLEETS
from model.registry import load_registry
from reports.cause import investigate

SMALL_FLEETS = {
    "memory": "memory",
    "link": "network",
    "network": "network",
    "community": "computing",
    "scaleup": "computing",
}
MAGNITUDES = ("faint", "typical", "gross")
_NICE = 5
_Z95 = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a worker plays: a fault of the catalogue, how strong, on which fleet file."""

    fault: str
    magnitude: str
    seed: int
    fleet: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How the ranking did; `rank` is None where the true cause was not named, `hurt` empty where nobody noticed."""

    fault: str
    domain: str
    magnitude: str
    seed: int
    struck: str
    hurt: str
    rank: int | None
    first: str
    confidence: str
    blamed_change: bool
    reason: str

    @property
    def seen(self) -> bool:
        """Return whether the fault's signal ever left its past, so that somebody could ask."""
        return bool(self.hurt)


def plan_tasks(
    faults: Iterable[str], magnitudes: Iterable[str], seeds: Sequence[int], fleet: Path | None
) -> Iterator[Task]:
    """Yield all cases; without a fleet each domain has a small one of its own."""
    for fault in faults:
        for magnitude in magnitudes:
            for seed in seeds:
                small = FLEETS / f"{SMALL_FLEETS[find_fault(fault).domain]}.yaml"
                yield Task(fault=fault, magnitude=magnitude, seed=seed, fleet=fleet or small)


def play_task(task: Task) -> Score:
    """Play one case and compare the ranking with the truth, which the ranking never sees."""
    fault, registry, fleet = find_fault(task.fault), load_registry(), load_fleet(task.fleet)
    fitting = [name for name, kind in fleet.entities.items() if kind == fault.strikes]
    struck = str(np.random.default_rng(task.seed).choice(fitting))
    case = Case(
        fault=fault,
        fleet=fleet,
        entity=struck,
        magnitude=getattr(fault.magnitude, task.magnitude),
        seed=task.seed,
    )
    about = {"fault": fault.id, "domain": fault.domain, "magnitude": task.magnitude, "seed": task.seed}
    nothing = {"first": "", "confidence": "", "blamed_change": False, "reason": ""}
    incident = play_case(case, registry)
    if incident is None:
        return Score(**about, struck=struck, hurt="", rank=None, **nothing)  # type: ignore[arg-type]
    evidence = RecordedEvidence(registry, incident.recordings, incident.topologies)
    ranking = investigate(
        evidence, registry, entity=incident.entity, impact_ns=incident.impact_ns, end_ns=incident.end_ns
    )
    cause = fault.true_cause(struck)
    named = [{"kind": s.kind, "entity": s.entity, "metric": s.metric} for s in ranking.suspects]
    first = ranking.suspects[0] if ranking.suspects else None
    return Score(
        **about,  # type: ignore[arg-type]
        struck=struck,
        hurt=incident.entity,
        rank=named.index(cause) + 1 if cause in named else None,
        first=f"{first.kind} {first.metric} of {first.entity}" if first else "",
        confidence=first.confidence if first else "",
        blamed_change=first is not None and first.kind == "change" and named[0] != cause,
        reason=ranking.reason,
    )


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share (Wilson 1927).

    >>> [round(bound, 3) for bound in wilson(9, 10)]
    [0.596, 0.982]
    """
    if not tries:
        return 0.0, 1.0
    share, spread = hits / tries, _Z95**2 / tries
    center = (share + spread / 2) / (1 + spread)
    half = _Z95 * math.sqrt(share * (1 - share) / tries + spread / (4 * tries)) / (1 + spread)
    return max(center - half, 0.0), min(center + half, 1.0)


def tabulate(scores: Sequence[Score]) -> list[str]:
    """Return a Markdown table by domain and magnitude; only cases that somebody could notice count."""
    groups: dict[tuple[str, str], list[Score]] = defaultdict(list)
    for score in scores:
        groups[score.domain, score.magnitude].append(score)
        groups["all", score.magnitude].append(score)
    lines = [
        "| domain | magnitude | cases | unnoticed | first | first, 95 % | among three | innocent change, sure |",
        "| --- | --- | --: | --: | --: | --- | --: | --: |",
    ]
    for (domain, magnitude), group in groups.items():
        seen = [score for score in group if score.seen]
        first = sum(score.rank == 1 for score in seen)
        three = sum(score.rank is not None and score.rank <= 3 for score in seen)
        wrong = sum(score.blamed_change and score.confidence == "high" for score in seen)
        low, high = wilson(first, len(seen))
        lines.append(
            f"| {domain} | {magnitude} | {len(seen)} | {len(group) - len(seen)} | {first} | "
            f"{100 * low:.0f}-{100 * high:.0f} % | {three} | {wrong} |"
        )
    return lines


def tell_misses(scores: Iterable[Score]) -> list[str]:
    """Return one line for each noticed case in which the true cause did not come first."""
    return [
        f"{s.fault} {s.magnitude} seed {s.seed} on {s.struck}, seen at {s.hurt}: rank {s.rank or '-'}, "
        f"first {s.first or s.reason} ({s.confidence or 'nobody'})"
        for s in scores
        if s.seen and s.rank != 1
    ]


def sweep(
    *,
    fault: Annotated[list[str] | None, typer.Option(help="Catalogue id; default: all.")] = None,
    magnitude: Annotated[list[str] | None, typer.Option(help="faint, typical or gross; default: all.")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="Of fleet, times, decoys and delays.")] = None,
    fleet: Annotated[Path | None, typer.Option(help="Fleet file; default: a small one for each domain.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write every score as JSON to this file.")] = None,
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
) -> None:
    """Play cases and print how often the true cause came first."""
    tasks = list(plan_tasks(fault or load_faults(), magnitude or MAGNITUDES, seed or [1], fleet))
    scores: list[Score] = []
    with ProcessPoolExecutor(workers, initializer=os.nice, initargs=(_NICE,)) as pool:
        for score in pool.map(play_task, tasks):
            scores.append(score)
            typer.echo(f"{len(scores)}/{len(tasks)} {score.fault} {score.magnitude} {score.rank}", err=True)
            if out is not None:
                out.write_text(json.dumps([asdict(each) for each in scores], indent=1) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join([*tabulate(scores), "", *tell_misses(scores)]) + "\n")


if __name__ == "__main__":
    typer.run(sweep)
