"""What was sent is stored once, whatever happens in between."""

import dataclasses
import random
import threading
import time

import pytest

from model import names
from model.clock import DAY_NS, MINUTE_NS
from model.errors import DatabaseUnavailableError, DependencyError, HeraldError, WriterFencedError
from model.points import ExponentialPoint, Kind, Temporality, Written
from model.registry import load_registry
from model.spans import Span
from store import Store, Writer
from store.database import connect
from store.series import identify
from tests.integration.telemetry import (
    BOUNDS,
    T0,
    at,
    batch,
    count_rows,
    event,
    fidelity,
    histogram,
    minute_counts,
    query_all,
    reads,
    series,
    t2,
)

SPOOL = "spool-1"


def test_points_come_back_as_they_were_sent(database, writer):
    writer.write(SPOOL, [batch(1, [(t2(), at(1), 0, 0.25), (reads(), at(1), at(0), 7.0)])])
    rows = query_all(database, 'select value, start_time is null, device, slot, site from metric."quantum.memory.t2"')
    assert rows == [(0.25, True, "mem-delft", "slot-0", "delft")]
    assert query_all(database, 'select value, outcome from metric."quantum.memory.reads"') == [(7.0, "success")]


def test_a_batch_at_the_stored_position_is_skipped(database, writer):
    first = batch(5, minute_counts(reads(), [1, 2, 3]))
    writer.write(SPOOL, [first])
    assert writer.write(SPOOL, [first]) == Written(stored=0, duplicates=3)
    assert writer.read_position(SPOOL) == 5


def test_positions_of_sources_are_independent(writer):
    writer.write(SPOOL, [batch(5, minute_counts(reads(), [1]))])
    assert (writer.read_position(SPOOL), writer.read_position("spool-2")) == (5, 0)


def test_a_repeated_request_is_known_by_its_digest(database, writer):
    points = minute_counts(reads(), [1, 2, 3])
    writer.write(SPOOL, [batch(1, points, digest=b"same")])
    written = writer.write(SPOOL, [batch(2, points, digest=b"same")])
    assert written == Written(stored=0, duplicates=3)
    assert (count_rows(database, "point"), writer.read_position(SPOOL)) == (3, 2)


def test_a_digest_twice_in_one_call_counts_once(writer):
    points = minute_counts(reads(), [1, 2, 3])
    written = writer.write(SPOOL, [batch(1, points, digest=b"same"), batch(2, points, digest=b"same")])
    assert written == Written(stored=3, duplicates=3)


@pytest.mark.parametrize("fresh_memory", [False, True])
def test_points_sent_again_in_other_batches_are_stored_once(database, writer, fresh_memory):
    points = minute_counts(reads(), [1, 2, 3, 4, 5, 6])
    writer.write(SPOOL, [batch(1, points[:4])])
    writer = Writer(database) if fresh_memory else writer
    assert writer.write(SPOOL, [batch(2, points[2:])]) == Written(stored=2, duplicates=2)
    assert query_all(database, "select sum(value) from point") == [(21.0,)]
    writer.close()


def test_a_point_twice_in_one_call_is_stored_once(writer):
    points = minute_counts(reads(), [1, 2])
    assert writer.write(SPOOL, [batch(1, points + points)]) == Written(stored=2, duplicates=2)


def test_a_late_point_is_stored(database, writer):
    points = minute_counts(reads(), [1, 2, 3])
    writer.write(SPOOL, [batch(1, [points[0], points[2]])])
    assert writer.write(SPOOL, [batch(2, [points[1]])]) == Written(stored=1, duplicates=0)
    assert count_rows(database, "point") == 3


def test_histograms_events_and_spans_sent_again_are_stored_once(database: str, writer: Writer) -> None:
    span = Span(
        trace_id="0a" * 16, span_id="0b" * 8, parent_span_id="", name="quantum.memory.job", start_ns=at(0),
        end_ns=at(1), status="ok", resource=(), attributes=(),
    )  # fmt: skip

    def send(position: int) -> Written:
        points = [histogram(fidelity(), at(1), [1, 2, 3, 4])]
        events = [event(names.EVENT_CALIBRATION, at(1), quantum__device__id="mem-delft")]
        return writer.write(SPOOL, [batch(position, histograms=points, events=events, spans=[span])])

    assert [send(1), send(2)] == [Written(stored=3, duplicates=0), Written(stored=0, duplicates=3)]
    assert [count_rows(database, table) for table in ("histogram", "event", "span")] == [1, 1, 1]


