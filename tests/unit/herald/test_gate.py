"""The gate's answer for people and pipelines."""

from dataclasses import replace

import pytest

from herald.gate import Answer, reasons_to_pause
from model.queries import Group
from store import AlertRow

AURORA, BOREALIS = (("device", "aurora"),), (("device", "borealis"),)


def test_without_any_entity_the_gate_is_closed():
    answer = Answer(objective="reads", at_ns=0, reasons={})
    assert not answer.open
    assert answer.sentences() == ["closed: nothing has reported yet"]


def test_one_closed_entity_closes_it_and_is_named():
    answer = Answer(objective="reads", at_ns=0, reasons={AURORA: [], BOREALIS: ["has no data, which is not success"]})
    assert not answer.open
    assert answer.sentences() == ["closed: reads of borealis has no data, which is not success"]
    assert [entity["open"] for entity in answer.as_dict()["entities"]] == [True, False]


def test_it_is_open_if_every_entity_is():
    answer = Answer(objective="reads", at_ns=0, reasons={AURORA: [], BOREALIS: []})
    assert answer.open
    assert answer.as_dict()["open"]


PAUSES = AlertRow(
    objective="scaleup-job-success",
    group=(("backend", "qpu-hague"),),
    tier="5x-6h",
    severity="page",
    fired_ns=0,
    threshold=5.0,
    long_window="6h",
    short_window="30m",
)


@pytest.mark.parametrize("group", [(("backend", "qpu-hague"),), (("backend", "qpu-hague"), ("tenant", "lab"))])
def test_a_pause_holds_for_everything_on_the_machine(group: Group):
    assert reasons_to_pause(group, [PAUSES]) == ["is paused: tier 5x-6h of scaleup-job-success fires for qpu-hague"]


@pytest.mark.parametrize("group", [(("backend", "qpu-delft"),), (("device", "qpu-hague"),), ()])
def test_a_pause_is_no_business_of_other_machines(group: Group):
    assert reasons_to_pause(group, [PAUSES]) == []


def test_what_only_a_tenant_has_in_common_is_not_paused():
    of_tenant = replace(PAUSES, group=(("tenant", "lab"),))
    assert reasons_to_pause((("backend", "qpu-hague"), ("tenant", "lab")), [of_tenant]) == []
