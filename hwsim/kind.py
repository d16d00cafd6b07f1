"""What a kind of device is: how a fleet file describes one, what can go wrong with it, and how it is built.

Each module in `devices/` ends with its `KIND`; `kinds.py` lists them. Nothing else in the simulator knows any kind by
name, so a new kind of device is one module, one folder of presets and one line.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from hwsim.block import Block
from hwsim.documents import Reader
from hwsim.spec import DeviceSpec, FleetSpec
from model.topology import Relation

if TYPE_CHECKING:
    from hwsim.world import World


class Device(Protocol):
    """What a site needs of a device."""

    @property
    def id(self) -> str:
        """Return the device's id."""
        ...

    def simulate(self, block: Block) -> None:
        """Live through a block and report to it what telemetry shows and what is really so.

        Blocks come one after the other. All state that outlives a block stands in the device itself, so that a
        copy of the device taken before a block can live through it again under other faults.
        """
        ...


def no_settings(_: Reader) -> None:
    """Read nothing: for kinds that a preset describes fully."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of device.

    `preset_type` is a dataclass of floats that `presets/<name>/*.yaml` fill, each number with its source; a class
    method `read(Reader)` of it replaces that. `parameters` are what faults may change. `needs` names the relations
    that a fleet file must give, each with the kinds that may stand in it. `nature` builds what is true of the device
    at any time as a pure function of time and faults, for other devices to ask, at other sites too. `references`
    returns the ids that settings name, each with the kinds that it may be of; they feed the device. `misfits` yields
    keys whose values do not fit to the rest of the fleet, each with the rule. `tenants` returns whom it serves.
    """

    name: str
    identity: str
    preset_type: Any
    build: "Callable[[World, DeviceSpec], Device]"
    parameters: frozenset[str]
    read_settings: Callable[[Reader], Any] = no_settings
    needs: tuple[tuple[Relation, tuple[str, ...]], ...] = ()
    nature: "Callable[[World, DeviceSpec], Any] | None" = None
    references: Callable[[Any], tuple[tuple[str, tuple[str, ...]], ...]] = lambda _settings: ()
    misfits: Callable[[Any, FleetSpec], Iterable[tuple[str, str]]] = lambda _settings, _fleet: ()
    tenants: Callable[[Any], tuple[str, ...]] = lambda _settings: ()