def test_an_exponential_histogram_keeps_its_buckets(database, writer):
    of = series("quantum.memory.hold.duration", Kind.EXPONENTIAL_HISTOGRAM, Temporality.DELTA, device="mem-delft")
    point = ExponentialPoint(
        series=of, time_ns=at(1), start_ns=0, count=6, sum=None, min=None, max=None, scale=1, zero_count=1,
        positive_offset=-2, positive=(1, 2), negative_offset=3, negative=(2,), zero_threshold=0.125,
    )  # fmt: skip
    writer.write(SPOOL, [batch(1)])
    exponential = batch(2)
    exponential.exponentials.append(point)
    writer.write(SPOOL, [exponential])
    columns = (
        "scale, zero_count, positive_offset, buckets, negative_offset, negative, sum, start_time, zero_threshold"
    )
    assert query_all(database, f"select {columns} from histogram") == [(1, 1, -2, [1, 2], 3, [2], None, None, 0.125)]


def test_equal_sets_of_attributes_are_one_series_and_types_matter(database, writer):
    text, number = t2(slot="1"), t2(slot="1")
    object.__setattr__(number, "attributes", tuple((k, 1 if v == "1" else v) for k, v in number.attributes))
    writer.write(SPOOL, [batch(1, [(text, at(1), 0, 1.0), (t2(slot="1"), at(2), 0, 1.0), (number, at(3), 0, 1.0)])])
    assert count_rows(database, "series") == 2


def test_text_that_postgresql_cannot_store_is_replaced(database, writer):
    broken = event(names.EVENT_ALARM, at(1), body="zero\x00byte", quantum__device__id="half\ud800")
    writer.write(SPOOL, [batch(1, [(t2(slot="a\x00b"), at(1), 0, 1.0)], events=[broken])])
    assert query_all(database, "select body, device from event") == [("zero\ufffdbyte", "half\ufffd")]


def test_a_time_is_rounded_up_so_that_it_stays_in_its_minute(database, writer, store):
    writer.write(SPOOL, [batch(1, [(t2(), at(1) + 1, 0, 1.0)])])
    with store.recount() as dirty:
        assert dirty == {names.METRIC_MEMORY_T2: [at(1)]}
    assert query_all(database, "select extract(microseconds from time) from point")[0][0] == 1


def test_topology_is_learned_from_events(store, writer):
    edge = {
        "quantum__topology__source": "cryo-delft",
        "quantum__topology__source__kind": "cryostat",
        "quantum__topology__relation": "cools",
        "quantum__topology__target": "mem-delft",
        "quantum__topology__target__kind": "memory",
    }
    writer.write(SPOOL, [batch(1, events=[event(names.EVENT_TOPOLOGY_EDGE, at(m), **edge) for m in (3, 1)])])
    topology = store.read_topology()
    assert [(e.source, e.relation, e.target) for e in topology.edges] == [("cryo-delft", "cools", "mem-delft")]
    assert {(e.kind, e.id) for e in topology.entities} == {("cryostat", "cryo-delft"), ("memory", "mem-delft")}


def test_a_kept_metric_pins_its_week(database, writer):
    kept = next(m.name for m in load_registry().metrics.values() if m.keep)
    point = (series(kept, Kind.GAUGE, backend="ibm_torino", qubit="3"), at(1), 0, 1e-4)
    writer.write(SPOOL, [batch(1, [point]), batch(2, [(t2(), at(1) - 30 * DAY_NS, 0, 1.0)])])
    pins = query_all(database, "select reason, end_time - start_time = interval '7 days' from pin")
    assert pins == [(f"{kept} is kept", True)]


