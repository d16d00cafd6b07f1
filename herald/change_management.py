"""Change management of a scenario: its rollouts go forward while the gate on their error budgets is open.

Canaries first; as soon as an objective of the rollout burns, has no budget left or falls silent, what was rolled out
is taken back. Time is virtual. The gate counts what a store has taken in, or a simulation's own recordings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from herald.gate import BudgetGate
from hwsim.rollout import Rollout, Stage
from model.clock import MINUTE_NS
from model.errors import InvalidInputError
from slo import MinuteSource, Objective

GATE_STEP_NS = 5 * MINUTE_NS
"""How often a gate is to be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """How a rollout ended, whom it had reached, when it was taken back and why."""

    fault_id: str
    stage: Stage
    reached: tuple[str, ...]
    rolled_back_ns: int | None
    reasons: tuple[str, ...]


class ChangeManagement:
    """The rollouts of a scenario, each with its gate; one that names no objectives is stopped by nobody."""

    def __init__(
        self,
        rollouts: Sequence[Rollout],
        objectives: Mapping[str, Objective],
        source: MinuteSource,
        *,
        start_ns: int,
    ) -> None:
        """Raise InvalidInputError where a rollout names an objective that is not among `objectives`, by name."""
        _check_gates(rollouts, objectives)
        self._managed = [
            _Managed(
                rollout,
                BudgetGate([objectives[name] for name in rollout.plan.gate], source, start_ns=start_ns),
            )
            for rollout in rollouts
        ]

    def proceed(self, now_ns: int) -> None:
        """Take every rollout forward, or back, to a moment up to which the source has everything."""
        for each in self._managed:
            each.proceed(now_ns)

    @property
    def is_over(self) -> bool:
        """Return whether nothing is left to be decided."""
        return all(each.stage in (Stage.DONE, Stage.ROLLED_BACK) for each in self._managed)

    def conclude(self) -> list[Conclusion]:
        """Return how the rollouts stand."""
        return [each.conclude() for each in self._managed]


class _Managed:
    """A rollout with its gate."""

    def __init__(self, rollout: Rollout, gate: BudgetGate) -> None:
        self._rollout = rollout
        self._gate = gate
        self._rolled_back_ns: int | None = None
        self._reasons: tuple[str, ...] = ()

    @property
    def stage(self) -> Stage:
        return self._rollout.stage

    def proceed(self, now_ns: int) -> None:
        if self._rollout.proceed(now_ns, self._gate) is Stage.ROLLED_BACK and self._rolled_back_ns is None:
            self._rolled_back_ns, self._reasons = now_ns, tuple(self._gate.reasons)

    def conclude(self) -> Conclusion:
        return Conclusion(
            fault_id=self._rollout.plan.fault_id,
            stage=self._rollout.stage,
            reached=self._rollout.reached,
            rolled_back_ns=self._rolled_back_ns,
            reasons=self._reasons,
        )


def _check_gates(rollouts: Sequence[Rollout], objectives: Mapping[str, Objective]) -> None:
    for plan in (rollout.plan for rollout in rollouts):
        unknown = [name for name in plan.gate if name not in objectives]
        if unknown:
            raise InvalidInputError(
                f"the gate of {plan.fault_id} names {', '.join(unknown)}: nothing could stop it",
                remedy="name objectives that herald slo list shows, under gate",
            )
