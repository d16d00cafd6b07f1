"""Every fault of the domain moves its signal while it is on, and no longer than it should."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from hwsim import FaultSchedule, Injection, build_sites, load_faults
from hwsim.fault import Fault
from hwsim.kinds import KINDS
from model.clock import HOUR_NS, MINUTE_NS
from model.recording import Recording
from tests.unit.hwsim.computing import START_NS, fleet_of, orchestrator, processor

STRUCK = {"processor": "qpu-delft", "orchestrator": "orch-delft"}
FAULTS = [fault for fault in load_faults().values() if fault.domain == "scaleup" and fault.strikes in STRUCK]
NOMINAL_NS, ON_NS, OFF_NS = 18 * HOUR_NS, 6 * HOUR_NS, 6 * HOUR_NS
BEGINS_NS = {fault.id: START_NS + NOMINAL_NS + n * (ON_NS + OFF_NS) for n, fault in enumerate(FAULTS)}


@pytest.fixture(scope="module")
def life() -> Sequence[Recording]:
    """Eighteen good hours, then each fault for six hours with six hours to recover."""
    busy = orchestrator("qpu-delft", "qpu-spare", jobs_per_hour=240, execute_s=4, batch_jobs=2)
    fleet = fleet_of(processor("qpu-delft", qubits=5), processor("qpu-spare", "fez"), busy)
    injections = [
        Injection(
            fault_id=fault.id,
            entity_id=STRUCK[fault.strikes],
            start_ns=BEGINS_NS[fault.id],
            end_ns=BEGINS_NS[fault.id] + ON_NS,
            magnitude=fault.magnitude.typical,
        )
        for fault in FAULTS
    ]
    (site,) = build_sites(fleet, seed=5, start_ns=START_NS, faults=FaultSchedule(injections))
    edges_ns = [START_NS, *(edge for begin in BEGINS_NS.values() for edge in (begin, begin + ON_NS))]
    edges_ns.append(edges_ns[-1] + OFF_NS)
    return [site.record(until_ns, 10 * MINUTE_NS) for _, until_ns in pairwise(edges_ns)]


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.id for fault in FAULTS])
def test_the_signal_moves_while_the_fault_is_on_and_returns_after_it(fault: Fault, life: Sequence[Recording]):
    def read(part: Recording) -> NDArray[np.float64]:
        cells = fault.signal.read([part], STRUCK[fault.strikes])
        return cells[~np.isnan(cells)]

    place = FAULTS.index(fault)
    nominal, during, recovered = read(life[0]), read(life[1 + 2 * place]), read(life[2 + 2 * place])
    scatter = nominal.std()
    assert fault.signal.direction * (during.mean() - nominal.mean()) > 5 * scatter
    assert abs(recovered[len(recovered) // 2 :].mean() - nominal.mean()) < 3 * scatter


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.id for fault in FAULTS])
def test_a_fault_changes_only_what_its_kind_lets_it_change(fault: Fault):
    assert {effect.parameter for effect in fault.effects} <= KINDS[fault.strikes].parameters
