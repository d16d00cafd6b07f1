"""The fault catalogue as a whole, and the schedule of injections."""

import pytest

from hwsim import FaultSchedule, Injection, choose_target, find_fault, load_faults
from hwsim.kinds import KINDS
from hwsim.signal import Reduce
from model.errors import InvalidInputError
from model.registry import load_registry
from tests.catalogue_coverage import load_entries

FAULTS = list(load_faults().values())
each_fault = pytest.mark.parametrize("fault", FAULTS, ids=[fault.id for fault in FAULTS])
FAULT, ENTITY = "community.F5", "backend-aurora"


def injection(start_ns=100, end_ns=200, magnitude=25.0, entity=ENTITY) -> Injection:
    return Injection(fault_id=FAULT, entity_id=entity, start_ns=start_ns, end_ns=end_ns, magnitude=magnitude)


def test_every_failure_mode_and_breakage_of_the_catalogue_can_be_injected():
    wanted = {entry.id for entry in load_entries() if entry.kind in {"F", "B"}}
    assert {fault.id for fault in FAULTS} == wanted


@each_fault
def test_a_fault_changes_parameters_that_what_it_strikes_has(fault):
    assert {effect.parameter for effect in fault.effects} <= KINDS[fault.strikes].parameters


@each_fault
def test_a_fault_grows_from_faint_over_typical_to_gross(fault):
    faint, typical, gross = fault.magnitude.faint, fault.magnitude.typical, fault.magnitude.gross
    assert faint <= typical <= gross or faint >= typical >= gross


@each_fault
def test_cause_and_signal_of_a_fault_are_words_of_the_registry(fault):
    registry = load_registry()
    events = fault.signal.reduce is Reduce.EVENTS
    assert fault.signal.metric in (registry.events if events else registry.metrics)
    assert fault.cause_metric in {*registry.metrics, *registry.events}
    assert {key for key, _ in fault.signal.where} <= set(registry.attributes)


@each_fault
def test_the_cause_of_a_fault_has_the_role_that_it_is_said_to_have(fault):
    registry = load_registry()
    if fault.cause_kind in {"hardware", "load"}:
        assert registry.metrics[fault.cause_metric].role == fault.cause_kind
    else:
        assert fault.cause_metric in (registry.events if fault.cause_kind == "change" else registry.metrics)


@each_fault
def test_a_fault_that_arrives_with_a_change_is_caused_by_it(fault):
    changes = {"firmware", "configuration", "credential", "software"}
    named = {f"quantum.{change}.change" for change in changes if change == fault.change}
    assert (fault.cause_kind == "change") == bool(named)
    assert fault.cause_kind != "change" or {fault.cause_metric} == named


@each_fault
def test_the_runbook_of_a_fault_is_named_after_it(fault):
    assert fault.runbook == fault.id.lower().replace(".", "-")


def test_the_true_cause_is_the_struck_entity():
    assert load_faults()[FAULT].true_cause(ENTITY) == {
        "kind": "hardware",
        "entity": ENTITY,
        "metric": "quantum.provider.rpc.duration",
    }


@pytest.mark.parametrize(("when_ns", "active"), [(100, False), (101, True), (200, True), (201, False)])
def test_an_injection_works_after_its_start_up_to_its_end(when_ns, active):
    assert injection().is_active(when_ns) is active


def test_an_open_injection_lasts_until_it_is_cleared():
    schedule = FaultSchedule([injection(end_ns=None)])
    assert schedule.clear(FAULT, ENTITY, end_ns=500) == 1
    assert schedule.injections == (injection(end_ns=500),)


def test_clearing_an_entity_that_is_well_changes_nothing():
    schedule = FaultSchedule([injection()])
    assert schedule.clear(FAULT, ENTITY, end_ns=900) == 0
    assert schedule.injections == (injection(),)


@pytest.mark.parametrize(
    ("impossible", "message"),
    [
        (Injection(fault_id="memory.F99", entity_id="x", start_ns=0, magnitude=1.0), "there is no fault"),
        (injection(magnitude=5e9), "magnitude 5e"),
        (injection(end_ns=100), "not after its start"),
    ],
    ids=["unknown", "too strong", "no duration"],
)
def test_impossible_injections_are_refused(impossible, message):
    with pytest.raises(InvalidInputError, match=message):
        FaultSchedule([impossible])


def test_a_fault_strikes_the_first_entity_that_it_fits():
    fault = find_fault("memory.F7")
    assert choose_target(fault, {"mem": "memory", "one": "cryostat", "two": "cryostat"}) == "one"


@pytest.mark.parametrize("entity", [None, "mem"])
def test_a_fleet_without_what_a_fault_strikes_is_told_what_it_lacks(entity):
    with pytest.raises(InvalidInputError, match=r"memory\.F7 .* — use a fleet that has a cryostat"):
        choose_target(find_fault("memory.F7"), {"mem": "memory"}, entity)
