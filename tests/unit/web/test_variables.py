"""What a variable's value becomes in SQL, and which values are let through."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import InvalidInputError
from web.macros import QueryRange, expand_macros
from web.sql_text import quote_literal, remove_comments
from web.variables import ALL, Option, Selection, Variable, choose, correct, interpolate

RANGE = QueryRange(from_ms=1_700_000_000_000, to_ms=1_700_003_600_500, interval_ms=30_000)
OPTIONS = (Option("A to B", "A-B"), Option("B to C", "B-C"), Option("O'Brien", "O'Brien"))


def variable(**changes: Any) -> Variable:
    fields: dict[str, Any] = {
        "name": "link",
        "label": "Link",
        "kind": "query",
        "multi": True,
        "include_all": True,
        "hidden": False,
    }
    return Variable(**fields | changes)


def put_in(sql: str, *values: str, many: bool = True) -> str:
    selected = {"link": Selection(values=values, many=many)}
    filled = interpolate(sql, selected, RANGE)
    return filled.fill_in(filled.sql)


@pytest.mark.parametrize(
    ("sql", "values", "many", "expected"),
    [
        ("IN (${link:sqlstring})", ("A-B", "B-C"), True, "IN ('A-B','B-C')"),
        ("IN ($link)", ("A-B", "B-C"), True, "IN ('A-B','B-C')"),
        ("IN ([[link]])", ("A-B",), True, "IN ('A-B')"),
        ("IN ([[link:sqlstring]])", ("A-B",), True, "IN ('A-B')"),
        ("= ${link:sqlstring}", ("O'Brien",), False, "= 'O''Brien'"),
        ("= ${link:sqlstring}", ('5" tube',), False, "= '5\" tube'"),
        ("= ${link:sqlstring}", ("back\\slash",), False, "= 'back\\slash'"),
        ("IN (${link:sqlstring})", (), True, "IN (NULL)"),
        ("'$link'", ("A-B",), False, "'A-B'"),
        ("${link:csv}", ("A-B", "B-C"), True, "A-B,B-C"),
        ("${link:raw}", ("1h",), False, "1h"),
        ("$__timeFilter(time)", ("A-B",), True, "$__timeFilter(time)"),
        ("$linkage", ("A-B",), True, "$linkage"),
        ("$__from", (), True, "1700000000000"),
        ("${__to}", (), True, "1700003600500"),
        ("'${__from:date:iso}'", (), True, "'2023-11-14T22:13:20.000Z'"),
        ("${__to:date:seconds}", (), True, "1700003600"),
        ("'$__interval', ${__interval_ms}", (), True, "'30s', 30000"),
        ("'$__timezone'", (), True, "'utc'"),
    ],
)
def test_a_reference_becomes_sql(sql, values, many, expected):
    assert put_in(sql, *values, many=many) == expected


@pytest.mark.parametrize(
    ("sql", "value", "message"),
    [
        ("= $link", "a b", "cannot stand unquoted"),
        ("= '$link'", "' OR ''='", "cannot stand unquoted"),
        ("= ${link:csv}", "a,b", "cannot stand unquoted"),
        ("= ${link:raw}", "a--b", "cannot stand unquoted"),
        ("= ${link:raw}", "1);DROP", "cannot stand unquoted"),
        ("= ${link:singlequote}", "a", "not supported: "),
        ("= ${link:regex}", "a", "not supported: "),
        ("= ${nobody:sqlstring}", "a", "does not define"),
        ("= ${__from:date:YYYY}", "a", "not supported: "),
        ("= ${link:sqlstring}", "nul\x00", "NUL"),
        ("\x010\x01", "a", "control character"),
    ],
)
def test_what_could_end_a_word_in_sql_is_refused(sql, value, message):
    with pytest.raises(InvalidInputError, match=message):
        put_in(sql, value, many=False)


@pytest.mark.parametrize(
    "value",
    [
        "$__timeFilter(1=1)",
        "$nope(x)",
        "${link}",
        "-- x",
        "/* x */",
        "$__interval",
        "\x010\x01",
        "'; DROP TABLE point; --",
    ],
)
def test_a_value_that_looks_like_sql_stays_one_literal(value):
    """Literals are set aside until macros are expanded and comments removed."""
    selected = {"link": Selection(values=(value,), many=True)}
    filled = interpolate("SELECT ${link:sqlstring} -- ask", selected, RANGE)
    sql = filled.fill_in(expand_macros(remove_comments(filled.sql), RANGE).sql)
    assert sql.rstrip() == f"SELECT {quote_literal(value)}"


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_a_literal_ends_where_it_should(value):
    literal = quote_literal(value)
    assert literal[1:-1].replace("''", "") == value.replace("'", "")
    assert literal.count("'") % 2 == 0


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1 -- one\n, 2", "SELECT 1  \n, 2"),
        ("SELECT /* a\nb */ 1", "SELECT   1"),
        ("SELECT '--', \"--\"", "SELECT '--', \"--\""),
        ("SELECT 'it''s -- fine'", "SELECT 'it''s -- fine'"),
        ("SELECT $$ -- $$, $x$ /* */ $x$", "SELECT $$ -- $$, $x$ /* */ $x$"),
        ("SELECT a - -b", "SELECT a - -b"),
    ],
)
def test_comments_go_and_literals_stay(sql, expected):
    assert remove_comments(sql) == expected


def test_all_stands_for_every_option():
    assert choose(variable(), OPTIONS, (ALL,)).values == ("A-B", "B-C", "O'Brien")


@pytest.mark.parametrize(
    ("changes", "asked", "message"),
    [
        ({}, ("A-B", "C-D"), "has no option 'C-D'"),
        ({}, ("A-B' OR '1'='1",), "has no option"),
        ({}, ("A to B",), "has no option"),
        ({"include_all": False}, (ALL,), "cannot be set to All"),
        ({"multi": False}, ("A-B", "B-C"), "takes one value, not 2"),
    ],
)
def test_only_a_variables_own_options_are_let_through(changes, asked, message):
    with pytest.raises(InvalidInputError, match=message):
        choose(variable(**changes), OPTIONS, asked)


@pytest.mark.parametrize(
    ("changes", "asked", "chosen"),
    [
        ({}, ("A-B",), ("A-B",)),
        ({}, ("A-B", "gone"), ("A-B",)),
        ({}, ("gone",), (ALL,)),
        ({"default": ("B-C",)}, ("gone",), ("B-C",)),
        ({"include_all": False}, (), ("A-B",)),
        ({"multi": False}, ("A-B", "B-C"), ("A-B",)),
        ({}, ("A-B", ALL), (ALL,)),
    ],
)
def test_an_outdated_choice_is_corrected(changes, asked, chosen):
    assert correct(variable(**changes), OPTIONS, asked) == chosen


def test_without_options_nothing_is_chosen():
    assert correct(variable(include_all=False), (), ("gone",)) == ()
