"""Documents with anything anywhere: both judges always answer, and never with an exception."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from slo.openslo import read_texts
from tests.unit.slo.openslo_texts import POLICY, THRESHOLD, VALID, WITH_POLICY

DOCUMENTS: list[Any] = [
    document
    for text in (VALID, THRESHOLD, POLICY, WITH_POLICY)
    for document in yaml.load_all(text, Loader=yaml.BaseLoader)
]
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        "",
        {},
        [],
        0,
        -1,
        0.5,
        True,
        "yes",
        "1m",
        "1M",
        "x" * 1051,
        [None],
        [{}],
        {"a": [1]},
        "\ud800",
        "gt",
        "SLO",
    ]
)
KEYS = st.sampled_from(["indicator", "spec", "raw", "calendar", "alertPolicyRef", "Kind", "objectives", "", "a.b"])


def containers(tree: Any) -> Iterator[Any]:
    """Yield every mapping and list in a tree."""
    if isinstance(tree, dict | list):
        yield tree
        for child in list(tree.values()) if isinstance(tree, dict) else tree:
            yield from containers(child)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A document with up to three values replaced, removed or added."""
    tree = copy.deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(list(containers(tree))))
        keys: list[Any] = list(place) if isinstance(place, dict) else list(range(len(place)))
        if draw(st.booleans()) and keys:
            place[draw(st.sampled_from(keys))] = copy.deepcopy(draw(ODD))
        elif draw(st.booleans()) and keys:
            del place[draw(st.sampled_from(keys))]
        elif isinstance(place, dict):
            place[draw(KEYS)] = copy.deepcopy(draw(ODD))
        else:
            place.append(copy.deepcopy(draw(ODD)))
    return json.dumps(tree)


@settings(max_examples=80, deadline=None)
@given(mutated(), st.booleans())
def test_no_document_makes_the_reader_fail(text: str, strict: bool):
    reading = read_texts({"a.json": text, "b.yaml": POLICY, "c.yaml": THRESHOLD}, strict=strict)
    for report in reading.reports:
        json.dumps(report.as_dict(), ensure_ascii=False).encode()


@settings(max_examples=40, deadline=None)
@given(mutated())
def test_an_objective_comes_only_from_a_valid_file(text: str):
    reading = read_texts({"a.json": text, "b.yaml": POLICY})
    assert reading.reports[0].valid or reading.objectives == ()


@pytest.mark.parametrize(
    "text",
    [
        '{"apiVersion": "openslo/v1",\n\t"kind": "Service",\n\t"metadata": {"name": "a"},\n\t"spec": {}}',
        (
            '{"apiVersion": "openslo/v1", "kind": "Service", "spec": {}, '
            '"metadata": {"name": "a", "displayName": "\\ud83d\\ude80"}}'
        ),
    ],
    ids=["indented by tabs", "with a surrogate pair"],
)
def test_json_is_read_as_json(text: str):
    assert read_texts({"a.json": text}).reports[0].errors == []


@pytest.mark.parametrize(
    "text",
    [
        '"\\UFFFFFFFF"',
        "%YAML 1.99999999999999999999\n---\na: 1",
        "? {a: 1}\n: b",
        "!!binary x",
        "[" * 500,
        "a: *b",
        "{a: &x {<<: *x}}",
    ],
)
def test_odd_yaml_is_refused_without_a_crash(text: str):
    assert not read_texts({"a.yaml": text}).valid


def test_the_key_that_was_given_last_counts_for_the_sdk():
    text = VALID.replace("target: 0.99", "target: 7\n      target: 0.99")
    assert read_texts({"a.yaml": text}, strict=True).valid
    assert not read_texts({"a.yaml": text}).valid
