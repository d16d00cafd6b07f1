"""The short version: a handful of faults, once each. `make faults` runs all of them as often as you like."""

import random
from collections.abc import Iterator

import pytest

from tests.faults.catalogue import FAULTS, Fault
from tests.faults.run import inject_once
from tests.faults.world import World, running_world

QUICK = [fault for fault in FAULTS if fault.quick]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("faults"), random.Random(4)) as world:
        world.outage_s = 1.0
        yield world


@pytest.mark.parametrize("fault", QUICK, ids=[fault.inject.__name__ for fault in QUICK])
def test_nothing_is_lost_or_doubled_by(world: World, fault: Fault):
    inject_once(fault, world)
    verdict = world.judge()
    assert verdict.sent > 0
    assert (verdict.lost, verdict.duplicated, world.problems) == (0, 0, [])
