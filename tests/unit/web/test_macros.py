"""The macros of Grafana's PostgreSQL data source with TimescaleDB switched on."""

import pytest

from model.errors import InvalidInputError
from web.macros import Fill, QueryRange, expand_macros

FROM_MS, TO_MS = 1_523_556_000_000, 1_523_556_300_500  # 2018-04-12T18:00:00Z, five minutes and a half second
FROM, TO = "2018-04-12T18:00:00Z", "2018-04-12T18:05:00.5Z"
RANGE = QueryRange(from_ms=FROM_MS, to_ms=TO_MS, interval_ms=30_000)


def expand(sql: str, query_range: QueryRange = RANGE) -> str:
    return expand_macros(sql, query_range).sql


@pytest.mark.parametrize(
    ("macro", "sql"),
    [
        ("$__time(ts)", 'ts AS "time"'),
        ("min($__time(ts))", 'min(ts AS "time")'),
        ("$__timeEpoch(ts)", 'extract(epoch from ts) as "time"'),
        ("$__timeFilter(ts)", f"ts BETWEEN '{FROM}' AND '{TO}'"),
        ("$__timeFilter( a.ts )", f"a.ts BETWEEN '{FROM}' AND '{TO}'"),
        ("$__timeFrom()", f"'{FROM}'"),
        ("$__timeTo()", f"'{TO}'"),
        ("$__timeTo()::timestamptz", f"'{TO}'::timestamptz"),
        ("$__timeGroup(ts,'5m')", "time_bucket('300.000s',ts)"),
        ("$__timeGroup(ts , '5m')", "time_bucket('300.000s',ts)"),
        ("$__timeGroup(ts, $__interval)", "time_bucket('30.000s',ts)"),
        ("$__timeGroup(ts,'20ms')", "time_bucket('0.020s',ts)"),
        ("$__timeGroup(ts,'12d')", "time_bucket('1036800.000s',ts)"),
        ("$__timeGroupAlias(ts,'5m')", "time_bucket('300.000s',ts) AS \"time\""),
        ("$__timeGroup(ts,'5m'), x", "time_bucket('300.000s',ts) AS \"time\", x"),
        ("$__unixEpochFilter(s)", "s >= 1523556000 AND s <= 1523556300"),
        ("$__unixEpochFrom()", "1523556000"),
        ("$__unixEpochTo()", "1523556300"),
        ("$__unixEpochNanoFilter(n)", "n >= 1523556000000000000 AND n <= 1523556300500000000"),
        ("$__unixEpochNanoFrom()", "1523556000000000000"),
        ("$__unixEpochNanoTo()", "1523556300500000000"),
        ("$__unixEpochGroup(s,'5m')", "floor((s)/300)*300"),
        ("$__unixEpochGroupAlias(s,'5m')", 'floor((s)/300)*300 AS "time"'),
        ("$__unixEpochGroup(s,'14d')", "floor((s)/1209600)*1209600"),
        ("$__interval_ms", "30000"),
        ("'$__interval'::interval", "'30s'::interval"),
        ("SELECT 1", "SELECT 1"),
        ("E'$1' || $2", "E'$1' || $2"),
    ],
)
def test_a_macro_becomes_sql(macro, sql):
    assert expand(macro) == sql


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("$__nope(ts)", 'unknown macro "__nope"'),
        ("lower($1(x))", 'unknown macro "1"'),
        ("$foo(1)", 'unknown macro "foo"'),
        ("$__timeGroup(ts)", "macro __timeGroup needs time column and interval"),
        ("$__timeGroup(ts,'five')", "error parsing interval five"),
        ("$__timeGroup(ts,'0s')", "error parsing interval 0s"),
        ("$__timeGroup(ts,'5m',lots)", "error parsing fill value lots"),
        ("$__timeFilter()", "missing time column"),
        ("$__time()", "missing time column"),
    ],
)
def test_a_wrong_macro_is_refused(sql, message):
    with pytest.raises(InvalidInputError, match=message):
        expand(sql)


@pytest.mark.parametrize(
    ("word", "fill"),
    [
        ("NULL", Fill(interval_s=300)),
        ("previous", Fill(interval_s=300, previous=True)),
        ("0", Fill(interval_s=300, value=0)),
        ("-1.5", Fill(interval_s=300, value=-1.5)),
    ],
)
def test_the_third_argument_says_what_fills_gaps(word, fill):
    assert expand_macros(f"$__timeGroupAlias(ts,'5m',{word})", RANGE).fill == fill


def test_a_range_before_1970_is_not_asked_but_its_first_second_is():
    start = QueryRange(from_ms=0, to_ms=1500, interval_ms=1000)
    assert expand("$__timeFilter(ts)", start) == "ts BETWEEN '1970-01-01T00:00:00Z' AND '1970-01-01T00:00:01.5Z'"
