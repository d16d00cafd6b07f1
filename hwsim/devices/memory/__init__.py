"""Quantum memory banks: slots that hold states, of several platforms, and the service around them."""

from hwsim.devices.memory.kind import KIND
from hwsim.devices.memory.lifetimes import Lifetimes

__all__ = ["KIND", "Lifetimes"]
