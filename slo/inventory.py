"""Which entities should report, so that each that falls silent, or never speaks, is noticed by itself.

An entity is expected once it has reported, and so is every one of its kind that the topology names: if one memory
bank of the fleet counts reads, all do.
"""

from collections.abc import Iterable

from model.queries import Group
from model.topology import Topology

_NAMING = {"backend", "device", "link"}
"""The columns whose values are the ids of entities of the topology."""


def expected_groups(known: Iterable[Group], topology: Topology) -> set[Group]:
    """Return the groups that should have data: the known ones, and those that the topology adds to them."""
    found = set(known)
    kinds = {entity.id: entity.kind for entity in topology.entities}
    told = {(group[0][0], kinds[group[0][1]]) for group in found if _names_one(group) and group[0][1] in kinds}
    for column, kind in told:
        found |= {((column, entity.id),) for entity in topology.entities if entity.kind == kind}
    return found


def _names_one(group: Group) -> bool:
    return len(group) == 1 and group[0][0] in _NAMING
