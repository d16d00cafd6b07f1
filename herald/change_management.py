"""Change management of a scenario: its rollouts go forward while the gate on their error budgets is open.

Canaries first; as soon as an objective of the rollout burns, has no budget left or falls silent, what was rolled out
is taken back. Time is virtual, and the gate counts the simulation's own recordings.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from herald.gate import BudgetGate
from herald.ground_truth import RecordedSource, only
from herald.recount import queries_of
from hwsim import build_sites
from hwsim.rollout import Rollout, RolloutPlan, Stage
from hwsim.scenario import Scenario
from model.clock import MINUTE_NS
from model.errors import InvalidInputError
from model.registry import load_registry
from slo import Objective

_STEP_NS = 5 * MINUTE_NS
"""How often a gate is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """How a rollout ended, whom it had reached, when it was taken back and why."""

    stage: Stage
    reached: tuple[str, ...]
    rolled_back_ns: int | None
    reasons: tuple[str, ...]


def manage_changes(
    scenario: Scenario, objectives: Mapping[str, Objective], *, seed: int, start_ns: int
) -> tuple[list[Conclusion], RecordedSource]:
    """Play a scenario with its rollouts behind gates; return how they ended, and what was recorded.

    `objectives` are those that a rollout may name, by name; what they count is recorded. Raises InvalidInputError
    where a rollout names another, or none.
    """
    schedule = scenario.schedule(start_ns)
    source = RecordedSource(load_registry())
    sites = build_sites(scenario.fleet, seed=seed, start_ns=start_ns, faults=schedule)
    asked = {query.metric for objective in objectives.values() for query in queries_of(objective)}
    managed = [
        _Managed(rollout, _gate(rollout.plan, objectives, source, start_ns))
        for rollout in scenario.rollouts(start_ns, schedule)
    ]
    for now_ns in range(start_ns + _STEP_NS, start_ns + scenario.duration_ns + 1, _STEP_NS):
        for site in sites:
            source.add(only(site.record(now_ns, MINUTE_NS), asked))
        for each in managed:
            each.proceed(now_ns)
    return [each.conclude() for each in managed], source


class _Managed:
    """A rollout with its gate."""

    def __init__(self, rollout: Rollout, gate: BudgetGate) -> None:
        self._rollout = rollout
        self._gate = gate
        self._rolled_back_ns: int | None = None
        self._reasons: tuple[str, ...] = ()

    def proceed(self, now_ns: int) -> None:
        if self._rollout.proceed(now_ns, self._gate) is Stage.ROLLED_BACK and self._rolled_back_ns is None:
            self._rolled_back_ns, self._reasons = now_ns, tuple(self._gate.reasons)

    def conclude(self) -> Conclusion:
        return Conclusion(
            stage=self._rollout.stage,
            reached=self._rollout.reached,
            rolled_back_ns=self._rolled_back_ns,
            reasons=self._reasons,
        )


def _gate(
    plan: RolloutPlan, objectives: Mapping[str, Objective], source: RecordedSource, start_ns: int
) -> BudgetGate:
    unknown = [name for name in plan.gate if name not in objectives]
    if unknown or not plan.gate:
        named = f"the gate of {plan.fault_id} names {', '.join(unknown)}" if unknown else "a rollout without a gate"
        raise InvalidInputError(
            f"{named}: nothing could stop it", remedy="name objectives that herald slo list shows, under gate"
        )
    return BudgetGate([objectives[name] for name in plan.gate], source, start_ns=start_ns)
