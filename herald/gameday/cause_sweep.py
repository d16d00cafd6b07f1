"""How often the ranking names the true cause: cases in memory, a table by domain and magnitude, every miss.

Cases are those of `cause_case`; only those that somebody could notice count. Of a pair each fault is a true cause.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from herald.gameday.cases import Task, draw_target, group_cases
from herald.gameday.cause_case import Case, play_case
from herald.gameday.goals import Goal, Result, render_interval
from herald.recorded_evidence import RecordedEvidence
from hwsim import find_fault, load_fleet
from model.registry import load_registry
from reports.cause import investigate
from reports.report_tables import Table

FIRST = Goal(text="true cause first", asked=0.9, claimed=0.92)
AMONG_THREE = Goal(text="true cause among three", asked=0.99, claimed=0.99)
INNOCENT = Goal(text="innocent change first, sure", asked=0.02, claimed=0.02, at_most=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How the ranking did; `rank` is None where the true cause was not named, `hurt` empty where nobody noticed.

    It may have been told only as a `lead`, as what is worth a look where there is not enough evidence.
    """

    fault: str
    domain: str
    magnitude: str
    seed: int
    struck: str
    hurt: str
    rank: int | None
    lead: bool
    first: str
    confidence: str
    blamed_change: bool
    reason: str

    @property
    def seen(self) -> bool:
        """Return whether the fault's signal ever left its past, so that somebody could ask."""
        return bool(self.hurt)

    @property
    def among_three(self) -> bool:
        """Return whether the true cause was one of the first three suspects."""
        return self.rank is not None and self.rank <= 3

    @property
    def accuses(self) -> bool:
        """Return whether a change that did nothing was blamed, and surely."""
        return self.blamed_change and self.confidence == "high"


def play_task(task: Task) -> Score:
    """Play one case and compare the ranking with the truth, which the ranking never sees."""
    fault, registry, fleet = find_fault(task.fault), load_registry(), load_fleet(task.fleet)
    struck = draw_target(task, fleet)
    case = Case(
        fault=fault,
        fleet=fleet,
        entity=struck,
        magnitude=getattr(fault.magnitude, task.magnitude),
        seed=task.seed,
        pair=task.pair,
    )
    strength = f"{task.magnitude}, one of two" if task.pair else task.magnitude
    about = {"fault": fault.id, "domain": fault.domain, "magnitude": strength, "seed": task.seed}
    nothing = {"first": "", "confidence": "", "blamed_change": False, "reason": ""}
    incident = play_case(case, registry)
    if incident is None:
        return Score(**about, struck=struck, hurt="", rank=None, lead=False, **nothing)  # type: ignore[arg-type]
    evidence = RecordedEvidence(registry, incident.recordings, incident.topologies)
    ranking = investigate(
        evidence, registry, entity=incident.entity, impact_ns=incident.impact_ns, end_ns=incident.end_ns
    )
    causes = [find_fault(strike.fault_id).true_cause(strike.entity_id) for strike in incident.strikes]
    named = [{"kind": s.kind, "entity": s.entity, "metric": s.metric} for s in ranking.suspects]
    ranks = [named.index(cause) + 1 for cause in causes if cause in named]
    rank = min(ranks, default=None)
    first = ranking.suspects[0] if ranking.suspects else None
    return Score(
        **about,  # type: ignore[arg-type]
        struck=struck,
        hurt=incident.entity,
        rank=rank,
        lead=rank is not None and ranking.suspects[rank - 1].lead,
        first=f"{first.kind} {first.metric} of {first.entity}" if first else "",
        confidence=first.confidence if first else "",
        blamed_change=first is not None and first.kind == "change" and named[0] not in causes,
        reason=ranking.reason,
    )


def tabulate(scores: Sequence[Score]) -> Table:
    """Return a table by domain and magnitude; only cases that somebody could notice count."""
    numbers = ("Cases", "Unnoticed", "First", "Among three", "Only as a lead", "Innocent change, sure")
    return Table(
        title="Causes, ranked in memory",
        columns=("Domain", "Magnitude", *numbers[:3], "First, 95 %", *numbers[3:]),
        numbers=frozenset(numbers),
        rows=[_row(domain, magnitude, group) for (domain, magnitude), group in group_cases(scores).items()],
    )


def _row(domain: str, magnitude: str, group: Sequence[Score]) -> tuple[str, ...]:
    seen = [score for score in group if score.seen]
    first = sum(score.rank == 1 for score in seen)
    numbers = len(seen), len(group) - len(seen), first
    three = [score for score in seen if score.among_three]
    others = len(three), sum(score.lead for score in three), sum(score.accuses for score in seen)
    return domain, magnitude, *map(str, numbers), render_interval(first, len(seen)), *map(str, others)


def tell_misses(scores: Iterable[Score]) -> list[str]:
    """Return one line for each noticed case in which the true cause did not come first."""
    return [
        f"{s.fault} {s.magnitude} seed {s.seed} on {s.struck}, seen at {s.hurt}: rank {s.rank or '-'}, "
        f"first {s.first or s.reason} ({s.confidence or 'nobody'})"
        for s in scores
        if s.seen and s.rank != 1
    ]


def judge_goals(scores: Iterable[Score]) -> list[Result]:
    """Return how the ranking stands to its goals; faint faults have none, nor have pairs."""
    seen = [score for score in scores if score.seen and score.magnitude in ("typical", "gross")]
    return [
        Result(goal=FIRST, hits=sum(score.rank == 1 for score in seen), tries=len(seen)),
        Result(goal=AMONG_THREE, hits=sum(score.among_three for score in seen), tries=len(seen)),
        Result(goal=INNOCENT, hits=sum(score.accuses for score in seen), tries=len(seen)),
    ]
