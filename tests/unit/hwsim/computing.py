"""Processors and an orchestrator for tests, and block after block of their life."""

from collections.abc import Iterator
from typing import Any

from hwsim import FaultSchedule, Injection, SiteSimulation, build_sites
from hwsim.block import BLOCK_NS, Block
from hwsim.devices.orchestrator import Orchestrator
from hwsim.devices.processor import Processor
from hwsim.documents import Reader
from hwsim.fleet import read_fleet
from hwsim.spec import FleetSpec
from model.clock import DAY_NS, HOUR_NS, SECOND_NS

START_NS = 1_800_000_000 * SECOND_NS // DAY_NS * DAY_NS + 6 * HOUR_NS  # a morning, after calibration
TENANTS = (
    {"id": "acme", "priority": "production", "share": 3},
    {"id": "lab", "priority": "interactive", "share": 4},
    {"id": "campus", "priority": "background", "share": 3},
)


def processor(name: str = "qpu-delft", preset: str = "torino", **override: float) -> dict[str, Any]:
    """Return a small processor as a fleet file describes it."""
    return {"kind": "processor", "id": name, "preset": preset, "override": {"qubits": 3, **override}}


def orchestrator(*backends: str, tenants: Any = TENANTS, reservations: Any = (), **override: float) -> dict[str, Any]:
    """Return an orchestrator as a fleet file describes it."""
    described = {"kind": "orchestrator", "id": "orch-delft", "backends": list(backends), "tenants": list(tenants)}
    return described | {"reservations": list(reservations), "override": override}


def fleet_of(*devices: dict[str, Any]) -> FleetSpec:
    """Return a fleet of one site; offences are raised."""
    reader = Reader({"sites": [{"id": "delft", "devices": list(devices)}]}, place="fleet.yaml")
    fleet = read_fleet(reader)
    reader.finish()
    return fleet


def site_of(*devices: dict[str, Any], seed: int = 7, faults: tuple[Injection, ...] = ()) -> SiteSimulation:
    """Return a site at the start."""
    (site,) = build_sites(fleet_of(*devices), seed=seed, start_ns=START_NS, faults=FaultSchedule(faults))
    return site


def struck(
    fault_id: str, entity_id: str, magnitude: float, *, after_s: float = 0, lasting_s: float = 1e9
) -> Injection:
    """Return an injection that begins `after_s` after the start."""
    start_ns = START_NS + round(after_s * SECOND_NS)
    end_ns = start_ns + round(lasting_s * SECOND_NS)
    return Injection(fault_id=fault_id, entity_id=entity_id, start_ns=start_ns, end_ns=end_ns, magnitude=magnitude)


def blocks_of(site: SiteSimulation, number: int) -> Iterator[Block]:
    """Yield the first blocks of the site's life, to be lived by single devices."""
    for index in range(START_NS // BLOCK_NS, START_NS // BLOCK_NS + number):
        yield Block(index, seed=site._world.seed, conditions=site._world.conditions)


def orchestrator_of(site: SiteSimulation) -> Orchestrator:
    """Return the site's orchestrator."""
    return next(device for device in site._devices if isinstance(device, Orchestrator))


def processor_of(site: SiteSimulation) -> Processor:
    """Return the site's first processor."""
    return next(device for device in site._devices if isinstance(device, Processor))
