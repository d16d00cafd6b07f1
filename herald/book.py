"""All ledgers of one engine: an entity is an objective and a group, and has one ledger."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.queries import Group
from slo import (
    CompositeIndicator,
    CompositeLedger,
    Ledger,
    Ledgers,
    Objective,
    SliMinute,
    Sums,
    composite_sums,
    join_component,
    split_component,
)


@dataclass(frozen=True, slots=True)
class Entity:
    """What keeps or breaks a promise: one objective, one group."""

    objective: str
    group: Group


class Book:
    """Ledgers by entity, for a fixed set of objectives; those of one objective lie side by side."""

    def __init__(self, objectives: Sequence[Objective], *, more_ns: int = 0) -> None:
        """Make room for what each objective looks back on, and for `more_ns` before that."""
        self.objectives = {objective.name: objective for objective in objectives}
        self._ledgers: dict[str, dict[Group, Ledger]] = {name: {} for name in self.objectives}
        self._rows: dict[str, dict[Group, Ledger]] = {name: {} for name in self.objectives}
        self._more_ns = more_ns
        self._among = {name: Ledgers(self.reach_ns(objective)) for name, objective in self.objectives.items()}

    def reach_ns(self, objective: Objective) -> int:
        """Return how far back the ledgers of an objective reach."""
        return objective.lookback_ns + self._more_ns

    def ledger(self, entity: Entity) -> Ledger:
        """Return the ledger of an entity, a new one if it is seen for the first time."""
        ledgers = self._ledgers[entity.objective]
        if entity.group not in ledgers:
            objective = self.objectives[entity.objective]
            indicator = objective.indicator
            if objective.keeps_components_apart and isinstance(indicator, CompositeIndicator):
                parts = {
                    part.name: self._row(entity.objective, join_component(entity.group, part.name))
                    for part in indicator.components
                }
                ledgers[entity.group] = CompositeLedger(objective, parts)
            else:
                ledgers[entity.group] = self._row(entity.objective, entity.group)
        return ledgers[entity.group]

    def ledgers_of(self, objective: Objective) -> Mapping[Group, Ledger]:
        """Return the ledgers of an objective's entities by group."""
        return self._ledgers[objective.name]

    def counted(self, objective: str, group: Group) -> Ledger:
        """Return the ledger that counted minutes of a group belong to: an entity's, or that of its component."""
        whole = split_component(group)[0] if self.objectives[objective].keeps_components_apart else group
        self.ledger(Entity(objective, whole))
        return self._row(objective, group)

    def put(self, objective: str, minutes: Iterable[SliMinute]) -> None:
        """Enter counted minutes, and leave all others as they are."""
        by_group: dict[Group, list[tuple[int, int, int]]] = defaultdict(list)
        for minute in minutes:
            by_group[minute.group].append((minute.minute_ns, minute.good, minute.total))
        for group, counted in by_group.items():
            minutes_ns, good, total = np.array(counted, dtype=np.int64).T
            self.counted(objective, group).put_arrays(minutes_ns, good, total)

    def replace(self, objective: str, minutes_ns: Sequence[int], counted: Sequence[SliMinute]) -> None:
        """Enter what these minutes, which ascend, say now; who is not among the counted has no data in them."""
        row_of = {group: self.counted(objective, group).row for group in {minute.group for minute in counted}}
        self._among[objective].replace(
            np.array(minutes_ns, dtype=np.int64),
            np.array([row_of[minute.group] for minute in counted], dtype=np.int64),
            np.array([minute.minute_ns for minute in counted], dtype=np.int64),
            np.array([minute.good for minute in counted], dtype=np.int64),
            np.array([minute.total for minute in counted], dtype=np.int64),
        )

    def born(self, objective: str) -> dict[Group, int]:
        """Return the start of the first minute with data of each group that is counted."""
        return {
            group: first
            for group, ledger in self._rows[objective].items()
            if (first := ledger.first_data_ns) is not None
        }

    def side_by_side(self, objective: Objective, at_ns: int) -> tuple[list[Entity], Sums]:
        """Return the entities of an objective, and what they sum at one moment in the same order."""
        among = self._among[objective.name].at(at_ns)
        if not objective.keeps_components_apart:
            groups = sorted(self._rows[objective.name].items(), key=lambda item: item[1].row)
            return [Entity(objective.name, group) for group, _ in groups], among
        ledgers = self._ledgers[objective.name]
        composites = [ledger for ledger in ledgers.values() if isinstance(ledger, CompositeLedger)]
        return [Entity(objective.name, group) for group in ledgers], composite_sums(objective, composites, among)

    def _row(self, objective: str, group: Group) -> Ledger:
        rows = self._rows[objective]
        if group not in rows:
            among = self._among[objective]
            rows[group] = Ledger(self.objectives[objective].lookback_ns, among=among)
        return rows[group]

    def __iter__(self) -> Iterator[tuple[Entity, Objective, Ledger]]:
        """Yield every entity with its objective and ledger, in a fixed order."""
        for name, ledgers in sorted(self._ledgers.items()):
            for group, ledger in sorted(ledgers.items()):
                yield Entity(name, group), self.objectives[name], ledger

    def __len__(self) -> int:
        """Return the number of entities."""
        return sum(map(len, self._ledgers.values()))
