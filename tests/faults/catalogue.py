"""All faults, in the order of their numbers; importing the families registers them."""

from tests.faults import bad_data, clocks, databases, disks, kills, network, overload, repetitions, takeovers
from tests.faults.registry import FAULTS, Fault

__all__ = [
    "FAULTS",
    "Fault",
    "bad_data",
    "clocks",
    "databases",
    "disks",
    "kills",
    "network",
    "overload",
    "repetitions",
    "takeovers",
]

FAULTS.sort(key=lambda fault: (int("".join(c for c in fault.number.partition("+")[0] if c.isdigit())), fault.number))
