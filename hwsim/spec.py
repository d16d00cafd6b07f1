"""A fleet as data: devices with what acts on them. How it is read from a file stands in `fleet.py`."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from model.topology import TENANT, Edge, Entity, Relation, Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpec:
    """One device of a fleet; `preset` and `settings` are of the types that its kind reads.

    `sources` are the entities that act on it, each with the relation in which it does; `tenants` are whom it serves.
    """

    kind: str
    id: str
    site: str
    preset: Any
    settings: Any
    sources: tuple[tuple[Relation, str], ...] = ()
    tenants: tuple[str, ...] = ()

    def source(self, relation: Relation) -> str | None:
        """Return the first entity in a relation to it, or None."""
        return next((name for known, name in self.sources if known is relation), None)


@dataclass(frozen=True, kw_only=True)
class FleetSpec:
    """All devices of all sites. Ids are unique over the fleet, and every id that a device names is there."""

    sites: tuple[str, ...]
    devices: tuple[DeviceSpec, ...]

    @cached_property
    def entities(self) -> dict[str, str]:
        """Return the kind of every entity by its id, in the fleet's order."""
        return {device.id: device.kind for device in self.devices}

    @cached_property
    def by_id(self) -> dict[str, DeviceSpec]:
        """Return every device by its id."""
        return {device.id: device for device in self.devices}

    def of_site(self, site: str) -> tuple[DeviceSpec, ...]:
        """Return the devices that stand at a site."""
        return tuple(device for device in self.devices if device.site == site)

    def topology(self, site: str) -> Topology:
        """Return the site's entities with all that acts on them, foreign ends of links and tenants included.

        An agent that no device names watches all of its site. Tenants are at no site.
        """
        own = self.of_site(site)
        edges = [Edge(source=source, relation=relation, target=d.id) for d in own for relation, source in d.sources]
        edges += [
            Edge(source=agent.id, relation=Relation.WATCHES, target=d.id)
            for agent in own
            if agent.kind == "agent" and not any((Relation.WATCHES, agent.id) in d.sources for d in self.devices)
            for d in own
            if d is not agent
        ]
        edges += [Edge(source=d.id, relation=Relation.SERVES, target=tenant) for d in own for tenant in d.tenants]
        foreign = {edge.source for edge in edges} - {d.id for d in own}
        specs = [*own, *(self.by_id[name] for name in sorted(foreign))]
        tenants = dict.fromkeys(tenant for d in own for tenant in d.tenants)
        return Topology(
            [
                *(Entity(kind=d.kind, id=d.id, site=d.site) for d in specs),
                *(Entity(kind=TENANT, id=tenant) for tenant in tenants),
            ],
            edges,
        )