def test_a_backend_killed_in_the_middle_of_a_write_changes_nothing(database, writer):
    """The connection dies while the transaction is open; the writer does the whole call again."""
    writer.write(SPOOL, [batch(1, minute_counts(reads(), [1]))])
    with connect(database) as blocker:
        blocker.execute("begin")
        blocker.execute("lock table dirty_minute in access exclusive mode")
        call = threading.Thread(target=writer.write, args=(SPOOL, [batch(2, minute_counts(reads(), [2], first=2))]))
        call.start()
        kill = "select pg_terminate_backend(pid) from pg_stat_activity where query like 'insert into dirty_minute%'"
        while not query_all(database, kill):
            time.sleep(0.01)
        blocker.execute("rollback")
        call.join()
    assert query_all(database, "select value from point order by time") == [(1.0,), (2.0,)]
    assert writer.read_position(SPOOL) == 2


def test_a_commit_whose_answer_was_lost_is_not_repeated(database, writer, monkeypatch):
    """The backend commits and dies before it answers: the position tells."""
    monkeypatch.setattr("store.writer._ATTEMPTS", 2)
    lost = batch(1, minute_counts(reads(), [1, 2]))
    original = writer._remember

    def die_after_commit(work, pins):
        monkeypatch.setattr(writer, "_remember", original)
        writer._connection.close()
        writer._connection.execute("select 1")

    monkeypatch.setattr(writer, "_remember", die_after_commit)
    assert writer.write(SPOOL, [lost]) == Written(stored=2, duplicates=0)
    assert count_rows(database, "point") == 2


def test_two_writers_of_the_same_series_store_each_point_once(database):
    points = minute_counts(reads(), range(1, 201))
    writers = [Writer(database) for _ in range(2)]
    calls = [
        threading.Thread(target=writer.write, args=(f"spool-{n}-{i}", [batch(1, points[i : i + 20])]))
        for i in range(0, 200, 10)
        for n, writer in enumerate(writers)
    ]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    for writer in writers:
        writer.close()
    assert query_all(database, "select count(*), sum(value) from point") == [(200, sum(range(1, 201)))]


def test_writers_that_alternate_know_what_the_other_has_written(database):
    points = minute_counts(reads(), range(1, 41))
    writers = [Writer(database) for _ in range(2)]
    stored = [writers[n % 2].write(f"spool-{n % 2}", [batch(n + 1, points[: 10 * (n + 1)])]).stored for n in range(4)]
    for writer in writers:
        writer.close()
    assert stored == [10, 10, 10, 10]
    assert query_all(database, "select count(*), sum(value) from point") == [(40, sum(range(1, 41)))]


def test_a_writer_whose_source_was_taken_over_stores_nothing(database, writer):
    """As one that was stopped for a while, and wakes up after another process has opened its spool."""
    points = minute_counts(reads(), [1, 2, 3])
    writer.write(SPOOL, [batch(1, points[:1])])
    successor = Writer(database)
    assert successor.read_position(SPOOL) == 1
    with pytest.raises(WriterFencedError, match=f"taken over {SPOOL}"):
        writer.write(SPOOL, [batch(2, points[1:2])])
    assert successor.write(SPOOL, [batch(2, points[2:])]).stored == 1
    successor.close()
    assert query_all(database, "select value from point order by time") == [(1.0,), (3.0,)]


def test_what_is_skipped_is_never_stored_and_nothing_else_is_lost(database, writer):
    points = minute_counts(reads(), [1, 2, 3])
    writer.skip(SPOOL, 2)
    assert writer.write(SPOOL, [batch(2, points[:1]), batch(3, points[1:2])]).stored == 1
    writer.skip(SPOOL, 1)
    assert writer.read_position(SPOOL) == 3
    assert query_all(database, "select value from point") == [(2.0,)]


def test_a_writer_whose_source_was_taken_over_skips_nothing(database, writer):
    writer.write(SPOOL, [batch(1, minute_counts(reads(), [1]))])
    successor = Writer(database)
    successor.read_position(SPOOL)
    with pytest.raises(WriterFencedError, match=f"taken over {SPOOL}"):
        writer.skip(SPOOL, 2)
    assert successor.read_position(SPOOL) == 1
    successor.close()


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 2**53, 7])
def test_an_integer_is_kept_exactly(database, writer, value):
    writer.write(SPOOL, [batch(1, [(reads(), at(1), at(0), value)])])
    view = 'select coalesce(value_int, value::bigint), value_int is null from metric."quantum.memory.reads"'
    assert query_all(database, view) == [(value, int(float(value)) == value)]


