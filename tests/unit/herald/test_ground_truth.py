"""Counting straight from readings follows the same rules as counting from the database."""

from typing import Any

import numpy as np
import pytest

from herald.ground_truth import RecordedSource
from model.attributes import attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_OUTCOME,
    ATTR_SITE_ID,
    EVENT_ALARM,
    METRIC_MEMORY_FIDELITY,
    METRIC_MEMORY_READS,
    METRIC_MEMORY_T2,
)
from model.queries import MetricQuery, Reducer
from model.readings import Count, Happening, Level, Readings, Samples
from model.recording import record_readings
from model.registry import load_registry
from model.windows import Window

HOUR = Window(start_ns=0, end_ns=60 * MINUTE_NS)


@pytest.fixture
def source() -> RecordedSource:
    return RecordedSource(load_registry())


def reads(outcome: str, value: int, *, device: str = "mem-a") -> Count:
    return Count(
        metric=METRIC_MEMORY_READS,
        attributes=attributes({ATTR_DEVICE_ID: device, ATTR_OUTCOME: outcome}),
        value=value,
    )


def tell(source: RecordedSource, **said: Any) -> None:
    source.add(record_readings(Readings(site="x", start_ns=0, **said)))


def answer(source: RecordedSource, query: MetricQuery) -> list[tuple[int, str, float]]:
    found = source.read_minutes(query, HOUR)
    return [(value.minute_ns // MINUTE_NS, "/".join(v for _, v in value.group), value.value) for value in found]


def test_counts_of_one_minute_add_up(source):
    for second in (20, 40, 60):
        tell(source, end_ns=second * SECOND_NS, counts=[reads("success", 5)])
    query = MetricQuery(metric=METRIC_MEMORY_READS, reducer=Reducer.SUM, group_by=(ATTR_DEVICE_ID,))
    assert answer(source, query) == [(0, "mem-a", 15.0)]


def test_a_step_that_ends_on_the_minute_belongs_to_the_minute_it_closes(source):
    tell(source, end_ns=2 * MINUTE_NS, counts=[reads("success", 1)])
    query = MetricQuery(metric=METRIC_MEMORY_READS, reducer=Reducer.SUM)
    assert answer(source, query) == [(1, "", 1.0)]


def test_a_filter_keeps_only_what_it_names(source):
    tell(source, end_ns=MINUTE_NS, counts=[reads("success", 9), reads("failure", 1)])
    filters = ((ATTR_OUTCOME, ("failure",)),)
    query = MetricQuery(metric=METRIC_MEMORY_READS, reducer=Reducer.SUM, filters=filters)
    assert answer(source, query) == [(0, "", 1.0)]


def test_the_site_is_an_attribute_like_any_other(source):
    source.add(record_readings(Readings(site="delft", start_ns=0, end_ns=MINUTE_NS, counts=[reads("success", 9)])))
    query = MetricQuery(metric=METRIC_MEMORY_READS, reducer=Reducer.SUM, group_by=(ATTR_SITE_ID,))
    assert answer(source, query) == [(0, "delft", 9.0)]


@pytest.mark.parametrize(("side", "expected"), [({"above": 0.9}, 1.0), ({"at_most": 0.9}, 2.0)])
def test_a_sample_on_the_bound_is_not_above_it(source, side, expected):
    samples = Samples(metric=METRIC_MEMORY_FIDELITY, attributes=(), values=np.array([0.5, 0.9, 0.95]))
    tell(source, end_ns=MINUTE_NS, samples=[samples])
    query = MetricQuery(metric=METRIC_MEMORY_FIDELITY, reducer=Reducer.COUNT, **side)
    assert answer(source, query) == [(0, "", expected)]


def test_a_level_belongs_to_the_minute_in_which_it_was_measured(source):
    level = Level(metric=METRIC_MEMORY_T2, attributes=(), value=0.5, measured_at_ns=3 * MINUTE_NS + SECOND_NS)
    tell(source, end_ns=10 * MINUTE_NS, levels=[level])
    assert answer(source, MetricQuery(metric=METRIC_MEMORY_T2, reducer=Reducer.LAST)) == [(3, "", 0.5)]


def test_what_happened_is_told_with_its_site_and_belongs_to_the_window_that_it_closes(source):
    for second in (60, 120):
        happening = Happening(
            event=EVENT_ALARM, attributes=attributes({ATTR_DEVICE_ID: "cryo-a"}), time_ns=second * SECOND_NS
        )
        tell(source, end_ns=second * SECOND_NS, happenings=[happening])
    first = Window(start_ns=0, end_ns=MINUTE_NS)
    (event,) = source.read_events(first, [EVENT_ALARM])
    assert event.attributes == {ATTR_DEVICE_ID: "cryo-a", ATTR_SITE_ID: "x"}
    assert source.read_events(first, ["quantum.calibration"]) == []
