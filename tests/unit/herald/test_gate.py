"""The gate's answer for people and pipelines."""

from herald.gate import Answer

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
