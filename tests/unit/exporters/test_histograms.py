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
    values = data.draw(st.lists(value, min_size=1, max_size=60))
    buckets = build_buckets(np.array(values), np.array(bounds))
    assert buckets.counts.tolist() == count_by_hand(values, bounds)
    assert buckets.count == len(values)
    assert (buckets.min, buckets.max) == (min(values), max(values))


@pytest.mark.parametrize(
    ("value", "bucket"), [(0.5, 0), (np.nextafter(0.5, 1), 1), (1.0, 1), (np.nextafter(1.0, 2), 2), (-3.0, 0)]
)
def test_a_value_on_a_bound_falls_below_it(value: float, bucket: int) -> None:
    counts = build_buckets(np.array([value]), np.array([0.5, 1.0])).counts
    assert counts.tolist().index(1) == bucket


@given(values=st.lists(st.floats(0, 10), min_size=1, max_size=40), seed=st.integers(0, 1000))
def test_the_order_of_the_samples_does_not_matter(values: list[float], seed: int) -> None:
    shuffled = np.random.default_rng(seed).permutation(values)
    bounds = np.array([1.0, 5.0])
    assert build_buckets(shuffled, bounds).sum == build_buckets(np.array(values), bounds).sum
