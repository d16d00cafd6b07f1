"""The kind `memory`: what a fleet file says of a bank, what can go wrong with it, and how it is built."""

from dataclasses import dataclass

from hwsim.devices.memory.bank import MemoryBank
from hwsim.devices.memory.jobs import JOBS_PER_S, LEASE_LEAK, MODE_MATCH, TRANSDUCER, Demand
from hwsim.devices.memory.lifetimes import DECOHERENCE, DEPHASING, build_lifetimes
from hwsim.devices.memory.preset import MemoryPreset
from hwsim.devices.memory.retrieval import (
    CONTROL_SHIFT,
    NOISE_PHOTONS,
    OPERATION_ERROR,
    READ_EFFICIENCY,
    READOUT_BASIS,
    READOUT_ERROR,
)
from hwsim.documents import Reader
from hwsim.fault import CALIBRATION_PAUSED
from hwsim.kind import Kind
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.names import ATTR_DEVICE_ID
from model.topology import Relation

_PARAMETERS = (
    JOBS_PER_S,
    TRANSDUCER,
    MODE_MATCH,
    LEASE_LEAK,
    READ_EFFICIENCY,
    OPERATION_ERROR,
    NOISE_PHOTONS,
    CONTROL_SHIFT,
    READOUT_BASIS,
    READOUT_ERROR,
    DECOHERENCE,
    DEPHASING,
    CALIBRATION_PAUSED,
)
_MOST_SLOTS = 1_000_000  # more would only use up the machine that simulates them


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySettings:
    """Size and load of a bank: requests a second in the mean over the day, and by what share they swing."""

    slots: int
    jobs_per_s: float
    daily_swing: float
    tenants: tuple[str, ...]


def _read_settings(reader: Reader) -> MemorySettings:
    tenants = reader.texts("tenants", ("shared",))
    if not tenants:
        reader.offend("tenants", "must name at least one")
    return MemorySettings(
        slots=reader.count("slots", maximum=_MOST_SLOTS),
        jobs_per_s=reader.number("jobs_per_s", minimum=0.0),
        daily_swing=reader.number("daily_swing", 0.2, minimum=0.0, maximum=1.0),
        tenants=tenants,
    )


def _build(world: World, spec: DeviceSpec) -> MemoryBank:
    controller = world.source(spec, Relation.CONTROLS, "controller")
    assert controller is not None
    demand = Demand(
        bank_id=spec.id,
        preset=spec.preset,
        plane=world.nature(controller.id),
        controller_id=controller.id,
        jobs_per_s=spec.settings.jobs_per_s,
        daily_swing=spec.settings.daily_swing,
    )
    return MemoryBank(spec, world.nature(spec.id), demand, world.maintenance(spec.id))


KIND = Kind(
    name="memory",
    identity=ATTR_DEVICE_ID,
    preset_type=MemoryPreset,
    build=_build,
    parameters=frozenset(_PARAMETERS),
    read_settings=_read_settings,
    needs=((Relation.CONTROLS, ("controller",)),),
    nature=build_lifetimes,
)
