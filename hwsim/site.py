"""A simulated site: its devices, its topology, and their common step through time."""

from collections.abc import Sequence
from typing import Protocol

from hwsim.devices.controller import Controller
from hwsim.devices.cryostat import Cryostat, Thermals
from hwsim.devices.lifetimes import Lifetimes
from hwsim.devices.link import Link
from hwsim.devices.maintenance import report_firmware_changes
from hwsim.devices.memory import MemoryBank
from hwsim.faults import FaultSchedule, load_faults
from hwsim.fleet import FleetSpec, SiteSpec
from hwsim.preset import load_preset
from hwsim.randomness import spawn_generator
from hwsim.tally import Tally
from hwsim.truth import Truth
from model.clock import format_time
from model.errors import InvalidInputError
from model.names import (
    ATTR_DEVICE_ID,
)
from model.readings import Readings
from model.topology import Edge, Entity, Relation, Topology


class Device(Protocol):
    """What a site needs of a device."""

    def advance(self, tally: Tally) -> None:
        """Live through the tally's step and report to it."""
        ...

    def truths(self, at_ns: int) -> list[Truth]:
        """Return what is really so at a moment."""
        ...


class SiteSimulation:
    """All devices of one site; a source of readings like any real one."""

    def __init__(
        self, *, site: str, topology: Topology, devices: Sequence[Device], controller_id: str, start_ns: int
    ) -> None:
        self._site = site
        self._topology = topology
        self._devices = tuple(devices)
        self._controller_id = controller_id
        self._now_ns = start_ns

    @property
    def site(self) -> str:
        """Return the site's id."""
        return self._site

    @property
    def topology(self) -> Topology:
        """Return what acts on what at this site."""
        return self._topology

    def advance(self, until_ns: int) -> Readings:
        """Return everything that happened after the last call, up to and including `until_ns`.

        Raises InvalidInputError for a moment before the last one: simulated time does not run backwards.
        """
        if until_ns < self._now_ns:
            raise InvalidInputError(
                f"site {self._site} stands at {format_time(self._now_ns)} and cannot go back "
                f"to {format_time(until_ns)}",
                remedy="build the site again with an earlier start",
            )
        tally = Tally(site=self._site, start_ns=self._now_ns, end_ns=until_ns)
        if until_ns > self._now_ns:
            for device in self._devices:
                device.advance(tally)
            report_firmware_changes(tally, ATTR_DEVICE_ID, self._controller_id)
        self._now_ns = until_ns
        return tally.readings()

    def truth(self, at_ns: int) -> list[Truth]:
        """Return the ground truth of every device at a moment."""
        return [truth for device in self._devices for truth in device.truths(at_ns)]


def build_sites(spec: FleetSpec, *, seed: int, start_ns: int, faults: FaultSchedule) -> list[SiteSimulation]:
    """Return the fleet's sites, all at `start_ns`, sharing one fault schedule that may grow while they run.

    Raises InvalidInputError if a scheduled fault strikes an entity that the fleet does not have.
    """
    check_targets(spec, faults)
    thermals = {
        site.cryostat: Thermals(site.cryostat, load_preset(site.preset).cryostat, faults) for site in spec.sites
    }
    lifetimes = {
        site.memory.id: Lifetimes(load_preset(site.preset).memory, thermals[site.cryostat]) for site in spec.sites
    }
    return [
        SiteSimulation(
            site=site.id,
            topology=_build_topology(spec, site),
            devices=_build_devices(
                site, thermals[site.cryostat], lifetimes, faults=faults, seed=seed, start_ns=start_ns
            ),
            controller_id=site.controller,
            start_ns=start_ns,
        )
        for site in spec.sites
    ]


def check_targets(spec: FleetSpec, faults: FaultSchedule) -> None:
    """Raise InvalidInputError if an injection strikes an unknown entity or one of the wrong kind."""
    kinds = spec.entities
    for injection in faults.injections:
        wanted = load_faults()[injection.fault_id].kind
        if kinds.get(injection.entity_id) != wanted:
            candidates = ", ".join(entity for entity, kind in kinds.items() if kind == wanted)
            raise InvalidInputError(
                f"{injection.fault_id} cannot strike {injection.entity_id!r}, which is no {wanted} of the fleet",
                remedy=f"choose one of {candidates}",
            )


def _build_devices(
    site: SiteSpec,
    thermals: Thermals,
    lifetimes: dict[str, Lifetimes],
    *,
    faults: FaultSchedule,
    seed: int,
    start_ns: int,
) -> list[Device]:
    preset = load_preset(site.preset)
    own = lifetimes[site.memory.id]
    devices: list[Device] = [
        Cryostat(site.cryostat, preset.cryostat, thermals, spawn_generator(seed, site.cryostat, "sensors")),
        Controller(site.controller, preset.controller, spawn_generator(seed, site.controller, "probes")),
        MemoryBank(site.memory, preset.memory, own, seed=seed, start_ns=start_ns),
    ]
    for link in site.links:
        ends = (lifetimes[link.ends[0]], lifetimes[link.ends[1]])
        devices.append(Link(link, preset.link, preset.controller, ends, faults, seed=seed, start_ns=start_ns))
    return devices


def _build_topology(spec: FleetSpec, site: SiteSpec) -> Topology:
    """Return the site's own entities, and the foreign banks at which its links end."""
    homes = {each.memory.id: each.id for each in spec.sites}
    banks = {site.memory.id} | {end for link in site.links for end in link.ends}
    entities = [
        Entity(kind="cryostat", id=site.cryostat, site=site.id),
        Entity(kind="controller", id=site.controller, site=site.id),
        *(Entity(kind="memory", id=bank, site=homes[bank]) for bank in sorted(banks)),
        *(Entity(kind="link", id=link.id, site=site.id) for link in site.links),
    ]
    edges = [
        Edge(source=site.cryostat, relation=Relation.COOLS, target=site.memory.id),
        Edge(source=site.controller, relation=Relation.CONTROLS, target=site.memory.id),
    ]
    for link in site.links:
        edges.append(Edge(source=site.controller, relation=Relation.CONTROLS, target=link.id))
        edges += [Edge(source=bank, relation=Relation.FEEDS, target=link.id) for bank in sorted(set(link.ends))]
    return Topology(entities, edges)
