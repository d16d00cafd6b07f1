"""How faults are noticed: game days on small fleets, a table by domain and magnitude, every miss with its reason.

In time means within 1.25 times what the policy needs on the simulator's own events, and one evaluation more: from the
injection to the first alert, and from the clearing until the last one has resolved. Virtual telemetry arrives at
once, so delays of ingestion are no part of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from herald.gameday.cases import Task, draw_target, group_cases
from herald.gameday.goals import Goal, Result, render_interval
from herald.gameday.outcome import Outcome
from herald.gameday.plan import make_plan
from herald.gameday.pool import play_on
from hwsim import find_fault, load_fleet
from model.clock import MINUTE_NS, SECOND_NS
from reports.report_tables import Table

ROUTED = Goal(text="fault reaches its route", asked=1.0, claimed=1.0)
IN_TIME = Goal(text="noticed in time", asked=1.0, claimed=1.0)
RESOLVED = Goal(text="alerts resolve in time once it is cleared", asked=1.0, claimed=1.0)
QUIET = Goal(text="somebody told of what is not there", asked=0.0, claimed=0.0, at_most=True)
_PATIENCE = 1.25
_EVALUATION_S = MINUTE_NS / SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What came of a game day. Times are seconds, those with `least` by the simulator's own events; None for never.

    Noticed is after the injection, by an alert of the fault's route; resolved after the clearing, of the last alert.
    """

    fault: str
    title: str
    domain: str
    magnitude: str
    seed: int
    struck: str
    route: str
    noticed_s: float | None
    least_noticed_s: float | None
    resolved_s: float | None
    least_resolved_s: float | None
    rank: int | None
    other_routes: tuple[str, ...]
    unresolved: tuple[str, ...]
    false_alerts: tuple[str, ...]

    @property
    def in_time(self) -> bool:
        """Return whether it was noticed hardly later than the policy allows."""
        return _is_prompt(self.noticed_s, self.least_noticed_s)

    @property
    def resolved_in_time(self) -> bool:
        """Return whether all alerts resolved hardly later than the policy does on true events."""
        return not self.unresolved and _is_prompt(self.resolved_s, self.least_resolved_s)

    @property
    def shortcomings(self) -> list[str]:
        """Return what went wrong, in words."""
        told = []
        if self.noticed_s is None:
            others = f", but a {' and a '.join(self.other_routes)}" if self.other_routes else ""
            told = [f"nobody got a {self.route}{others}; due by the true events {_after(self.least_noticed_s)}"]
        elif not self.in_time:
            told = [f"noticed {_after(self.noticed_s)}, due by the true events {_after(self.least_noticed_s)}"]
        if self.unresolved:
            told += [f"unresolved: {', '.join(self.unresolved)}"]
        elif self.resolved_s is not None and not self.resolved_in_time:
            told += [f"resolved {_after(self.resolved_s)}, due by the true events {_after(self.least_resolved_s)}"]
        return [*told, *([f"false: {', '.join(self.false_alerts)}"] if self.false_alerts else [])]


def _is_prompt(took_s: float | None, least_s: float | None) -> bool:
    if took_s is None or least_s is None:
        return False
    return took_s <= _PATIENCE * max(least_s, 0.0) + _EVALUATION_S


def _after(length_s: float | None) -> str:
    return "never" if length_s is None else f"after {length_s:.0f} s"


def play_day(task: Task, server: str) -> Detection:
    """Play a game day on a database of its own on the server."""
    fault, fleet = find_fault(task.fault), load_fleet(task.fleet)
    plan = make_plan(
        task.fault,
        seed=task.seed,
        magnitude=getattr(fault.magnitude, task.magnitude),
        entity=draw_target(task, fleet),
        fleet=fleet,
    )
    return describe_day(play_on(plan, server=server), task.magnitude)


def describe_day(outcome: Outcome, magnitude: str) -> Detection:
    """Return what came of a game day as scoreboards show it; `magnitude` names how strong the fault was."""
    told, fault = outcome.as_dict(), outcome.plan.fault
    return Detection(
        fault=fault.id,
        title=fault.title,
        domain=fault.domain,
        magnitude=magnitude,
        seed=outcome.plan.seed,
        struck=outcome.plan.entity,
        route=fault.route,
        noticed_s=told["detection_seconds"],
        least_noticed_s=told["theoretical_minimum_seconds"],
        resolved_s=told["resolve_seconds"],
        least_resolved_s=told["theoretical_resolve_seconds"],
        rank=told["true_cause_rank"],
        other_routes=tuple(sorted({alert["severity"] for alert in told["alerts"]} - {fault.route})),
        unresolved=_names(a for a in told["alerts"] if a["resolved_at"] is None),
        false_alerts=_names(told["false_alerts"]),
    )


def _names(alerts: Iterable[dict[str, object]]) -> tuple[str, ...]:
    return tuple(sorted({f"{alert['objective']} {alert['tier']}" for alert in alerts}))


def tabulate(detections: Sequence[Detection]) -> Table:
    """Return a table by domain and magnitude."""
    numbers = ("Cases", "Noticed", "In time", "Resolved in time", "False alerts")
    return Table(
        title="Detection",
        columns=("Domain", "Magnitude", *numbers[:2], "Noticed, 95 %", *numbers[2:]),
        numbers=frozenset(numbers),
        rows=[_row(domain, magnitude, group) for (domain, magnitude), group in group_cases(detections).items()],
    )


def _row(domain: str, magnitude: str, group: Sequence[Detection]) -> tuple[str, ...]:
    noticed = sum(each.noticed_s is not None for each in group)
    counts = (
        sum(each.in_time for each in group),
        sum(each.resolved_in_time for each in group),
        sum(bool(each.false_alerts) for each in group),
    )
    interval = render_interval(noticed, len(group))
    return domain, magnitude, str(len(group)), str(noticed), interval, *map(str, counts)


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
        Result(goal=RESOLVED, hits=sum(each.resolved_in_time for each in noticed), tries=len(noticed)),
        Result(goal=QUIET, hits=sum(bool(each.false_alerts) for each in days), tries=len(days)),
    ]
