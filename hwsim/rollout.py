"""A change that is rolled out in waves, canaries first, with a gate that decides before each wave.

The change is the one with which a fault of the catalogue arrives (a firmware version, a configuration): every device
of a wave gets it, as one injection, with the fault's regression in it or harmless. Who asks the gate (an error
budget, say) is the caller's business: it calls `proceed` as time passes and hands in the answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from hwsim.fault import load_faults
from hwsim.schedule import FaultSchedule, Injection
from model.clock import SECOND_NS
from model.errors import InvalidInputError

Gate = Callable[[int], bool]
"""Says at a moment (epoch ns) whether the rollout may go on."""


class Stage(StrEnum):
    """Where a rollout stands."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPlan:
    """Waves of entities; each wave soaks for `soak_s` before the next one follows."""

    fault_id: str
    waves: tuple[tuple[str, ...], ...]
    start_ns: int
    soak_s: float
    magnitude: float
    harmless: bool = False
    gate: tuple[str, ...] = ()
    """What the gate shall watch, in the words of whoever makes it: names of objectives."""

    @property
    def last_ns(self) -> int:
        """Return the end of the last soak."""
        return self.start_ns + round(len(self.waves) * self.soak_s * SECOND_NS)

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong with it, each with the key that is wrong."""
        fault = load_faults().get(self.fault_id)
        wrong = []
        if fault is None:
            wrong.append(("fault", "is not in the catalogue"))
        elif fault.change is None:
            wrong.append(("fault", "must arrive with a change (firmware, configuration, credential, software)"))
        names = [name for wave in self.waves for name in wave]
        if not names or not all(self.waves):
            wrong.append(("waves", "must be lists of entities, the canaries first, none of them empty"))
        if len(set(names)) < len(names):
            wrong.append(("waves", "must name every entity once"))
        if self.soak_s <= 0:
            wrong.append(("soak_s", "must be more than 0"))
        return wrong


class Rollout:
    """A plan under way: it adds to the fault schedule what each wave brings, and takes all of it back if it must."""

    def __init__(self, plan: RolloutPlan, schedule: FaultSchedule) -> None:
        problems = plan.problems()
        if problems:
            raise InvalidInputError("; ".join(f"{key} {rule}" for key, rule in problems), place="rollout")
        self.plan = plan
        self.stage = Stage.PLANNED
        self.reached: tuple[str, ...] = ()
        """The entities that have the change, in the order in which they got it."""
        self._schedule = schedule
        self._waves_done = 0

    def next_ns(self) -> int:
        """Return when the next wave is due, or the end of the last soak."""
        return self.plan.start_ns + round(self._waves_done * self.plan.soak_s * SECOND_NS)

    def proceed(self, now_ns: int, gate: Gate) -> Stage:
        """Go on to `now_ns`: the next wave if it is due and the gate is open, back to the old version if it is shut.

        The gate is asked from the first wave until the last has soaked, at every call: a canary that hurts is taken
        back before its soak is over. Either happens a second later: what has been told until now stays as it was.
        """
        if self.stage is Stage.PLANNED and now_ns >= self.plan.start_ns:
            self.stage = Stage.RUNNING
        if self.stage is not Stage.RUNNING:
            return self.stage
        if not gate(now_ns):
            self._roll_back(now_ns)
        elif now_ns >= self.next_ns():
            self._strike(now_ns)
        return self.stage

    def _strike(self, now_ns: int) -> None:
        if self._waves_done == len(self.plan.waves):
            self.stage = Stage.DONE
            return
        for entity in self.plan.waves[self._waves_done]:
            self._schedule.add(
                Injection(
                    fault_id=self.plan.fault_id,
                    entity_id=entity,
                    start_ns=now_ns + SECOND_NS,
                    magnitude=self.plan.magnitude,
                    harmless=self.plan.harmless,
                )
            )
            self.reached += (entity,)
        self._waves_done += 1

    def _roll_back(self, now_ns: int) -> None:
        for entity in self.reached:
            self._schedule.clear(self.plan.fault_id, entity, end_ns=now_ns + SECOND_NS)
        self.stage = Stage.ROLLED_BACK
