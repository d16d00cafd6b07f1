"""Points are found by series and second: no time is out of its reach, and points of one second are told apart."""

import time

import pytest

from model import names
from model.clock import DAY_NS, MINUTE_NS, SECOND_NS
from model.points import Temporality
from model.queries import MetricQuery, Reducer
from model.windows import Window
from store import Writer, connect
from tests.integration.telemetry import at, batch, fidelity, histogram, query_all, reads, t2

SPOOL = "spool-1"
TIMES = """
    (values (timestamptz '-infinity'), ('1000-01-01'), ('1931-12-13 20:45:51.6'), ('1970-01-01'), ('2000-01-01'),
            ('2026-11-28 08:00:00.499999'), ('2026-11-28 08:00:00.5'), ('2026-11-28 08:00:00.500001'),
            ('2026-11-28 08:00:01.5'), ('2068-01-19 03:14:07.4'), ('2068-01-19 03:14:07.6'),
            ('9999-12-31'), ('infinity'))
"""
MINUTE = Window(start_ns=at(10), end_ns=at(11))
INCREASE = MetricQuery(metric=names.METRIC_MEMORY_READS, reducer=Reducer.SUM)
MILLISECOND_NS = SECOND_NS // 1000


def test_seconds_never_descend(database):
    assert query_all(
        database, f"select count(*) from {TIMES} a(t), {TIMES} b(t) where a.t <= b.t and tick(a.t) > tick(b.t)"
    ) == [(0,)]
    assert query_all(database, "select tick('2026-11-28 08:00:01') - tick('2026-11-28 08:00:00')") == [(1,)]


def test_during_is_the_plain_window_whatever_the_times(database):
    differing = f"""
        select count(*) from {TIMES} at(t), {TIMES} a(t), {TIMES} b(t)
         where during(at.t, a.t, b.t) <> (at.t > a.t and at.t <= b.t)"""
    assert query_all(database, differing) == [(0,)]


@pytest.mark.parametrize("table", ["point", "histogram"])
def test_a_window_of_a_series_is_read_by_the_index(database, writer, table):
    writer.write(SPOOL, [batch(1, [(t2(), at(1), 0, 1.0)], histograms=[histogram(fidelity(), at(1), [1])])])
    with connect(database) as connection:
        connection.execute("set enable_seqscan = off")
        connection.execute("set enable_bitmapscan = off")
        window = "during(time, '2025-10-09 08:00+00', '2025-10-09 10:00+00')"
        lines = connection.execute(
            f"explain select * from {table} where series_id = 1 and {window}".encode()
        ).fetchall()
    condition = next(line for (line,) in lines if "Index Cond" in line)
    assert "series_id = 1" in condition
    assert condition.count("tstzrange_subdiff") == 2


def test_our_queries_are_not_compiled(database):
    assert query_all(database, "show jit") == [("off",)]


@pytest.mark.parametrize("second_ns", [at(1), time.time_ns() // SECOND_NS * SECOND_NS], ids=["long ago", "just now"])
@pytest.mark.parametrize("arrivals", [(100, 300), (300, 100)])
def test_the_newest_of_one_second_is_the_mark(database, second_ns, arrivals):
    """A mark of whichever the index holds last would call the other one new."""
    points = [(t2(), second_ns + milliseconds * MILLISECOND_NS, 0, 1.0) for milliseconds in arrivals]
    for position, sent, expected in ((1, points[:1], 1), (2, points[1:], 1), (3, points, 0)):
        writer = Writer(database)
        assert writer.write(SPOOL, [batch(position, sent)]).stored == expected
        writer.close()


@pytest.mark.parametrize("before_ns", [at(10), at(10) - 3 * DAY_NS, at(10) - 40 * DAY_NS])
@pytest.mark.parametrize("arrivals", [(0, 1), (1, 0)])
def test_an_increase_is_counted_from_the_last_point_of_an_earlier_second(store, writer, before_ns, arrivals):
    counter = reads(temporality=Temporality.CUMULATIVE)
    start_ns = at(10) - 50 * DAY_NS
    known = [(counter, before_ns, start_ns, 7.0), (counter, before_ns - 200 * MILLISECOND_NS, start_ns, 5.0)]
    for position, number in enumerate(arrivals, start=1):
        writer.write(SPOOL, [batch(position, [known[number]])])
    writer.write(SPOOL, [batch(3, [(counter, at(10.5), start_ns, 10.0)])])
    assert [minute.value for minute in store.read_minutes(INCREASE, MINUTE)] == [3.0]


@pytest.mark.parametrize("years", [40, 80, 170])
def test_points_far_away_in_time_are_stored_and_found_once(database, store, writer, years):
    far_ns = at(0) + round(years * 365.25) * DAY_NS
    points = [(t2(), far_ns + n * MINUTE_NS, 0, float(n)) for n in range(2)]
    writer.write(SPOOL, [batch(1, points)])
    again = Writer(database)
    assert again.write(SPOOL, [batch(2, points)]).stored == 0
    again.close()
    query = MetricQuery(metric=names.METRIC_MEMORY_T2, reducer=Reducer.LAST)
    window = Window(start_ns=far_ns - MINUTE_NS, end_ns=far_ns + MINUTE_NS)
    assert sorted(minute.value for minute in store.read_minutes(query, window)) == [0.0, 1.0]
