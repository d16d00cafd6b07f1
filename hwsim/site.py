"""A simulated site: its devices and their common way through time; a source of telemetry like any real one.

Devices live block by block; telemetry is cut from the blocks in the steps that are asked for, so the step changes
nothing but the resolution. When the fault schedule changes while a block is being told, as live injections do, the
devices live through that block again from its beginning, and the rest of it is told anew.
"""

from collections.abc import Sequence
from copy import deepcopy

import numpy as np

from hwsim.block import BLOCK_NS, Block
from hwsim.fault import choose_target, find_fault
from hwsim.kind import Device
from hwsim.kinds import KINDS
from hwsim.regrid import cut_recording, cut_truths
from hwsim.schedule import FaultSchedule, Injection
from hwsim.spec import FleetSpec
from hwsim.truth import TruthTrack
from hwsim.world import World
from model.clock import format_time
from model.errors import InvalidInputError
from model.readings import Readings
from model.recording import Recording
from model.topology import Topology


class SiteSimulation:
    """All devices of one site."""

    def __init__(self, world: World, devices: Sequence[Device]) -> None:
        self._world = world
        self._devices = list(devices)
        self._now_ns = world.start_ns
        self._block: Block | None = None
        self._before: list[Device] | None = None  # the devices as they were before the block, if it may change
        self._told: tuple[Injection, ...] = ()
        self._stretch: tuple[list[Block], int, int] = ([], world.start_ns, world.start_ns)
        self.topology: Topology = world.fleet.topology(world.site)

    @property
    def site(self) -> str:
        """Return the site's id."""
        return self._world.site

    def advance(self, until_ns: int) -> Readings:
        """Return everything that happened after the last call, up to and including `until_ns`.

        Follows changes of the fault schedule since the last call. Raises InvalidInputError for a moment before the
        last one: simulated time does not run backwards.
        """
        return self._record(np.array([self._now_ns, self._checked(until_ns)])).readings()

    def record(self, until_ns: int, step_ns: int) -> Recording:
        """Return the same, cut at each whole step."""
        first = self._now_ns // step_ns + 1
        inner_ns = np.arange(first, -(-self._checked(until_ns) // step_ns)) * step_ns
        edges_ns = np.concatenate([[self._now_ns], inner_ns, [until_ns]]).astype(np.int64)
        return self._record(edges_ns)

    def truths(self) -> list[TruthTrack]:
        """Return the ground truth of the stretch that was recorded last."""
        return cut_truths(*self._stretch)

    def _record(self, edges_ns: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Recording:
        start_ns, end_ns = int(edges_ns[0]), int(edges_ns[-1])
        numbers = range(start_ns // BLOCK_NS, -(-end_ns // BLOCK_NS))
        # What is told of a block in part goes on when faults may have changed.
        blocks = [self._live(number, repeatable=(number + 1) * BLOCK_NS > end_ns) for number in numbers]
        self._now_ns, self._stretch = end_ns, (blocks, start_ns, end_ns)
        if not blocks:
            return Recording(site=self.site, edges_ns=edges_ns)
        return cut_recording(self.site, blocks, edges_ns)

    def _live(self, number: int, *, repeatable: bool) -> Block:
        injections = self._world.conditions.schedule.injections
        if self._block is not None and self._block.index == number:
            if self._before is None or injections is self._told:
                return self._block
            self._devices = self._copy(self._before)
        elif repeatable:
            self._before = self._copy(self._devices)
        else:
            self._before = None
        self._told = injections
        self._block = Block(number, seed=self._world.seed, conditions=self._world.conditions)
        for device in self._devices:
            device.simulate(self._block)
        return self._block

    def _copy(self, devices: list[Device]) -> list[Device]:
        shared = {id(each): each for each in self._world.shared()}
        return deepcopy(devices, shared)

    def _checked(self, until_ns: int) -> int:
        if until_ns < self._now_ns:
            raise InvalidInputError(
                f"site {self.site} stands at {format_time(self._now_ns)} and cannot go back "
                f"to {format_time(until_ns)}",
                remedy="build the site again with an earlier start",
            )
        return until_ns


def build_sites(fleet: FleetSpec, *, seed: int, start_ns: int, faults: FaultSchedule) -> list[SiteSimulation]:
    """Return the fleet's sites, all at `start_ns`, sharing one fault schedule that may grow while they run.

    Raises InvalidInputError if a scheduled fault strikes an entity that the fleet does not have.
    """
    check_targets(fleet, faults)
    return [_build_site(fleet, site, seed=seed, start_ns=start_ns, faults=faults) for site in fleet.sites]


def _build_site(fleet: FleetSpec, site: str, *, seed: int, start_ns: int, faults: FaultSchedule) -> SiteSimulation:
    world = World(fleet, site, KINDS, seed=seed, start_ns=start_ns, schedule=faults)
    order = list(KINDS)
    for spec in sorted(fleet.of_site(site), key=lambda spec: order.index(spec.kind)):
        world.devices[spec.id] = KINDS[spec.kind].build(world, spec)
    return SiteSimulation(world, list(world.devices.values()))


def check_targets(fleet: FleetSpec, faults: FaultSchedule) -> None:
    """Raise InvalidInputError if an injection strikes an unknown entity or one of the wrong kind."""
    for injection in faults.injections:
        choose_target(find_fault(injection.fault_id), fleet.entities, injection.entity_id)
