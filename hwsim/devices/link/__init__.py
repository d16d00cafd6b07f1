"""Heralded links between memory banks."""

from hwsim.devices.link.device import PURIFICATION_ROUNDS, PURIFY_BELOW, QUOTA, Link
from hwsim.devices.link.optics import ARM_LOSS, DARK, FIBRE_LOSS, PHASE, VISIBILITY, Optics
from hwsim.devices.link.preset import LinkPreset, LinkSettings, name_banks, read_settings
from hwsim.fault import CALIBRATION_PAUSED
from hwsim.kind import Kind
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.names import ATTR_LINK_ID
from model.topology import Relation

__all__ = ["KIND", "Link", "Optics"]


def _build(world: World, spec: DeviceSpec) -> Link:
    settings: LinkSettings = spec.settings
    controller = world.source(spec, Relation.CONTROLS)
    assert controller is not None
    return Link(
        spec,
        world.nature(spec.id),
        (world.nature(settings.ends[0]), world.nature(settings.ends[1])),
        world.nature(controller.id),
        world.maintenance(spec.id),
    )


KIND = Kind(
    name="link",
    identity=ATTR_LINK_ID,
    preset_type=LinkPreset,
    build=_build,
    parameters=frozenset(
        {
            ARM_LOSS,
            FIBRE_LOSS,
            VISIBILITY,
            DARK,
            PHASE,
            QUOTA,
            PURIFY_BELOW,
            PURIFICATION_ROUNDS,
            CALIBRATION_PAUSED,
        }
    ),
    read_settings=read_settings,
    needs=((Relation.CONTROLS, ("controller",)),),
    nature=Optics,
    references=name_banks,
)
