"""Play a scenario from end to end: faults, load and rollouts through collector, database and engine.

The fleet lives eight hours before the scenario begins, so that there is something to compare with. Rollouts stand
behind the gates of their error budgets, which count what the database has taken in.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

from collector import DirectPipeline
from exporters import replay_history
from exporters.history import AHEAD
from herald.change_management import GATE_STEP_NS, ChangeManagement, Conclusion
from herald.evidence import entity_of
from herald.gameday.observed import Observed, observe
from herald.gameday.outcome import describe_alert
from herald.gameday.plan import START_NS, WARM_UP_NS
from herald.gameday.play import CHUNK_NS, STEP_S, accept, build_engine
from herald.gameday.policy import Policy
from herald.gameday.verdict import reach, read_told
from hwsim import Injection, build_sites, find_fault
from hwsim.scenario import Scenario
from model.clock import SECOND_NS, format_time
from model.registry import load_registry
from model.topology import Topology
from model.windows import Window
from store import AlertRow, Store, Writer

ZERO_NS = START_NS + WARM_UP_NS
"""The moment that a scenario calls hour 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A strike, and the first alert of the route that is meant for it; a harmless one should have none.

    One that came with a rollout may have been taken back by its gate before anybody had to be told.
    """

    strike: Injection
    alert: AlertRow | None
    is_taken_back: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON tells it."""
        strike = self.strike
        return {
            "fault": strike.fault_id,
            "entity": strike.entity_id,
            "begins_at": format_time(strike.start_ns),
            "ends_at": None if strike.end_ns is None else format_time(strike.end_ns),
            "harmless": strike.harmless,
            "taken_back": self.is_taken_back,
            "expected_route": find_fault(strike.fault_id).route,
            "noticed_after_seconds": self.alert and (self.alert.fired_ns - strike.start_ns) / SECOND_NS,
            "noticed_by": self.alert and describe_alert(self.alert),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioDay:
    """What came of a scenario."""

    scenario: Scenario
    seed: int
    told: tuple[Told, ...]
    rollouts: tuple[Conclusion, ...]
    alerts: tuple[AlertRow, ...]
    observed: tuple[Observed, ...]

    @property
    def unnoticed(self) -> list[Told]:
        """Return the strikes that did harm and of which nobody was told as they should be."""
        silent = [told for told in self.told if told.alert is None]
        return [told for told in silent if not (told.strike.harmless or told.is_taken_back)]

    def as_dict(self) -> dict[str, Any]:
        """Return it as `herald gameday play --json` prints it."""
        return {
            "scenario": self.scenario.catalogue or self.scenario.title,
            "title": self.scenario.title,
            "seed": self.seed,
            "begins_at": format_time(ZERO_NS),
            "ends_at": format_time(ZERO_NS + self.scenario.duration_ns),
            "faults": [told.as_dict() for told in self.told],
            "rollouts": [_describe_rollout(each) for each in self.rollouts],
            "alerts": [describe_alert(alert) for alert in self.alerts],
            "observed": [_describe_observed(each) for each in self.observed],
        }


def play_scenario(
    scenario: Scenario, database: str, policy: Policy, tell: Callable[[float], None], *, seed: int
) -> ScenarioDay:
    """Play a scenario on an empty, migrated database; `tell` hears how much is done, 0..1.

    Raises InvalidInputError where a gate names an objective that is not in force.
    """
    whole = Window(start_ns=START_NS, end_ns=ZERO_NS + scenario.duration_ns)
    schedule = scenario.schedule(ZERO_NS)
    sites = build_sites(scenario.fleet, seed=seed, start_ns=START_NS, faults=schedule)
    writer = Writer(database)
    with Store(database) as store, closing(writer):
        gates = {objective.name: objective for objective in policy.objectives}
        changes = ChangeManagement(scenario.rollouts(ZERO_NS, schedule), gates, store, start_ns=ZERO_NS)
        engine = build_engine(store, policy, START_NS)
        send = partial(accept, DirectPipeline(writer))
        for window, chunk_ns, ahead in _stretches(scenario, whole):
            for progress in replay_history(
                sites, window.start_ns, window.end_ns, STEP_S, send=send, chunk_ns=chunk_ns, ahead=ahead
            ):
                engine.step(progress.reached_ns)
                if progress.reached_ns >= ZERO_NS and not changes.is_over:
                    changes.proceed(progress.reached_ns)
                tell((progress.reached_ns - whole.start_ns) / whole.length_ns)
        rollouts = tuple(changes.conclude())
        topologies = [site.topology for site in sites]
        alerts = read_told(store, policy, whole)
        return ScenarioDay(
            scenario=scenario,
            seed=seed,
            told=tuple(
                replace(_told(strike, alerts, policy, topologies), is_taken_back=_took_back(rollouts, strike))
                for strike in schedule.injections
            ),
            rollouts=rollouts,
            alerts=tuple(alerts),
            observed=tuple(observe(scenario.observations, schedule.injections, store, load_registry(), whole)),
        )


def _stretches(scenario: Scenario, whole: Window) -> Iterator[tuple[Window, int, int]]:
    """Yield windows with the length of a chunk and how many may be simulated ahead: none where gates decide."""
    begins_ns = min((ZERO_NS + plan.start_ns for plan in scenario.plans), default=whole.end_ns)
    ends_ns = max((ZERO_NS + plan.last_ns + GATE_STEP_NS for plan in scenario.plans), default=whole.end_ns)
    edges_ns = [whole.start_ns, begins_ns, min(ends_ns, whole.end_ns), whole.end_ns]
    settings = [(CHUNK_NS, AHEAD), (GATE_STEP_NS, 0), (CHUNK_NS, AHEAD)]
    for (start_ns, end_ns), (chunk_ns, ahead) in zip(pairwise(edges_ns), settings, strict=True):
        if start_ns < end_ns:
            yield Window(start_ns=start_ns, end_ns=end_ns), chunk_ns, ahead


def _told(strike: Injection, alerts: Sequence[AlertRow], policy: Policy, topologies: Sequence[Topology]) -> Told:
    hurt, route = reach(topologies, strike.entity_id), find_fault(strike.fault_id).route
    later = (alert for alert in alerts if alert.fired_ns > strike.start_ns and entity_of(alert.labels) in hurt)
    related = (alert for alert in later if policy.route_of(alert) == route)
    return Told(strike=strike, alert=next(related, None))


def _took_back(rollouts: Iterable[Conclusion], strike: Injection) -> bool:
    return any(
        each.rolled_back_ns is not None and each.fault_id == strike.fault_id and strike.entity_id in each.reached
        for each in rollouts
    )


def _describe_rollout(rollout: Conclusion) -> dict[str, Any]:
    back_ns = rollout.rolled_back_ns
    return {
        "fault": rollout.fault_id,
        "stage": rollout.stage.value,
        "reached": list(rollout.reached),
        "rolled_back_at": None if back_ns is None else format_time(back_ns),
        "reasons": list(rollout.reasons),
    }


def _describe_observed(observed: Observed) -> dict[str, Any]:
    return {
        "telemetry": observed.observation.telemetry,
        "entity": observed.observation.entity,
        "expect": observed.observation.expect,
        "fault": observed.fault_id,
        "part": observed.part,
        "unit": observed.unit,
        "before": observed.before,
        "during": observed.during,
        "after": observed.after,
        "times": [format_time(time_ns) for time_ns in observed.times_ns],
    }
