"""Old weeks go, pinned weeks stay, and nobody has to wait for it."""

import itertools
import threading
from collections.abc import Callable

from psycopg.errors import InternalError_ as InternalError

from model.clock import DAY_NS, HOUR_NS, SECOND_NS, to_datetime
from model.points import Kind
from model.windows import Window
from store import Writer, apply_retention, pin, prepare_weeks
from store.database import connect, read_capabilities
from tests.integration.telemetry import T0, batch, count_rows, query_all, reads, series, t2

SPOOL = "spool-1"
WEEK_NS = 7 * DAY_NS


def weeks_ago(weeks: int) -> int:
    return T0 - weeks * WEEK_NS


def test_only_weeks_that_ended_before_the_limit_are_dropped(database, writer):
    writer.write(SPOOL, [batch(1, [(t2(), weeks_ago(w), 0, float(w)) for w in (12, 3, 0)])])
    forgotten = apply_retention(database, now_ns=T0, keep_days=30)
    assert len(forgotten.dropped) == 1
    assert query_all(database, "select value from point order by time") == [(3.0,), (0.0,)]


def test_a_partition_that_is_not_named_after_a_week_is_left_alone(database, writer):
    with connect(database) as connection:
        if not read_capabilities(connection).timescale:  # its chunks are listed by their range, not by their name
            connection.execute(
                "create table aside_2001 partition of point for values from ('1999-01-04') to ('1999-01-11')"
            )
    writer.write(SPOOL, [batch(1, [(t2(), weeks_ago(12), 0, 1.0)])])
    assert len(apply_retention(database, now_ns=T0, keep_days=30).dropped) == 1


def test_a_second_time_there_is_nothing_left_to_drop(database, writer):
    writer.write(SPOOL, [batch(1, [(t2(), weeks_ago(12), 0, 1.0)])])
    apply_retention(database, now_ns=T0, keep_days=30)
    assert apply_retention(database, now_ns=T0, keep_days=30).dropped == ()


def test_a_pinned_moment_keeps_its_week(database, writer):
    writer.write(SPOOL, [batch(1, [(t2(), weeks_ago(w), 0, float(w)) for w in (12, 10)])])
    window = Window(start_ns=weeks_ago(12) - HOUR_NS, end_ns=weeks_ago(12) + HOUR_NS)
    pin(database, reason="incident 7", window=window)
    apply_retention(database, now_ns=T0, keep_days=30)
    assert query_all(database, "select value from point") == [(12.0,)]


def test_a_kept_metric_survives_retention(database, writer):
    kept = series("quantum.qubit.t1", Kind.GAUGE, backend="ibm_torino", qubit="3")
    writer.write(SPOOL, [batch(1, [(kept, weeks_ago(100), 0, 1e-4), (t2(), weeks_ago(50), 0, 1.0)])])
    apply_retention(database, now_ns=T0, keep_days=30)
    assert count_rows(database, 'metric."quantum.qubit.t1"') == 1
    assert count_rows(database, 'metric."quantum.memory.t2"') == 0


def test_a_point_of_a_forgotten_week_may_come_late(database, writer):
    writer.write(SPOOL, [batch(1, [(t2(), weeks_ago(12), 0, 1.0), (reads(), T0, 0, 1.0)])])
    apply_retention(database, now_ns=T0, keep_days=30)
    assert writer.write(SPOOL, [batch(2, [(t2(), weeks_ago(12) + 1000, 0, 2.0)])]).stored == 1


def test_a_reader_in_the_way_postpones_the_drop(database, writer, monkeypatch):
    monkeypatch.setattr("store.retention._ATTEMPTS", 1)
    monkeypatch.setattr("store.retention._PAUSE_S", 0.0)
    writer.write(SPOOL, [batch(1, [(t2(), weeks_ago(12), 0, 1.0)])])
    with connect(database) as reader, reader.transaction():
        reader.execute("select * from point").fetchall()
        forgotten = apply_retention(database, now_ns=T0, keep_days=30)
    assert (len(forgotten.dropped), len(forgotten.busy)) == (0, 1)
    assert count_rows(database, "point") == 1


def test_digests_are_forgotten_after_two_days(database, writer):
    writer.write(SPOOL, [batch(1), batch(2)])
    oldest = "where digest = (select digest from ingest_batch limit 1)"
    query_all(database, f"update ingest_batch set received_at = '2020-01-01' {oldest} returning 1")
    assert apply_retention(database, now_ns=T0, keep_days=30).digests == 1


def test_weeks_are_made_ahead_so_that_no_writer_has_to(database):
    prepare_weeks(database, now_ns=T0)
    prepare_weeks(database, now_ns=T0)
    made = {str(name) for (name,) in query_all(database, "select inhrelid::regclass::text from pg_inherits")}
    with connect(database) as connection:
        expected = (
            set() if read_capabilities(connection).timescale else {"point_2025_10_09", "number_hour_2025_10_16"}
        )
    assert expected <= made


def test_rollups_by_the_hour_outlive_those_by_the_minute(database):
    with connect(database) as connection:
        for table in ("number_minute", "number_hour"):
            for weeks in (110, 12, 0):
                week = to_datetime(weeks_ago(weeks))
                connection.execute(f"select ensure_week('{table}', date_bin('7 days', %s, '1970-01-01+00'))", (week,))
                connection.execute(f"insert into {table} values (%s, 1, 1, 1, 1, 1, 1, 1)", (week,))
    apply_retention(database, now_ns=T0, keep_days=30)
    assert (count_rows(database, "number_minute"), count_rows(database, "number_hour")) == (1, 2)


def read(database: str, query: str) -> None:
    """Read as the pages do; a plan that lost its chunk to the drop is made again."""
    for attempt in range(5):
        try:
            query_all(database, query)
        except InternalError:
            assert attempt < 4
        else:
            return


def test_old_weeks_are_dropped_beside_copy_and_readers(database):
    """Nobody deadlocks, nobody fails, and what is young is all there."""
    stop, failures = threading.Event(), []
    written = [0]

    def repeat(work: Callable[[int], object]) -> None:
        try:
            for number in itertools.count(1):
                if stop.is_set():
                    return
                work(number)
        except Exception as exc:  # noqa: BLE001 - whatever it is, it is a failure
            failures.append(exc)

    def write(number: int) -> None:
        points = [(t2(), T0 + number * SECOND_NS, 0, 1.0), (t2("slot-1"), weeks_ago(12) + number * SECOND_NS, 0, 1.0)]
        writer.write(SPOOL, [batch(number, points)])
        written[0] = number

    writer = Writer(database)
    readers = (lambda _: read(database, "select count(*) from point"),) * 2
    threads = [threading.Thread(target=repeat, args=(work,)) for work in (write, *readers)]
    for thread in threads:
        thread.start()
    dropped = 0
    while dropped < 5 and not failures:
        forgotten = apply_retention(database, now_ns=T0, keep_days=30)
        dropped += len(forgotten.dropped)
    stop.set()
    for thread in threads:
        thread.join()
    writer.close()
    assert failures == []
    young = query_all(database, "select count(*) from point join series on id = series_id where slot = 'slot-0'")
    assert young == [(written[0],)]
