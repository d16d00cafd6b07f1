"""How faults are noticed: game days on small fleets, a table by domain and magnitude, every miss with its reason.

In time means within 1.25 times what the policy needs on the simulator's own events, and one evaluation more. Virtual
telemetry arrives at once, so delays of ingestion are no part of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from alert_rules import load_shipped_objectives
from herald.databases import throwaway
from herald.gameday.cases import Task, draw_target, group_cases
from herald.gameday.goals import Goal, Result, render_interval
from herald.gameday.outcome import Outcome
from herald.gameday.plan import make_plan
from herald.gameday.play import play
from herald.settings import DataDirectory
from hwsim import find_fault, load_fleet
from model.clock import MINUTE_NS, SECOND_NS

ROUTED = Goal(text="fault reaches its route", asked=1.0, claimed=None)
IN_TIME = Goal(text="noticed in time", asked=1.0, claimed=1.0)
RESOLVED = Goal(text="alerts resolve once it is cleared", asked=1.0, claimed=1.0)
QUIET = Goal(text="somebody told of what is not there", asked=0.0, claimed=0.0, at_most=True)
_HOURS = 2.0
_PATIENCE = 1.25
_EVALUATION_S = MINUTE_NS / SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What came of a game day; times are seconds after the injection, None where no alert had the fault's route."""

    fault: str
    domain: str
    magnitude: str
    seed: int
    struck: str
    route: str
    noticed_s: float | None
    least_s: float | None
    unresolved: tuple[str, ...]
    false_alerts: tuple[str, ...]

    @property
    def in_time(self) -> bool:
        """Return whether it was noticed hardly later than the policy allows."""
        if self.noticed_s is None or self.least_s is None:
            return False
        return self.noticed_s <= _PATIENCE * self.least_s + _EVALUATION_S

    @property
    def shortcomings(self) -> list[str]:
        """Return what went wrong, in words."""
        least = "never" if self.least_s is None else f"after {self.least_s:.0f} s"
        told = [f"nobody got a {self.route}, due by the true events {least}"] if self.noticed_s is None else []
        if self.noticed_s is not None and not self.in_time:
            told += [f"noticed after {self.noticed_s:.0f} s, due by the true events {least}"]
        told += [f"unresolved: {', '.join(self.unresolved)}"] if self.unresolved else []
        return [*told, *([f"false: {', '.join(self.false_alerts)}"] if self.false_alerts else [])]


def play_day(task: Task, server: str) -> Detection:
    """Play a game day on a database of its own on the server."""
    fault, fleet = find_fault(task.fault), load_fleet(task.fleet)
    plan = make_plan(
        task.fault,
        seed=task.seed,
        magnitude=getattr(fault.magnitude, task.magnitude),
        hours=_HOURS,
        entity=draw_target(task, fleet),
        fleet=fleet,
    )
    with throwaway(server, DataDirectory(Path())) as database:
        return _detection(task, play(plan, database, load_shipped_objectives(), lambda _: None))


def _detection(task: Task, outcome: Outcome) -> Detection:
    told = outcome.as_dict()
    return Detection(
        fault=task.fault,
        domain=outcome.plan.fault.domain,
        magnitude=task.magnitude,
        seed=task.seed,
        struck=outcome.plan.entity,
        route=outcome.plan.fault.route,
        noticed_s=told["detection_seconds"],
        least_s=told["theoretical_minimum_seconds"],
        unresolved=_names(a for a in told["alerts"] if a["resolved_at"] is None),
        false_alerts=_names(told["false_alerts"]),
    )


def _names(alerts: Iterable[dict[str, object]]) -> tuple[str, ...]:
    return tuple(sorted({f"{alert['objective']} {alert['tier']}" for alert in alerts}))


def tabulate(detections: Sequence[Detection]) -> list[str]:
    """Return a Markdown table by domain and magnitude."""
    lines = [
        "| domain | magnitude | cases | noticed | noticed, 95 % | in time | resolved | false alerts |",
        "| --- | --- | --: | --: | --- | --: | --: | --: |",
    ]
    for (domain, magnitude), group in group_cases(detections).items():
        noticed = sum(each.noticed_s is not None for each in group)
        interval = render_interval(noticed, len(group))
        lines.append(
            f"| {domain} | {magnitude} | {len(group)} | {noticed} | {interval} | "
            f"{sum(each.in_time for each in group)} | {sum(not each.unresolved for each in group)} | "
            f"{sum(bool(each.false_alerts) for each in group)} |"
        )
    return lines


def tell_shortcomings(detections: Iterable[Detection]) -> list[str]:
    """Return one line for each day on which something went wrong."""
    return [
        f"{each.fault} {each.magnitude} seed {each.seed} on {each.struck}: {'; '.join(each.shortcomings)}"
        for each in detections
        if each.shortcomings
    ]


def judge_detections(detections: Iterable[Detection]) -> list[Result]:
    """Return how detection stands to its goals; faint faults have none."""
    days = [each for each in detections if each.magnitude != "faint"]
    noticed = [each for each in days if each.noticed_s is not None]
    return [
        Result(goal=ROUTED, hits=len(noticed), tries=len(days)),
        Result(goal=IN_TIME, hits=sum(each.in_time for each in noticed), tries=len(noticed)),
        Result(goal=RESOLVED, hits=sum(not each.unresolved for each in noticed), tries=len(noticed)),
        Result(goal=QUIET, hits=sum(bool(each.false_alerts) for each in days), tries=len(days)),
    ]
