"""Quantiles of histograms in the database: linear inside their bucket, null where nothing was counted."""

import itertools
import random

import pytest

from store import connect

BOUNDS = [1.0, 2.0, 5.0]


def ask(database: str, q: float | None, bounds: list[float], buckets: list[int] | None) -> float | None:
    with connect(database) as connection:
        asked = b"select histogram_quantile(%s::float8, %s::float8[], %s::bigint[])"
        answer: float | None = (connection.execute(asked, (q, bounds, buckets)).fetchone() or (None,))[0]
    return answer


@pytest.mark.parametrize(
    ("q", "buckets", "quantile"),
    [
        (0.5, [0, 4, 0, 0], 1.5),
        (0.25, [0, 4, 0, 0], 1.25),
        (0.5, [4, 0, 0, 0], 0.5),  # the first bucket begins at nothing
        (0.5, [1, 0, 1, 0], 1.0),  # the end of a bucket, not the empty one after it
        (0.51, [50, 0, 50, 0], 2.06),
        (0.0, [0, 0, 3, 0], 2.0),
        (1.0, [0, 0, 3, 0], 5.0),
        (0.9, [0, 0, 1, 9], 5.0),  # nobody knows how far above the last bound
        (0.5, [2**60, 2**60, 0, 0], 1.0),
    ],
)
def test_a_quantile_lies_inside_its_bucket(database: str, q: float, buckets: list[int], quantile: float):
    assert ask(database, q, BOUNDS, buckets) == pytest.approx(quantile)


def test_what_lies_below_zero_begins_at_its_own_bound(database: str):
    assert ask(database, 0.5, [-3.0, -1.0], [4, 0, 0]) == -3.0


@pytest.mark.parametrize(
    ("q", "buckets"),
    [(0.5, [0, 0, 0, 0]), (0.5, []), (0.5, None), (None, [1, 0, 0, 0]), (-0.1, [1, 0, 0, 0]), (1.1, [1, 0, 0, 0])],
)
def test_there_is_no_quantile_of_nothing(database: str, q: float | None, buckets: list[int] | None):
    assert ask(database, q, BOUNDS, buckets) is None


def test_quantiles_of_histograms_at_random_are_those_of_their_samples_spread_evenly(database: str):
    rng = random.Random(7)
    for _ in range(50):
        bounds = sorted({round(rng.uniform(0.1, 9), 3) for _ in range(rng.randint(1, 16))})
        buckets = [rng.choice((0, 0, rng.randint(1, 99))) for _ in bounds] + [0]
        total = sum(buckets)
        if total:
            q = rng.random()
            assert ask(database, q, bounds, buckets) == pytest.approx(spread_evenly(q * total, bounds, buckets))


def spread_evenly(rank: float, bounds: list[float], buckets: list[int]) -> float:
    """Where the sample of this rank lies if each bucket's samples are spread evenly over it."""
    ends = list(itertools.accumulate(buckets))
    place = next(index for index, end in enumerate(ends) if end >= rank and buckets[index])
    low = bounds[place - 1] if place else 0.0
    return bounds[place] - (bounds[place] - low) * (ends[place] - rank) / buckets[place]
