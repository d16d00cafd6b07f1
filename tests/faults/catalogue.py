"""All faults, in the order of their numbers; importing the families registers them."""

from tests.faults import databases, disks, kills, network, repetitions
from tests.faults.registry import FAULTS, Fault

__all__ = ["FAULTS", "Fault", "databases", "disks", "kills", "network", "repetitions"]

FAULTS.sort(key=lambda fault: (int("".join(c for c in fault.number.partition("+")[0] if c.isdigit())), fault.number))
