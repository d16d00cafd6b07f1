"""Every fault of the memory domain moves its signal, and lets go of it again."""

from pathlib import Path

import numpy as np
import pytest

from hwsim.fault import load_faults
from hwsim.fleet import load_fleet
from hwsim.kinds import KINDS
from hwsim.schedule import FaultSchedule, Injection
from hwsim.site import build_sites
from model.clock import HOUR_NS, MINUTE_NS
from tests.unit.hwsim.worlds import START_NS

FLEET = Path(__file__).parent / "fleets" / "memory.yaml"
FAULTS = [fault for fault in load_faults().values() if fault.domain == "memory"]
STRUCK = {"memory": "mem-delft", "cryostat": "cryo-delft", "controller": "ctl-delft"}
CELL_NS = 10 * MINUTE_NS
ONSET, END, SETTLED, LAST = 18, 30, 40, 48  # cells


@pytest.fixture(scope="module", params=FAULTS, ids=[fault.id for fault in FAULTS])
def signal(request):
    """Return the fault's signal, and a cell's worth of its nominal mean and scatter."""
    fault = request.param
    entity = STRUCK[fault.strikes]
    injection = Injection(
        fault_id=fault.id,
        entity_id=entity,
        start_ns=START_NS + ONSET * CELL_NS,
        end_ns=START_NS + END * CELL_NS,
        magnitude=fault.magnitude.typical,
    )
    site = build_sites(load_fleet(FLEET), seed=3, start_ns=START_NS, faults=FaultSchedule([injection]))[0]
    return fault.signal, fault.signal.read([site.record(START_NS + LAST * CELL_NS, CELL_NS)], entity)


def test_a_typical_fault_moves_its_signal_far_out_of_the_nominal_scatter(signal):
    query, values = signal
    moved = query.direction * (values[ONSET + 3 : END] - values[:ONSET].mean())
    assert moved.min() > 5 * values[:ONSET].std()
    assert moved.min() > 0


def test_the_signal_comes_back_after_the_fault(signal):
    _, values = signal
    nominal = values[:ONSET].mean()
    moved = values[ONSET + 3 : END].mean() - nominal
    assert values[SETTLED:].mean() - nominal == pytest.approx(0, abs=0.1 * abs(moved))


def test_the_catalogue_of_the_domain_is_complete():
    assert {fault.id for fault in FAULTS} == {f"memory.F{n}" for n in range(1, 8)} | {
        f"memory.B{n}" for n in range(1, 6)
    }


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_every_parameter_that_a_fault_changes_is_one_of_the_struck_kind(fault):
    assert {effect.parameter for effect in fault.effects} <= KINDS[fault.strikes].parameters


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_the_ground_truth_leaves_its_range_during_a_typical_fault_and_only_then(fault):
    entity = STRUCK[fault.strikes]
    start_ns, end_ns = START_NS + HOUR_NS, START_NS + 3 * HOUR_NS
    injection = Injection(
        fault_id=fault.id, entity_id=entity, start_ns=start_ns, end_ns=end_ns, magnitude=fault.magnitude.typical
    )
    site = build_sites(load_fleet(FLEET), seed=3, start_ns=START_NS, faults=FaultSchedule([injection]))[0]
    site.record(START_NS + 5 * HOUR_NS, HOUR_NS)
    abnormal_ns = np.concatenate([track.abnormal_ns() for track in site.truths()])
    assert len(abnormal_ns)
    assert abnormal_ns.min() > start_ns
    assert abnormal_ns.max() < end_ns + HOUR_NS
