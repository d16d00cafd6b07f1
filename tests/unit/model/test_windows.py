"""Windows are (start, end]; durations are exact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from model.errors import InvalidInputError
from model.windows import Window, floor_minute, minute_of, parse_duration, render_duration

MOMENTS = st.integers(min_value=-(2**62), max_value=2**62)


@pytest.mark.parametrize(
    ("text", "length_ns"),
    [
        ("90s", 90 * SECOND_NS),
        ("5m", 5 * MINUTE_NS),
        ("1h", HOUR_NS),
        ("3d", 3 * DAY_NS),
        ("4w", 28 * DAY_NS),
        ("0s", 0),
        (" 2h ", 2 * HOUR_NS),
    ],
)
def test_parse_duration(text: str, length_ns: int):
    assert parse_duration(text) == length_ns


@pytest.mark.parametrize("text", ["", "5", "m", "1h30m", "1.5h", "-1h", "5 m", "5M", "1y", "P1D", "1e3s"])
def test_what_is_not_a_duration_is_refused(text: str):
    with pytest.raises(InvalidInputError, match="is not a duration — write a whole number and one of s, m, h, d, w"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("length_ns", "text"),
    [
        (28 * DAY_NS, "28d"),
        (36 * HOUR_NS, "36h"),
        (90 * SECOND_NS, "90s"),
        (HOUR_NS, "1h"),
        (0, "0s"),
        (1_500_000_000, "1.5s"),
    ],
)
def test_render_duration(length_ns: int, text: str):
    assert render_duration(length_ns) == text


def test_a_duration_beyond_the_calendar_is_refused():
    with pytest.raises(InvalidInputError, match="longer than a hundred years"):
        parse_duration("99999999d")


@given(st.integers(min_value=0, max_value=100 * 365 * 86_400))
def test_a_rendered_duration_of_whole_seconds_reads_back(seconds: int):
    assert parse_duration(render_duration(seconds * SECOND_NS)) == seconds * SECOND_NS


@given(MOMENTS)
def test_a_moment_lies_in_its_minute_whose_end_counts_in(moment: int):
    assert minute_of(moment) < moment <= minute_of(moment) + MINUTE_NS
    assert minute_of(moment) % MINUTE_NS == 0


@given(MOMENTS)
def test_floor_minute_counts_the_start_in(moment: int):
    assert floor_minute(moment) <= moment < floor_minute(moment) + MINUTE_NS


def test_the_two_minutes_differ_only_on_the_minute():
    assert minute_of(2 * MINUTE_NS) == MINUTE_NS
    assert floor_minute(2 * MINUTE_NS) == 2 * MINUTE_NS
    assert minute_of(2 * MINUTE_NS + 1) == floor_minute(2 * MINUTE_NS + 1)


def test_a_window_that_runs_backwards_is_refused():
    with pytest.raises(InvalidInputError, match="ends at 1970-01-01T00:00:00Z, before its start 1970"):
        Window(start_ns=SECOND_NS, end_ns=0)


@pytest.mark.parametrize(
    ("start_ns", "end_ns", "minutes"),
    [
        (0, 2 * MINUTE_NS, [0, MINUTE_NS]),
        (1, 2 * MINUTE_NS, [MINUTE_NS]),
        (0, 2 * MINUTE_NS - 1, [0]),
        (0, 0, []),
        (5, 6, []),
    ],
)
def test_only_whole_minutes_of_a_window_count(start_ns: int, end_ns: int, minutes: list[int]):
    assert list(Window(start_ns=start_ns, end_ns=end_ns).minutes()) == minutes


@given(MOMENTS, st.integers(min_value=0, max_value=10 * HOUR_NS), st.integers(min_value=0, max_value=10 * HOUR_NS))
def test_windows_that_meet_on_a_minute_share_no_minute_and_lose_none(start: int, first: int, second: int):
    middle = floor_minute(start + first)
    left = Window(start_ns=min(start, middle), end_ns=middle)
    right = Window(start_ns=middle, end_ns=middle + second)
    whole = Window(start_ns=left.start_ns, end_ns=right.end_ns)
    assert [*left.minutes(), *right.minutes()] == list(whole.minutes())
    assert left.length_ns + right.length_ns == whole.length_ns
