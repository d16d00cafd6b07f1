"""Quantum key distribution between two ends of a fibre."""

from hwsim.devices.qkd.device import FIBRE_LOSS, MISALIGNMENT, MISMATCH, QkdPair
from hwsim.devices.qkd.preset import QkdPreset, read_settings
from hwsim.fault import CALIBRATION_PAUSED
from hwsim.kind import Kind
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.names import ATTR_DEVICE_ID
from model.topology import Relation

__all__ = ["KIND", "QkdPair"]


def _build(world: World, spec: DeviceSpec) -> QkdPair:
    controller = world.source(spec, Relation.CONTROLS)
    assert controller is not None
    return QkdPair(world, spec, world.nature(controller.id), world.maintenance(spec.id))


KIND = Kind(
    name="qkd",
    identity=ATTR_DEVICE_ID,
    preset_type=QkdPreset,
    build=_build,
    parameters=frozenset({MISALIGNMENT, FIBRE_LOSS, MISMATCH, CALIBRATION_PAUSED}),
    read_settings=read_settings,
    needs=((Relation.CONTROLS, ("controller",)),),
)
