"""Simulated quantum hardware that drifts, fails and is recalibrated; the rest of Herald sees only readings."""

from hwsim.faults import LINK_F1, MEMORY_F7, Fault, FaultSchedule, Injection, load_faults
from hwsim.fleet import FleetSpec, load_fleet
from hwsim.site import SiteSimulation, build_sites, check_targets
from hwsim.truth import Truth

__all__ = [
    "LINK_F1",
    "MEMORY_F7",
    "Fault",
    "FaultSchedule",
    "FleetSpec",
    "Injection",
    "SiteSimulation",
    "Truth",
    "build_sites",
    "check_targets",
    "load_faults",
    "load_fleet",
]