def test_attributes_of_the_scope_tell_series_apart(database, writer):
    scoped = [dataclasses.replace(t2(), scope_attributes=(("part", part),)) for part in ("a", "b")]
    writer.write(SPOOL, [batch(1, [(of, at(1), 0, 1.0) for of in (t2(), *scoped)])])
    found = query_all(database, "select scope_attributes ->> 'part' from series order by 1 nulls first")
    assert found == [(None,), ("a",), ("b",)]


def test_a_series_without_attributes_of_its_scope_keeps_its_identity():
    """The digest that databases hold from before there were any."""
    assert identify(t2()).hex() == "30d0b06ef91eb34f3bf1810c9df71651"


def test_histograms_of_different_shapes_go_together(database, writer):
    sent = [
        histogram(fidelity(), at(1), [1, 2, 3, 4]),
        dataclasses.replace(histogram(fidelity(), at(2), [1, 2, 3, 4]), sum=None, min=None),
        dataclasses.replace(histogram(fidelity(), at(3), [5, 6]), bounds=(0.7,)),
        dataclasses.replace(histogram(fidelity(), at(4), [], start_ns=0), bounds=()),
    ]
    assert writer.write(SPOOL, [batch(1, histograms=sent)]) == Written(stored=4, duplicates=0)
    assert query_all(database, "select sum, bounds, buckets, start_time is null from histogram order by time") == [
        (0.0, list(BOUNDS), [1, 2, 3, 4], False),
        (None, list(BOUNDS), [1, 2, 3, 4], False),
        (0.0, [0.7], [5, 6], False),
        (0.0, [], [], True),
    ]


def test_spans_of_a_call_are_stored_once_with_all_they_say(database, writer):
    span = Span(
        trace_id="0a" * 16, span_id="0b" * 8, parent_span_id="0c" * 8, name="read \x00 \ud800", start_ns=at(0) + 1,
        end_ns=at(1), status="error", resource=((names.ATTR_SITE_ID, "delft"),),
        attributes=(("a", 1), ("b", 1.0), ("c", True), ("d", '"'), (names.ATTR_DEVICE_ID, "mem-1")),
    )  # fmt: skip
    other = dataclasses.replace(span, span_id="0d" * 8, parent_span_id="")
    assert writer.write(SPOOL, [batch(1, spans=[span, other, span])]) == Written(stored=2, duplicates=1)
    texts = "name, site, device, link, status, resource, attributes, parent_span_id"
    expected = {"a": 1, "b": 1.0, "c": True, "d": '"', names.ATTR_DEVICE_ID: "mem-1"}
    first, second = query_all(
        database, f"select {texts}, extract(microseconds from start_time) from span order by span_id"
    )
    resource = {names.ATTR_SITE_ID: "delft"}
    assert first[:8] == ("read \ufffd \ufffd", "delft", "mem-1", None, "error", resource, expected, "0c" * 8)
    assert (second[7], int(str(first[8]))) == (None, 1)


def test_a_dropped_week_is_made_again(database, writer):
    points = minute_counts(reads(), [1, 2])
    writer.write(SPOOL, [batch(1, points[:1])])
    for (partition,) in query_all(
        database, "select inhrelid::regclass::text from pg_inherits where inhparent = 'point'::regclass"
    ):
        if "point_" in str(partition):
            query = f"drop table {partition}"
            with connect(database) as connection:
                connection.execute(query.encode())
    assert writer.write(SPOOL, [batch(2, points[1:])]).stored == 1


def test_a_database_that_is_gone_is_unavailable(database, writer):
    missing = Writer(database.replace("dbname=herald_", "dbname=gone_"))
    with pytest.raises(DatabaseUnavailableError, match=r"gone_.* does not answer"):
        missing.write(SPOOL, [batch(1, minute_counts(reads(), [1]))])


