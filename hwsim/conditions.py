"""What the scheduled faults make of the parameters of a fleet: pure functions of time.

Every device and every site may ask at any moment, past or future, and gets the same answer. Faults combine: their
effects on one parameter are applied one after the other, in the order in which the faults struck.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hwsim.fault import Effect, Operation, load_faults
from hwsim.schedule import FaultSchedule, Injection

Float64s = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Influence:
    """One effect of one injection."""

    effect: Effect
    injection: Injection

    def reaches(self, start_ns: int, end_ns: int) -> bool:
        injection = self.injection
        if injection.start_ns >= end_ns:
            return False
        return injection.end_ns is None or injection.end_ns + self.effect.shape.outlasts_ns() > start_ns

    def apply(self, values: Float64s, times_ns: NDArray[np.int64]) -> Float64s:
        injection, effect = self.injection, self.effect
        key = f"{injection.fault_id} {injection.entity_id} {injection.start_ns}"
        level = effect.shape.level(times_ns, injection.start_ns, injection.end_ns, key)
        amount = effect.amount(injection.magnitude)
        if effect.operation is Operation.ADD:
            return values + level * amount
        if effect.operation is Operation.MULTIPLY:
            return values * (1 + level * (amount - 1))
        return values + level * (amount - values)


class Conditions:
    """The parameters of all entities under a fault schedule that may grow."""

    def __init__(self, schedule: FaultSchedule) -> None:
        self.schedule = schedule
        self._known: tuple[Injection, ...] = ()
        self._influences: dict[tuple[str, str], list[_Influence]] = {}

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Return itself: it has no state of its own."""
        return self

    def disturbed(self, entity_id: str, parameter: str, start_ns: int, end_ns: int) -> bool:
        """Return whether a fault has a say in the parameter at any moment of `(start_ns, end_ns]`."""
        influences = self._of(entity_id, parameter)
        return bool(influences) and any(i.reaches(start_ns, end_ns) for i in influences)

    def values(self, entity_id: str, parameter: str, nominal: float, times_ns: NDArray[np.int64]) -> Float64s:
        """Return the parameter at each moment; `nominal` is what it is without faults."""
        values = np.full(len(times_ns), nominal, dtype=np.float64)
        for influence in self._of(entity_id, parameter):
            values = influence.apply(values, times_ns)
        return values

    def course(self, entity_id: str, parameter: str, nominal: float, times_ns: NDArray[np.int64]) -> float | Float64s:
        """Return the same, as a float while no fault has a say."""
        return self.values(entity_id, parameter, nominal, times_ns) if self._of(entity_id, parameter) else nominal

    def value(self, entity_id: str, parameter: str, nominal: float, when_ns: int) -> float:
        """Return the parameter at a moment."""
        if not self._of(entity_id, parameter):
            return nominal
        return float(self.values(entity_id, parameter, nominal, np.array([when_ns]))[0])

    def edges(self, entity_id: str, parameter: str) -> list[int]:
        """Return the moments at which a fault begins or ends to change the parameter, in order."""
        injections = [i.injection for i in self._of(entity_id, parameter)]
        return sorted({i.start_ns for i in injections} | {i.end_ns for i in injections if i.end_ns is not None})

    def changes(self, entity_id: str) -> Iterator[Injection]:
        """Yield the injections into an entity that arrive with a change of firmware, configuration or credential."""
        faults = load_faults()
        return (
            i for i in self.schedule.injections if i.entity_id == entity_id and faults[i.fault_id].change is not None
        )

    def _of(self, entity_id: str, parameter: str) -> Sequence[_Influence]:
        injections = self.schedule.injections
        if self._known is not injections:
            self._influences = _by_parameter(injections)
            self._known = injections
        return self._influences.get((entity_id, parameter), ()) if self._influences else ()


def _by_parameter(injections: tuple[Injection, ...]) -> dict[tuple[str, str], list[_Influence]]:
    influences: dict[tuple[str, str], list[_Influence]] = {}
    harmful = [injection for injection in injections if not injection.harmless]
    for injection in sorted(harmful, key=lambda i: (i.start_ns, i.fault_id, i.entity_id)):
        for effect in load_faults()[injection.fault_id].effects:
            known = influences.setdefault((injection.entity_id, effect.parameter), [])
            known.append(_Influence(effect=effect, injection=injection))
    return influences
