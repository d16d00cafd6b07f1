"""Cases of the cause sweep: what strikes, and that a pair is two faults at once."""

from herald.gameday.cause_case import Case, play_case
from hwsim import find_fault, load_fleet
from hwsim.fleet import FLEETS
from model.clock import MINUTE_NS
from model.registry import load_registry


def test_in_a_pair_another_fault_strikes_something_else_at_nearly_the_same_time():
    fault = find_fault("memory.F2")
    case = Case(
        fault=fault,
        fleet=load_fleet(FLEETS / "memory.yaml"),
        entity="mem-hague",
        magnitude=fault.magnitude.gross,
        seed=5,
        pair=True,
    )
    incident = play_case(case, load_registry())
    assert incident is not None
    first, second = incident.strikes
    assert (first.fault_id, first.entity_id) == ("memory.F2", "mem-hague")
    assert second.fault_id != first.fault_id
    assert second.entity_id != first.entity_id
    assert abs(second.start_ns - first.start_ns) <= 10 * MINUTE_NS
