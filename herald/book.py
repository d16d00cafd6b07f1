"""All ledgers of one engine: an entity is an objective and a group, and has one ledger."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from model.queries import Group
from slo import Ledger, Objective, SliMinute


@dataclass(frozen=True, slots=True)
class Entity:
    """What keeps or breaks a promise: one objective, one group."""

    objective: str
    group: Group


class Book:
    """Ledgers by entity, for a fixed set of objectives."""

    def __init__(self, objectives: Sequence[Objective]) -> None:
        self.objectives = {objective.name: objective for objective in objectives}
        self._ledgers: dict[Entity, Ledger] = {}

    def ledger(self, entity: Entity) -> Ledger:
        """Return the ledger of an entity, a new one if it is seen for the first time."""
        if entity not in self._ledgers:
            self._ledgers[entity] = Ledger(self.objectives[entity.objective].window_ns)
        return self._ledgers[entity]

    def put(self, objective: str, minutes: Iterable[SliMinute]) -> None:
        """Enter computed minutes."""
        by_group: dict[Group, list[SliMinute]] = defaultdict(list)
        for minute in minutes:
            by_group[minute.group].append(minute)
        for group, of_group in by_group.items():
            self.ledger(Entity(objective, group)).put_all(of_group)

    def __iter__(self) -> Iterator[tuple[Entity, Objective, Ledger]]:
        """Yield every entity with its objective and ledger, in a fixed order."""
        for entity in sorted(self._ledgers, key=lambda e: (e.objective, e.group)):
            yield entity, self.objectives[entity.objective], self._ledgers[entity]

    def __len__(self) -> int:
        """Return the number of entities."""
        return len(self._ledgers)
