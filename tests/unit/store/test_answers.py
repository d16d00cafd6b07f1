"""What several shapes of series say of a minute and group becomes one value, and series are told apart by group."""

import numpy as np
import pytest

from model.queries import Group, MinuteValue, Reducer
from store.answers import Answers, put_together

GROUPS: list[Group] = [(("device", "a"),), (("device", "b"),), (("device", "c"),)]


def answers(*rows: tuple[int, int, float, float]) -> Answers:
    step_ns, group, a, b = (np.array(column) for column in zip(*rows, strict=True))
    return Answers(step_ns, group, a.astype(np.float64), b.astype(np.float64))


@pytest.mark.parametrize(
    ("reducer", "value"), [(Reducer.SUM, 8.0), (Reducer.MIN, 2.0), (Reducer.MAX, 6.0), (Reducer.MEAN, 8.0 / 5.0)]
)
def test_two_shapes_of_a_minute_are_one_value(reducer, value):
    both = put_together(reducer, [answers((60, 0, 6.0, 1.0)), answers((60, 0, 2.0, 4.0))], GROUPS)
    assert both.as_minutes() == [MinuteValue(60, GROUPS[0], value)]


def test_groups_of_one_and_the_same_minute_stay_apart():
    told = put_together(Reducer.SUM, [answers((60, 0, 1.0, 1.0)), answers((60, 1, 2.0, 1.0))], GROUPS)
    assert told.as_minutes() == [MinuteValue(60, GROUPS[0], 1.0), MinuteValue(60, GROUPS[1], 2.0)]


def test_series_come_in_the_order_of_groups_and_of_time_without_those_that_say_nothing():
    told = put_together(Reducer.SUM, [answers((120, 2, 1.0, 1.0), (60, 2, 2.0, 1.0), (60, 0, 3.0, 1.0))], GROUPS)
    series = [(each.group, each.time_ns.tolist(), each.value.tolist()) for each in told.as_series()]
    assert series == [(GROUPS[0], [60], [3.0]), (GROUPS[2], [60, 120], [2.0, 1.0])]


def test_of_nothing_comes_nothing():
    assert put_together(Reducer.MEAN, [], []).as_minutes() == []
