"""Simulated quantum hardware that drifts, fails and is recalibrated; the rest of Herald sees only readings."""

from hwsim.fault import LINK_F1, MEMORY_F7, Fault, choose_target, find_fault, load_faults, targets_of
from hwsim.fleet import load_fleet
from hwsim.schedule import FaultSchedule, Injection
from hwsim.site import SiteSimulation, build_sites, check_targets
from hwsim.spec import FleetSpec
from hwsim.truth import TruthTrack

__all__ = [
    "LINK_F1",
    "MEMORY_F7",
    "Fault",
    "FaultSchedule",
    "FleetSpec",
    "Injection",
    "SiteSimulation",
    "TruthTrack",
    "build_sites",
    "check_targets",
    "choose_target",
    "find_fault",
    "load_faults",
    "load_fleet",
    "targets_of",
]
