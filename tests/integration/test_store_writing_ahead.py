"""What was prepared while something else was written is stored as if it had not been."""

import random

import pytest

from model.points import Written
from store import Writer, connect
from store.series import SeriesBook
from tests.integration.telemetry import T0, at, batch, count_rows, minute_counts, query_all, reads, t2

SPOOL = "spool-1"


@pytest.fixture
def known(writer):
    """A writer that has met the series, so that it can plan ahead."""
    writer.write(SPOOL, [batch(1, [(reads(), T0, 0, 0.0)])])
    return writer


def planned_ahead(writer: Writer) -> int:
    return len(writer._planner._ahead)


def test_what_was_prepared_is_stored(database, known):
    points = minute_counts(reads(), [1, 2, 3])
    following = [batch(2, points)]
    known.prepare(following)
    assert planned_ahead(known) == 1
    assert known.write(SPOOL, following) == Written(stored=3, duplicates=0)
    assert planned_ahead(known) == 0
    assert query_all(database, "select sum(value) from point") == [(6.0,)]


def test_points_that_were_stored_meanwhile_are_known(database, known):
    """The plan made ahead calls all of them new."""
    points = minute_counts(reads(), [1, 2, 3, 4, 5, 6])
    following = [batch(3, points[2:])]
    known.prepare(following)
    known.write(SPOOL, [batch(2, points[:4])])
    assert known.write(SPOOL, following) == Written(stored=2, duplicates=2)
    assert query_all(database, "select sum(value) from point") == [(21.0,)]


def test_a_request_that_was_stored_meanwhile_is_known(known):
    points = minute_counts(reads(), [1, 2])
    following = [batch(3, points, digest=b"same"), batch(4, [(reads(), at(9), 0, 1.0)])]
    known.prepare(following)
    known.write(SPOOL, [batch(2, points, digest=b"same")])
    assert known.write(SPOOL, following) == Written(stored=1, duplicates=2)


def test_points_that_another_writer_stored_meanwhile_are_known(database, known):
    points = minute_counts(reads(), [1, 2, 3, 4])
    following = [batch(2, points)]
    known.prepare(following)
    with_name = Writer(database)
    with_name.write("spool-2", [batch(1, points[:3])])
    with_name.close()
    assert known.write(SPOOL, following) == Written(stored=1, duplicates=3)


def test_a_late_point_moves_no_mark_back(database, known):
    """It was planned before the newest point was stored."""
    following = [batch(3, [(reads(), at(1), 0, 1.0)])]
    known.prepare(following)
    known.write(SPOOL, [batch(2, [(reads(), at(5), 0, 5.0)])])
    known.write(SPOOL, following)
    assert known.write(SPOOL, [batch(4, [(reads(), at(5), 0, 5.0)])]) == Written(stored=0, duplicates=1)


def test_nothing_is_planned_ahead_for_series_that_only_the_database_knows(database, known):
    following = [batch(2, [(t2(), at(1), 0, 1.0)])]
    known.prepare(following)
    assert planned_ahead(known) == 0
    assert known.write(SPOOL, following) == Written(stored=1, duplicates=0)


def test_what_was_prepared_may_be_left_unwritten(database, known):
    for position in range(2, 6):
        known.prepare([batch(position, minute_counts(reads(), [1, 2]))])
    assert known.write(SPOOL, [batch(2, minute_counts(reads(), [5]))]) == Written(stored=1, duplicates=0)
    assert count_rows(database, "point") == 2


@pytest.mark.parametrize("seed", range(3))
def test_every_point_is_stored_once_however_it_is_sent(database, known, seed):
    rng = random.Random(seed)
    points = minute_counts(reads(), range(1, 200))
    sent = [batch(n, sorted(rng.sample(points, 12)), digest=rng.randbytes(1)) for n in range(2, 42)]
    other = Writer(database)
    digests, times = set(), {T0}
    for i, one in enumerate(sent):
        known.prepare(sent[i + 1 : i + 2])
        if rng.random() < 0.2:
            others = rng.sample(points, 5)
            other.write("spool-2", [batch(i + 1, others)])
            times |= {time_ns for _, time_ns, _, _ in others}
        if rng.random() < 0.1:
            known._forget()
        known.write(SPOOL, [one])
        if one.digest not in digests:
            digests.add(one.digest)
            times |= set(one.numbers.time_ns.tolist())
    other.close()
    count = "select count(*), count(distinct (series_id, time, start_time)) from point"
    assert query_all(database, count) == [(len(times), len(times))]


def test_a_book_of_long_series_is_full_sooner(database):
    book = SeriesBook(limit=10)
    with connect(database) as connection:
        book.find_rows(connection, [t2(slot=str(number)) for number in range(10)])
        assert not book.is_full
        book.find_rows(connection, [t2(slot="x" * 50_000)])
        assert book.is_full
    book.forget()
    assert not book.is_full
