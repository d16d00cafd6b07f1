"""Repeater chains over several links."""

from hwsim.devices.repeater.device import (
    DEMAND,
    LOG_ERRORS,
    MEMORY_SHARE,
    MISALLOCATED,
    OUT_OF_ORDER,
    SWAP_SUCCESS,
    SYNC_LOSS,
    Repeater,
)
from hwsim.devices.repeater.preset import RepeaterPreset, RepeaterSettings, gaps, name_links, read_settings
from hwsim.fault import CALIBRATION_PAUSED
from hwsim.kind import Kind
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.names import ATTR_DEVICE_ID
from model.topology import Relation

__all__ = ["KIND", "Repeater"]


def _build(world: World, spec: DeviceSpec) -> Repeater:
    settings: RepeaterSettings = spec.settings
    controller = world.source(spec, Relation.CONTROLS)
    assert controller is not None
    links = [world.nature(link) for link in settings.links]
    return Repeater(spec, links, world.nature(controller.id), world.maintenance(spec.id))


KIND = Kind(
    name="repeater",
    identity=ATTR_DEVICE_ID,
    preset_type=RepeaterPreset,
    build=_build,
    parameters=frozenset(
        {
            SWAP_SUCCESS,
            SYNC_LOSS,
            OUT_OF_ORDER,
            LOG_ERRORS,
            MEMORY_SHARE,
            DEMAND,
            MISALLOCATED,
            CALIBRATION_PAUSED,
        }
    ),
    read_settings=read_settings,
    needs=((Relation.CONTROLS, ("controller",)),),
    references=name_links,
    misfits=gaps,
)
