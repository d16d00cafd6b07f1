"""Samples fall into the buckets that a count by hand puts them in."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.histograms import build_buckets
from model.registry import load_registry

ALL_BOUNDS = sorted({metric.bounds for metric in load_registry().metrics.values() if metric.bounds})


def count_by_hand(values: list[float], bounds: tuple[float, ...]) -> list[int]:
    edges = [-np.inf, *bounds, np.inf]
    return [sum(low < value <= high for value in values) for low, high in pairwise(edges)]


@given(data=st.data(), bounds=st.sampled_from(ALL_BOUNDS))
def test_buckets_hold_what_a_count_by_hand_holds(data: st.DataObject, bounds: tuple[float, ...]) -> None:
    value = st.sampled_from(bounds) | st.floats(-1, 20)
    points = data.draw(st.lists(st.lists(value, min_size=1, max_size=20), min_size=1, max_size=4))
    splits = np.cumsum([0, *map(len, points)])
    buckets = build_buckets(np.concatenate(points), splits, np.array(bounds))
    assert buckets.counts.tolist() == [count_by_hand(values, bounds) for values in points]
    assert buckets.count.tolist() == list(map(len, points))
    assert (buckets.min.tolist(), buckets.max.tolist()) == (list(map(min, points)), list(map(max, points)))


@pytest.mark.parametrize(
    ("value", "bucket"), [(0.5, 0), (np.nextafter(0.5, 1), 1), (1.0, 1), (np.nextafter(1.0, 2), 2), (-3.0, 0)]
)
def test_a_value_on_a_bound_falls_below_it(value: float, bucket: int) -> None:
    counts = build_buckets(np.array([value]), np.array([0, 1]), np.array([0.5, 1.0])).counts
    assert counts[0].tolist().index(1) == bucket


@given(points=st.lists(st.lists(st.floats(0, 10), min_size=1, max_size=20), min_size=2, max_size=4))
def test_a_point_does_not_depend_on_its_neighbours(points: list[list[float]]) -> None:
    bounds = np.array([1.0, 5.0])
    together = build_buckets(np.concatenate(points), np.cumsum([0, *map(len, points)]), bounds)
    alone = [build_buckets(np.array(values), np.array([0, len(values)]), bounds) for values in points]
    assert together.sum.tolist() == [point.sum[0] for point in alone]


@pytest.mark.parametrize("bounds", ALL_BOUNDS)
def test_many_values_fall_where_each_of_them_falls_alone(bounds: tuple[float, ...]) -> None:
    values = np.concatenate([np.resize(bounds, 5000), np.random.default_rng(1).uniform(-1, 2 * bounds[-1], 5000)])
    alone = build_buckets(values, np.arange(len(values) + 1), np.array(bounds))
    for start in range(0, len(values), 1000):
        part = slice(start, start + 1000)
        few = build_buckets(values[part], np.arange(1001), np.array(bounds))
        assert np.array_equal(few.counts, alone.counts[part])
