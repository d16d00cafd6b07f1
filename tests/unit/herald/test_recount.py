"""Every dirty minute is recounted, in few windows that do not overlap."""

from hypothesis import given
from hypothesis import strategies as st

from alert_rules import load_shipped_objectives
from herald.recount import admits, due_windows, queries_of
from model import names
from model.clock import DAY_NS, MINUTE_NS

READ_SUCCESS = next(o for o in load_shipped_objectives() if o.name == "memory-read-success")
METRIC = queries_of(READ_SUCCESS)[0].metric


def windows_of(minutes: list[int], metric: str = METRIC) -> list[tuple[int, int]]:
    found = due_windows(READ_SUCCESS, {metric: [minute * MINUTE_NS for minute in minutes]})
    return [(w.start_ns // MINUTE_NS, w.end_ns // MINUTE_NS) for w in found]


def test_neighbouring_minutes_are_counted_together():
    assert windows_of([5, 6, 7, 12]) == [(5, 13)]


def test_minutes_far_apart_are_counted_apart():
    assert windows_of([5, 500]) == [(5, 6), (500, 501)]


def test_a_metric_that_the_objective_does_not_ask_for_is_not_its_business():
    assert windows_of([5], metric="quantum.link.attempts") == []


@given(st.sets(st.integers(0, 50_000), max_size=200))
def test_the_windows_cover_every_dirty_minute_once_and_stay_short(minutes):
    windows = windows_of(list(minutes))
    assert all(sum(start <= minute < end for start, end in windows) == 1 for minute in minutes)
    assert all(end - start <= 3 * DAY_NS // MINUTE_NS + 12 for start, end in windows)


def test_an_objective_of_one_link_expects_no_other():
    critical = next(o for o in load_shipped_objectives() if o.name == "network-critical-link")
    filters = {name: values for query in queries_of(critical) for name, values in query.filters}
    (link,) = filters[names.ATTR_LINK_ID]
    assert admits(critical, (("link", link),))
    assert not admits(critical, (("link", "another"),))


def test_an_objective_of_all_devices_expects_any():
    assert admits(READ_SUCCESS, (("device", "another"),))