def test_every_minute_with_points_becomes_dirty_once(store: Store, writer):
    writer.write(SPOOL, [batch(1, [*minute_counts(reads(), [1, 2]), *minute_counts(reads("failure"), [3])])])
    with store.recount() as dirty:
        assert dirty == {names.METRIC_MEMORY_READS: [T0, T0 + MINUTE_NS]}
    with store.recount() as dirty:
        assert dirty == {}


def test_a_late_cumulative_point_also_dirties_its_successors_minute(store: Store, writer):
    counter = reads(temporality=Temporality.CUMULATIVE)
    writer.write(SPOOL, [batch(1, [(counter, at(1), at(0), 1.0), (counter, at(5), at(0), 9.0)])])
    with store.recount():
        pass
    writer.write(SPOOL, [batch(2, [(counter, at(2), at(0), 4.0)])])
    with store.recount() as dirty:
        assert dirty == {names.METRIC_MEMORY_READS: [at(1), at(4)]}


def test_a_schema_that_is_not_migrated_yet_is_waited_for_and_costs_no_data(database, writer):
    with connect(database) as connection:
        connection.execute("alter table dirty_minute rename to dirty_minute_of_before")
    with pytest.raises(DatabaseUnavailableError, match=r"dirty_minute.* does not exist"):
        writer.write(SPOOL, [batch(1, minute_counts(reads(), [1]))])
    with connect(database) as connection:
        connection.execute("alter table dirty_minute_of_before rename to dirty_minute")
    assert writer.write(SPOOL, [batch(1, minute_counts(reads(), [1]))]).stored == 1


def test_many_spans_of_many_kinds_each_keep_their_own_words(database, writer):
    """More than are encoded at once, in blocks of several sizes, whose traces come in no order."""
    resources = [(("r", number),) for number in range(3)]
    spans = [
        Span(
            trace_id=f"{number * 7919 % 2500 + 1:032x}", span_id=f"{number + 1:016x}", parent_span_id="",
            name=f"job {number}", start_ns=at(0), end_ns=at(1), status="ok", resource=resources[number % 3],
            attributes=tuple(sorted({f"a{number % 4}": str(number), names.ATTR_DEVICE_ID: f"mem-{number}"}.items())),
        )
        for number in range(2500)
    ]  # fmt: skip
    assert writer.write(SPOOL, [batch(1, spans=spans)]).stored == 2500
    number = "('x' || right(span_id, 8))::bit(32)::int - 1"
    rows = query_all(database, f"select {number}, name, device, attributes, resource from span order by 1")
    assert rows == [
        (n, f"job {n}", f"mem-{n}", {f"a{n % 4}": str(n), names.ATTR_DEVICE_ID: f"mem-{n}"}, {"r": n % 3})
        for n in range(2500)
    ]


def test_what_an_index_cannot_hold_is_refused_and_stops_nobody(database, writer):
    """No compression makes such a name short enough; the request can never be stored, however often it is tried."""
    endless = random.Random(1).randbytes(6000).hex()
    with pytest.raises(HeraldError, match="index row") as refused:
        writer.write(SPOOL, [batch(1, [(dataclasses.replace(t2(), metric=endless), at(1), 0, 0.25)])])
    assert not isinstance(refused.value, DependencyError)
    assert writer.write(SPOOL, [batch(2, [(t2(), at(1), 0, 0.25)])]).stored == 1


def test_an_edge_that_no_index_holds_is_an_event_only(database, writer):
    ends = {
        names.ATTR_TOPOLOGY_SOURCE: "a", names.ATTR_TOPOLOGY_SOURCE_KIND: "device",
        names.ATTR_TOPOLOGY_RELATION: "feeds", names.ATTR_TOPOLOGY_TARGET_KIND: "device",
    }  # fmt: skip
    edges = [
        event(names.EVENT_TOPOLOGY_EDGE, at(1), **ends, **{names.ATTR_TOPOLOGY_TARGET: target})
        for target in ("b", "x" * 3000)
    ]
    writer.write(SPOOL, [batch(1, events=edges)])
    assert query_all(database, "select target from topology") == [("b",)]
    assert count_rows(database, "event") == 2
