"""Every fault of links and networks moves the signal that the catalogue names, and the signal comes back."""

from functools import cache

import numpy as np
import pytest

from hwsim import Fault, Injection, load_faults
from hwsim.kinds import KINDS
from model.clock import MINUTE_NS
from model.recording import Recording
from tests.unit.hwsim.networks import START_NS, build_delft

CELL_NS = 10 * MINUTE_NS
ON, OFF, END = 6, 12, 18  # cells
STRUCK = {
    "link": "link-delft-hague",
    "controller": "ctl-delft",
    "memory": "mem-delft",
    "repeater": "rep-delft-hague",
    "qkd": "qkd-delft-hague",
}
SHOWN_BY = {"memory": ("link",), "controller": ("controller", "link")}
OURS = [f for f in load_faults().values() if f.domain in ("link", "network")]
HERE = [f for f in OURS if f.strikes in STRUCK]  # agents and environments have their own tests


def record(struck: str, *injections: Injection) -> list[Recording]:
    """Return what the devices say in which a fault of the struck kind shows."""
    site = build_delft(*injections, seed=8)
    kinds = site._world.fleet.entities
    site._devices = [device for device in site._devices if kinds[device.id] in SHOWN_BY.get(struck, (struck,))]
    return [site.record(START_NS + END * CELL_NS, CELL_NS)]


@cache
def nominal(struck: str) -> list[Recording]:
    return record(struck)


def strike(fault: Fault, magnitude: float) -> Injection:
    return Injection(
        fault_id=fault.id,
        entity_id=STRUCK[fault.strikes],
        start_ns=START_NS + ON * CELL_NS,
        end_ns=START_NS + OFF * CELL_NS,
        magnitude=magnitude,
    )


@pytest.fixture(scope="module", params=HERE, ids=lambda fault: fault.id)
def signal(request):
    """Return (direction, nominal mean, nominal scatter, cells under a typical fault)."""
    fault = request.param
    usual = fault.signal.read(nominal(fault.strikes), STRUCK[fault.strikes])
    cells = fault.signal.read(record(fault.strikes, strike(fault, fault.magnitude.typical)), STRUCK[fault.strikes])
    return fault.signal.direction, np.nanmean(usual), np.nanstd(usual, ddof=1), cells


def test_a_fault_moves_its_signal_by_five_times_the_scatter(signal):
    direction, mean, scatter, cells = signal
    assert direction * (np.nanmean(cells[ON + 3 : OFF]) - mean) > 5 * scatter


def test_the_signal_comes_back_when_the_fault_is_over(signal):
    _, mean, scatter, cells = signal
    moved = abs(np.nanmean(cells[ON + 3 : OFF]) - mean)
    assert abs(np.nanmean(cells[OFF + 3 :]) - mean) < 3 * scatter + 0.1 * moved


def test_every_parameter_that_a_fault_changes_exists():
    unknown = {
        (fault.id, effect.parameter)
        for fault in OURS
        for effect in fault.effects
        if fault.strikes in KINDS and effect.parameter not in KINDS[fault.strikes].parameters
    }
    assert not unknown


def test_the_catalogue_of_faults_is_complete():
    numbers = {"link": (8, 5), "network": (7, 5)}
    expected = {
        f"{domain}.{letter}{number}"
        for domain, counts in numbers.items()
        for letter, count in zip("FB", counts, strict=True)
        for number in range(1, count + 1)
    }
    assert {fault.id for fault in OURS} == expected
