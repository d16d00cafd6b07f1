"""What an alert says beside its own numbers: where its entity stands, what changed lately, who else hurts.

The tags are labels, by which alerts are grouped: the topology segment, so that a hundred links behind one controller
are one notification, and the change event that came shortly before, so that all it broke is one as well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from model.clock import HOUR_NS, format_time
from model.topology import Relation, Topology

CORRELATES_NS = 2 * HOUR_NS
"""How long before an alert a change may lie for both to be one incident."""

_NEAR = 1
"""Edges upstream within which a change counts as one to the entity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvent:
    """A new firmware, configuration, credential, software or calibration set on an entity."""

    entity: str
    event: str  # its name in the registry
    time_ns: int
    text: str

    @property
    def label(self) -> str:
        """Return what alerts that it may have caused have in common."""
        kind = self.event.removeprefix("quantum.").removesuffix(".change")
        return f"{kind}:{self.entity}:{format_time(self.time_ns)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known around an entity at a moment."""

    segment: str = ""
    changes: tuple[ChangeEvent, ...] = ()
    change: str = ""
    worst: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)

    def tags(self) -> dict[str, str]:
        """Return the labels that group alerts."""
        tags = {"segment": self.segment, "change": self.change}
        return {name: value for name, value in tags.items() if value}

    def annotations(self) -> dict[str, str]:
        """Return what people read."""
        return {
            "worst_entities": ", ".join(self.worst),
            "last_changes": "; ".join(f"{format_time(c.time_ns)} {c.text}" for c in self.changes),
            "context": "; ".join(f"{name} {value}" for name, value in self.context.items()),
        }


def segment_of(topology: Topology, entity: str, site: str = "") -> str:
    """Return the part of the fleet that fails together: what the entity's controller controls, else its site."""
    controllers = sorted(e.source for e in topology.edges if e.target == entity and e.relation is Relation.CONTROLS)
    return controllers[0] if controllers else site or entity


def changes_near(
    topology: Topology, entity: str, changes: Iterable[ChangeEvent], *, most: int = 3
) -> tuple[ChangeEvent, ...]:
    """Return the last changes to the entity or to what acts on it directly, newest first."""
    near = {name for name, distance in topology.distances_upstream(entity).items() if distance <= _NEAR}
    return tuple(sorted((c for c in changes if c.entity in near), key=lambda c: -c.time_ns)[:most])


def correlated(changes: Iterable[ChangeEvent], at_ns: int) -> str:
    """Return the label of the newest change, not a calibration, shortly before `at_ns`; empty without one."""
    found = [
        change
        for change in changes
        if change.event.endswith(".change") and 0 <= at_ns - change.time_ns <= CORRELATES_NS
    ]
    return max(found, key=lambda change: change.time_ns).label if found else ""
