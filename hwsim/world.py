"""What the devices of one site know of the fleet: who is there, what nature does, and the conditions of the moment.

A site has a world of its own, so that sites run in any order, in threads or in processes, and share nothing but the
fault schedule. What a device needs of another site's device it asks of that device's nature, which is built here
again and is the same, because it depends on seed, fleet, start and faults only.
"""

from collections.abc import Mapping
from typing import Any

from hwsim.conditions import Conditions
from hwsim.kind import Device, Kind
from hwsim.maintenance import Maintenance
from hwsim.schedule import FaultSchedule
from hwsim.spec import DeviceSpec, FleetSpec
from model.topology import Relation


class World:
    """The fleet as the devices of `site` see it."""

    def __init__(
        self,
        fleet: FleetSpec,
        site: str,
        kinds: Mapping[str, Kind],
        *,
        seed: int,
        start_ns: int,
        schedule: FaultSchedule,
    ) -> None:
        self.fleet = fleet
        self.site = site
        self.kinds = kinds
        self.seed = seed
        self.start_ns = start_ns
        self.conditions = Conditions(schedule)
        self.devices: dict[str, Device] = {}
        """The site's own devices that are built already, in the order of `kinds.py`: to be referred to when a device
        is built, never later, because a site may replace its devices by copies."""
        self._natures: dict[str, Any] = {}
        self._maintenance: dict[str, Maintenance] = {}

    def nature(self, entity_id: str) -> Any:
        """Return what is true of a device of the fleet at any time; what it is depends on the kind."""
        if entity_id not in self._natures:
            spec = self.fleet.by_id[entity_id]
            build = self.kinds[spec.kind].nature
            assert build is not None
            self._natures[entity_id] = build(self, spec)
        return self._natures[entity_id]

    def maintenance(self, entity_id: str) -> Maintenance:
        """Return when a device is calibrated and what runs on it."""
        if entity_id not in self._maintenance:
            identity = self.kinds[self.fleet.entities[entity_id]].identity
            self._maintenance[entity_id] = Maintenance(entity_id, identity, self.conditions)
        return self._maintenance[entity_id]

    def source(self, spec: DeviceSpec, relation: Relation, kind: str = "") -> DeviceSpec | None:
        """Return the first device that stands in the relation to `spec`, of a kind if one is given."""
        for known, name in spec.sources:
            source = self.fleet.by_id[name]
            if known is relation and kind in ("", source.kind):
                return source
        return None

    def targets(self, entity_id: str, relation: Relation) -> tuple[DeviceSpec, ...]:
        """Return the devices on which the entity acts in that relation, over all sites."""
        return tuple(d for d in self.fleet.devices if (relation, entity_id) in d.sources)

    def shared(self) -> list[Any]:
        """Return what must not be copied with a device: this, and all that is a pure function of time."""
        return [self, self.fleet, self.conditions, *self._natures.values(), *self._maintenance.values()]
