"""The network of two sites for the tests of links, repeaters and QKD pairs."""

from pathlib import Path

from hwsim import FaultSchedule, FleetSpec, Injection, SiteSimulation, build_sites, load_fleet
from model.clock import SECOND_NS

START_NS = 1_800_000_000 * SECOND_NS  # a whole block
FLEET = Path(__file__).parent / "fleets" / "network.yaml"


def load_network() -> FleetSpec:
    """Return the fleet."""
    return load_fleet(FLEET)


def build_delft(*injections: Injection, seed: int = 7) -> SiteSimulation:
    """Return the site that has all links, repeaters and QKD pairs."""
    sites = build_sites(load_network(), seed=seed, start_ns=START_NS, faults=FaultSchedule(injections))
    return next(site for site in sites if site.site == "delft")
