"""Time is exact to the nanosecond where it is a number, to the microsecond where it is a datetime."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.clock import SECOND_NS, Clock, RealClock, VirtualClock, format_time, to_datetime, to_ns

MICROSECONDS = st.integers(min_value=-(10**15), max_value=4 * 10**15)


@given(MICROSECONDS)
def test_whole_microseconds_survive_the_way_there_and_back(microseconds: int):
    assert to_ns(to_datetime(microseconds * 1000)) == microseconds * 1000


@given(st.integers(min_value=-(10**18), max_value=4 * 10**18))
def test_nanoseconds_are_truncated_never_rounded_up(when_ns: int):
    assert 0 <= when_ns - to_ns(to_datetime(when_ns)) < 1000


@given(MICROSECONDS, st.integers(min_value=-840, max_value=840))
def test_the_offset_of_a_datetime_does_not_change_the_moment(microseconds: int, minutes: int):
    there = to_datetime(microseconds * 1000).astimezone(timezone(timedelta(minutes=minutes)))
    assert to_ns(there) == microseconds * 1000


def test_a_datetime_without_offset_is_no_moment():
    with pytest.raises(TypeError, match="offset-naive"):
        to_ns(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    ("when_ns", "text"),
    [(0, "1970-01-01T00:00:00Z"), (1_500_000_000, "1970-01-01T00:00:01.500000Z"), (999, "1970-01-01T00:00:00Z")],
)
def test_format_time(when_ns: int, text: str):
    assert format_time(when_ns) == text


def test_a_known_moment():
    assert to_ns(datetime(2026, 1, 1, tzinfo=UTC)) == 1_767_225_600 * SECOND_NS


def test_a_virtual_clock_jumps_and_never_runs_backwards():
    clock = VirtualClock(100)
    clock.sleep_until(500)
    clock.sleep_until(200)
    assert clock.now_ns() == 500


def test_the_real_clock_waits_at_least_until_the_moment():
    clock = RealClock()
    until_ns = clock.now_ns() + 2_000_000
    clock.sleep_until(until_ns)
    assert clock.now_ns() >= until_ns


def test_the_real_clock_shows_the_time_of_the_machine():
    before = time.time_ns()
    assert before <= RealClock().now_ns() <= time.time_ns()


def test_both_clocks_fit_the_protocol():
    clocks: list[Clock] = [RealClock(), VirtualClock(0)]
    assert len(clocks) == 2
