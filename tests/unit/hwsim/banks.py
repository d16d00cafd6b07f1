"""A stand-in for memory banks where only their lifetimes matter: links ask nothing else of a bank."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.block import Block
from hwsim.kind import Kind
from hwsim.kinds import KINDS
from hwsim.physics.thermal import shortened_lifetime
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.names import ATTR_DEVICE_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class BankPreset:
    """Lifetimes alone."""

    t1_s: float
    t2_s: float

    @classmethod
    def read(cls, reader: Any) -> "BankPreset":
        reader.offend_unknown = lambda: None
        return cls(t1_s=1.168, t2_s=0.085)


class Bank:
    """T1 and T2 under decoherence that a fault adds; a device that says nothing."""

    def __init__(self, world: World, spec: DeviceSpec) -> None:
        self.id = spec.id
        self._preset = BankPreset(t1_s=1.168, t2_s=0.085)
        self._conditions = world.conditions

    def at(self, times_ns: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        extra_hz = self._conditions.values(self.id, "decoherence_rate_hz", 0.0, times_ns)
        t1_s, t2_s = (np.full(len(times_ns), each) for each in (self._preset.t1_s, self._preset.t2_s))
        return shortened_lifetime(t1_s, extra_hz), shortened_lifetime(t2_s, extra_hz)

    def simulate(self, block: Block) -> None:
        pass


def register_stand_in() -> None:
    """Let fleets have a kind `memory`, unless the simulator has one."""
    if "memory" not in KINDS:
        KINDS["memory"] = Kind(
            name="memory",
            identity=ATTR_DEVICE_ID,
            preset_type=BankPreset,
            build=lambda world, spec: world.nature(spec.id),
            parameters=frozenset({"decoherence_rate_hz"}),
            nature=Bank,
        )
