"""Attributes become JSON that PostgreSQL takes, whatever was sent."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.jsontext import clean_text, find_text, render_attributes, render_columns


@given(text=st.text(alphabet=st.characters(exclude_categories=())))
def test_cleaned_text_can_be_stored(text):
    cleaned = clean_text(text)
    assert "\x00" not in cleaned
    cleaned.encode("utf-8")


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_good_text_stays_as_it_is(text):
    assert clean_text(text) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks_become_text(value):
    assert json.loads(render_attributes((("x", value),))) == {"x": str(value)}


@pytest.mark.parametrize(("value", "text"), [("a", "a"), (1, "1"), (True, "true"), (1.5, "1.5")])
def test_values_are_found_as_the_database_spells_them(value, text):
    assert find_text("x", (), (("x", value),)) == text


def test_the_first_place_wins():
    assert find_text("x", (("x", "point"),), (("x", "resource"),)) == "point"


values = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=()), max_size=4),
    st.sampled_from(["plain", 'a "quoted" one', "back\\slash", "line\nfeed", "%s", "\ud800", ""]),
    st.booleans(),
    st.integers(),
    st.floats(),
)


@given(
    names=st.lists(st.sampled_from(["a", "b%", 'c"', "d\n"]), unique=True),
    rows=st.integers(1, 4),
    data=st.data(),
)
def test_columns_read_as_each_row_alone_does(names, rows, data):
    columns = [data.draw(st.lists(values, min_size=rows, max_size=rows)) for _ in names]
    rendered = render_columns(names, columns, rows)
    alone = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)] if names else [{}] * rows
    assert [json.loads(b"{" + each + b"}") for each in rendered] == [
        json.loads(render_attributes(tuple(each.items()))) for each in alone
    ]
