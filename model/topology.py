"""What feeds, cools, controls and joins what.

The postmortem walks this graph upstream: from the entity that hurts to whatever could have hurt it.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

TENANT = "tenant"
"""The kind of those who are served: people, who stand at no site."""


class Relation(StrEnum):
    """How the source of an edge acts on its target."""

    COOLS = "cools"
    CONTROLS = "controls"
    FEEDS = "feeds"
    HOSTS = "hosts"
    ROUTES = "routes"
    SERVES = "serves"
    SURROUNDS = "surrounds"
    WATCHES = "watches"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Something that telemetry speaks about, named as its identity attribute names it."""

    kind: str
    id: str
    site: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`source` acts on `target`; both are entity ids."""

    source: str
    relation: Relation
    target: str


class Topology:
    """The entities of a fleet and the edges between them."""

    def __init__(self, entities: Iterable[Entity] = (), edges: Iterable[Edge] = ()) -> None:
        self.entities = tuple(entities)
        self.edges = tuple(edges)
        self._into: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            self._into[edge.target].append(edge)

    def at_site(self, site: str) -> tuple[str, ...]:
        """Return the entities that stand at a site."""
        return tuple(entity.id for entity in self.entities if site and entity.site == site)

    def edges_into(self, entity: str) -> tuple[Edge, ...]:
        """Return the edges by which something acts on `entity` directly."""
        return tuple(self._into.get(entity, ()))

    def distances_upstream(self, entity: str) -> dict[str, int]:
        """Return every entity that acts on `entity`, itself included at 0, with the number of edges between.

        What is told of a site is told of all that stands there: its entities are one step away.
        """
        distances = {entity: 0} | dict.fromkeys(self.at_site(entity), 1)
        queue = deque(distances)
        while queue:
            target = queue.popleft()
            for edge in self.edges_into(target):
                if edge.source not in distances:
                    distances[edge.source] = distances[target] + 1
                    queue.append(edge.source)
        return distances

    def downstream(self, entity: str) -> set[str]:
        """Return every entity that `entity` acts on, directly or not, without itself."""
        reverse = Topology(edges=[Edge(source=e.target, relation=e.relation, target=e.source) for e in self.edges])
        return set(reverse.distances_upstream(entity)) - {entity}
