"""Every point is new, suspect or repeated: none is lost, and none is two of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.clock import MINUTE_NS
from model.windows import minute_of
from store.pgcopy import PG_EPOCH_NS, to_pg_us
from store.sieve import MINUTE_US, Sifted, minutes_of, sift, weeks_of

POINTS = st.lists(st.tuples(st.integers(1, 4), st.integers(-5, 20), st.integers(0, 2)), max_size=60)
TIMES = st.integers(-(2**60), 2**62)


def sifted(points: list[tuple[int, int, int]], marks: dict[int, int]) -> Sifted:
    ids, times, starts = (np.array([p[i] for p in points], dtype=np.int64) for i in range(3))
    mark = np.array([marks.get(i, -100) for i in ids.tolist()], dtype=np.int64)
    return sift(series_id=ids, time_us=times, start_us=starts, mark_us=mark)


@given(points=POINTS, marks=st.dictionaries(st.integers(1, 4), st.integers(-5, 20)))
def test_every_different_point_comes_out_once(points, marks):
    found = sifted(points, marks)
    kept = [points[i] for i in (*found.fresh.tolist(), *found.suspect.tolist())]
    assert sorted(kept) == sorted(set(points))
    assert found.duplicates == len(points) - len(set(points))


@given(points=POINTS, marks=st.dictionaries(st.integers(1, 4), st.integers(-5, 20)))
def test_fresh_points_are_after_their_mark_and_suspects_are_not(points, marks):
    found = sifted(points, marks)
    assert all(points[i][1] > marks.get(points[i][0], -100) for i in found.fresh.tolist())
    assert all(points[i][1] <= marks.get(points[i][0], -100) for i in found.suspect.tolist())


@given(points=POINTS)
def test_points_come_out_by_series_and_time(points):
    fresh = [points[i] for i in sifted(points, {}).fresh.tolist()]
    assert fresh == sorted(fresh)


def test_the_first_of_equal_points_counts():
    assert sifted([(1, 5, 0), (1, 5, 0)], {}).fresh.tolist() == [0]


@given(time_ns=TIMES)
def test_a_point_stays_in_the_minute_that_the_model_gives_it(time_ns):
    stored_us = to_pg_us(np.array([time_ns], dtype=np.int64))
    minute_ns = int(minutes_of(stored_us)[0]) * MINUTE_US * 1000 + PG_EPOCH_NS
    assert minute_ns == minute_of(time_ns)
    assert minute_ns % MINUTE_NS == 0


def test_weeks_begin_on_thursdays_like_the_epoch():
    thursday_us = to_pg_us(np.array([0, 7 * 86_400_000_000_000 - 1000, 7 * 86_400_000_000_000], dtype=np.int64))
    assert weeks_of(thursday_us).tolist() == [0, 0, 1]
