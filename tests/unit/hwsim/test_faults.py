"""The fault catalogue and the schedule of injections."""

import pytest

from hwsim import LINK_F1, MEMORY_F7, FaultSchedule, Injection, load_faults
from model.errors import InvalidInputError
from model.registry import load_registry


def cooling_fault(start_ns=100, end_ns=200, magnitude=18.0, entity="cryo-delft") -> Injection:
    return Injection(fault_id=MEMORY_F7, entity_id=entity, start_ns=start_ns, end_ns=end_ns, magnitude=magnitude)


def test_the_catalogue_names_causes_that_telemetry_knows():
    for fault in load_faults().values():
        assert fault.cause_metric in load_registry().metrics
        assert fault.minimum_magnitude < fault.typical_magnitude < fault.maximum_magnitude


def test_the_true_cause_is_the_struck_entity():
    assert load_faults()[LINK_F1].true_cause("link-1") == {
        "kind": "hardware",
        "entity": "link-1",
        "metric": "quantum.link.photon.detections",
    }


@pytest.mark.parametrize(("when_ns", "expected"), [(100, None), (101, 18.0), (200, 18.0), (201, None)])
def test_an_injection_works_after_its_start_up_to_its_end(when_ns, expected):
    schedule = FaultSchedule([cooling_fault()])
    assert schedule.magnitude(MEMORY_F7, "cryo-delft", when_ns) == expected


def test_the_strongest_of_two_injections_counts():
    schedule = FaultSchedule([cooling_fault(), cooling_fault(magnitude=40.0)])
    assert schedule.magnitude(MEMORY_F7, "cryo-delft", 150) == 40.0


def test_an_injection_strikes_only_its_own_entity():
    schedule = FaultSchedule([cooling_fault()])
    assert schedule.magnitude(MEMORY_F7, "cryo-hague", 150) is None


def test_an_open_injection_lasts_until_it_is_cleared():
    schedule = FaultSchedule([cooling_fault(end_ns=None)])
    assert schedule.clear(MEMORY_F7, "cryo-delft", end_ns=500) == 1
    assert schedule.edges(MEMORY_F7, "cryo-delft") == [100, 500]


def test_clearing_an_entity_that_is_well_changes_nothing():
    schedule = FaultSchedule([cooling_fault()])
    assert schedule.clear(MEMORY_F7, "cryo-delft", end_ns=900) == 0
    assert schedule.injections == (cooling_fault(),)


@pytest.mark.parametrize(
    ("injection", "message"),
    [
        (Injection(fault_id="memory.F99", entity_id="x", start_ns=0, magnitude=1.0), "unknown fault"),
        (cooling_fault(magnitude=500.0), "magnitude 500 is out of range"),
        (cooling_fault(end_ns=100), "not after its start"),
    ],
    ids=["unknown", "too strong", "no duration"],
)
def test_impossible_injections_are_refused(injection, message):
    with pytest.raises(InvalidInputError, match=message):
        FaultSchedule([injection])
