"""YAML as users write it: numbers are numbers, and a key that stands twice is noticed."""

import pytest

from model.yaml_text import RepeatedKey, parse_yaml, parse_yaml_with_repeats, render_yaml


@pytest.mark.parametrize("text", ["1e9", "1.0e9", "+1E9", "1e+9", "10.e8", ".1e10", "1.0e+9"])
def test_numbers_with_exponents_are_numbers(text):
    assert parse_yaml(f"key: {text}") == {"key": 1e9}


@pytest.mark.parametrize("text", ["'1e9'", '"1.0e9"', "e9", "1e", "1e9x", "0xe9e", "v1e9"])
def test_what_is_no_number_or_quoted_stays_as_it_was(text):
    assert not isinstance(parse_yaml(f"key: {text}")["key"], float)


@pytest.mark.parametrize("value", ["1e9", "1.5e-3", 1e9, 1e22, 2.5e-8, "yes", "12:30", None])
def test_what_is_written_is_read_again(value):
    assert parse_yaml(render_yaml({"key": value})) == {"key": value}


def test_repeated_keys_are_told_with_their_path_and_lines():
    text = "a: 1\nlist:\n  - {b: 1}\n  - b: 1\n    c: {d: 1, d: 2}\n    'b': 3\na: 4\na: 5\n"
    content, repeated = parse_yaml_with_repeats(text)
    assert content == {"a": 5, "list": [{"b": 1}, {"b": 3, "c": {"d": 2}}]}
    assert repeated == [
        RepeatedKey(path="list[1].c.d", first_line=5, line=5),
        RepeatedKey(path="list[1].b", first_line=4, line=6),
        RepeatedKey(path="a", first_line=1, line=7),
        RepeatedKey(path="a", first_line=1, line=8),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1: a\n'1': b",  # a number and a text
        "base: &base {a: 1}\nother: {<<: *base, a: 2}",  # what is merged in gives way
        "base: &base {a: 1}\nother: {<<: *base, <<: {b: 2}}",
        "a: &again [*again]",
        "{a: {b: 1}, c: {b: 1}}",
    ],
)
def test_what_only_looks_like_a_repetition_is_none(text):
    assert parse_yaml_with_repeats(text)[1] == []


def test_what_aliases_name_is_told_once():
    assert len(parse_yaml_with_repeats("a: &x {b: 1, b: 2}\nc: *x\nd: *x")[1]) == 1
