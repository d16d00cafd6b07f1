"""Minutes as the database counts them equal a recount in Python, on every database."""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest

from model import names
from model.attributes import attributes
from model.clock import DAY_NS, HOUR_NS, SECOND_NS
from model.errors import InvalidInputError
from model.points import ExponentialPoint, HistogramPoint, Kind, Temporality
from model.queries import Group, MetricQuery, Reducer
from model.windows import Window, minute_of
from store import Store, Writer
from tests.integration.telemetry import Point, at, batch, fidelity, histogram, reads, series, t2

SPOOL = "spool-1"
DEVICE = (names.ATTR_DEVICE_ID,)
HALF_HOUR = Window(start_ns=at(0), end_ns=at(30))
Minutes = dict[tuple[Group, int], float]


def read(store: Store, query: MetricQuery, window: Window = HALF_HOUR) -> Minutes:
    return {(m.group, m.minute_ns): m.value for m in store.read_minutes(query, window)}


def count_of(metric: str, reducer: Reducer = Reducer.SUM, **more) -> MetricQuery:
    return MetricQuery(metric=metric, reducer=reducer, **more)


def sums(values: Iterable[tuple[Group, int, float]]) -> Minutes:
    """Sum (group, time, value) by minute and group."""
    result: Minutes = defaultdict(float)
    for group, time_ns, value in values:
        result[group, minute_of(time_ns)] += value
    return dict(result)


def increases(points: list[Point]) -> list[tuple[int, float]]:
    """Return (time, increase) of one cumulative series, as the data model has it."""
    found = []
    before: Point | None = None
    for point in sorted(points, key=lambda p: (p[1], p[2])):
        _, time_ns, start_ns, value = point
        if before is None:
            known_start = 0 < start_ns < time_ns and start_ns >= time_ns - HOUR_NS
            found.append((time_ns, value if known_start else 0.0))
        elif start_ns and before[2] and start_ns != before[2]:
            found.append((time_ns, 0.0 if start_ns == time_ns else value))
        else:
            found.append((time_ns, value if value < before[3] else value - before[3]))
        before = point
    return found


def group(**labels: str) -> Group:
    return tuple(sorted(labels.items()))


@pytest.mark.parametrize("seed", [1, 2])
def test_delta_counters_sum_by_minute_and_group(store, writer, seed):
    rng = np.random.default_rng(seed)
    points: list[Point] = []
    for device in ("mem-a", "mem-b"):
        for outcome in ("success", "failure"):
            times = np.unique(rng.integers(-120, 2100, 400)) * SECOND_NS + at(0)
            points += [
                (reads(outcome, device), int(t), int(t) - SECOND_NS, float(rng.integers(0, 50))) for t in times
            ]
    writer.write(SPOOL, [batch(1, points)])
    expected = sums(
        (group(device=str(dict(of.attributes)[names.ATTR_DEVICE_ID])), time_ns, value)
        for of, time_ns, _, value in points
        if at(0) < time_ns <= at(30) and dict(of.attributes)[names.ATTR_OUTCOME] == "failure"
    )
    filters = ((names.ATTR_OUTCOME, ("failure",)),)
    assert read(store, count_of(names.METRIC_MEMORY_READS, group_by=DEVICE, filters=filters)) == expected


@pytest.mark.parametrize("seed", range(6))
def test_cumulative_counters_count_increases_across_resets(store, writer, seed):
    rng = np.random.default_rng(seed)
    counter = reads(temporality=Temporality.CUMULATIVE)
    points: list[Point] = []
    value, start = 0.0, at(-20) if seed % 2 else at(-300)
    for time_s in sorted(set(rng.integers(-600, 2400, 120).tolist())):
        time_ns = at(0) + time_s * SECOND_NS
        value += float(rng.integers(0, 9))
        fate = rng.random()
        if fate < 0.05:  # restarted at a known time
            start, value = time_ns - 5 * SECOND_NS, float(rng.integers(0, 9))
        elif fate < 0.1:  # restarted at an unknown time
            start, value = time_ns, float(rng.integers(0, 99))
        elif fate < 0.15:  # restarted without saying so
            value = float(rng.integers(0, 3))
        points.append((counter, time_ns, start, value))
    arrivals = [points[i] for i in rng.permutation(len(points))]
    writer.write(SPOOL, [batch(1, arrivals[:60])])
    writer.write(SPOOL, [batch(2, arrivals[40:])])
    expected = sums(((), t, v) for t, v in increases(points) if at(0) < t <= at(30))
    assert read(store, count_of(names.METRIC_MEMORY_READS)) == expected


def test_cumulative_counters_without_a_start_count_from_their_second_point(store, writer):
    counter = reads(temporality=Temporality.CUMULATIVE)
    writer.write(
        SPOOL, [batch(1, [(counter, at(1), 0, 100.0), (counter, at(2), 0, 104.0), (counter, at(3), 0, 3.0)])]
    )
    assert list(read(store, count_of(names.METRIC_MEMORY_READS)).values()) == [0.0, 4.0, 3.0]


def test_a_counter_that_is_old_when_first_seen_does_not_add_its_past(store, writer):
    counter = reads(temporality=Temporality.CUMULATIVE)
    writer.write(SPOOL, [batch(1, [(counter, at(1), at(-600), 1e9), (counter, at(2), at(-600), 1e9 + 2)])])
    assert list(read(store, count_of(names.METRIC_MEMORY_READS)).values()) == [0.0, 2.0]


def test_one_minute_alone_is_counted_as_within_a_longer_window(store, writer):
    counter = reads(temporality=Temporality.CUMULATIVE)
    writer.write(SPOOL, [batch(1, [(counter, at(i), at(0), float(i * i)) for i in range(1, 20)])])
    query = count_of(names.METRIC_MEMORY_READS)
    alone = [read(store, query, Window(start_ns=at(i), end_ns=at(i + 1))) for i in range(30)]
    assert {k: v for minute in alone for k, v in minute.items()} == read(store, query)


def test_delta_and_cumulative_series_of_a_metric_add_up(store, writer):
    cumulative = reads(device="mem-b", temporality=Temporality.CUMULATIVE)
    writer.write(SPOOL, [batch(1, [(reads(), at(1), at(0), 5.0), (cumulative, at(1), at(0), 2.0)])])
    assert read(store, count_of(names.METRIC_MEMORY_READS)) == {((), at(0)): 7.0}


GAUGE_REDUCERS: dict[Reducer, Callable[[list[float]], float]] = {
    Reducer.SUM: sum,
    Reducer.COUNT: len,
    Reducer.MEAN: lambda values: math.fsum(values) / len(values),
    Reducer.MIN: min,
    Reducer.MAX: max,
    Reducer.LAST: lambda values: values[-1],
}


@pytest.mark.parametrize("reducer", GAUGE_REDUCERS)
def test_gauges_are_reduced_by_minute(store, writer, reducer):
    rng = np.random.default_rng(5)
    times = [at(0) + int(s) * SECOND_NS for s in np.unique(rng.integers(1, 1800, 300))]
    points: list[Point] = [(t2(), t, 0, float(rng.normal())) for t in times]
    writer.write(SPOOL, [batch(1, [*points, (t2(slot="broken"), at(1), 0, math.nan)])])
    values = defaultdict(list)
    for _, time_ns, _, value in points:
        values[minute_of(time_ns)].append(value)
    expected = {((), minute): GAUGE_REDUCERS[reducer](found) for minute, found in values.items()}
    assert read(store, count_of(names.METRIC_MEMORY_T2, reducer)) == pytest.approx(expected)


def histograms(seed: int) -> list[HistogramPoint]:
    rng = np.random.default_rng(seed)
    seconds = np.unique(rng.integers(-300, 2100, 200)).tolist()
    return [
        histogram(fidelity(), at(0) + s * SECOND_NS, rng.integers(0, 9, 4).tolist(), total=float(rng.integers(0, 99)))
        for s in seconds
    ]


HISTOGRAM_ANSWERS: dict[str, tuple[MetricQuery, Callable[[HistogramPoint], float]]] = {
    "count": (count_of(names.METRIC_MEMORY_FIDELITY, Reducer.COUNT), lambda p: p.count),
    "sum": (count_of(names.METRIC_MEMORY_FIDELITY, Reducer.SUM), lambda p: p.sum or 0.0),
    "above": (count_of(names.METRIC_MEMORY_FIDELITY, Reducer.COUNT, above=0.9), lambda p: sum(p.buckets[2:])),
    "at most": (count_of(names.METRIC_MEMORY_FIDELITY, Reducer.COUNT, at_most=0.9), lambda p: sum(p.buckets[:2])),
}


@pytest.mark.parametrize("what", HISTOGRAM_ANSWERS)
def test_delta_histograms_are_counted_by_whole_buckets(store, writer, what):
    query, answer = HISTOGRAM_ANSWERS[what]
    points = histograms(7)
    writer.write(SPOOL, [batch(1, histograms=points)])
    assert read(store, query) == sums(((), p.time_ns, answer(p)) for p in points if at(0) < p.time_ns <= at(30))


@pytest.mark.parametrize("what", HISTOGRAM_ANSWERS)
def test_cumulative_histograms_count_increases(store, writer, what):
    query, answer = HISTOGRAM_ANSWERS[what]
    deltas = histograms(8)
    sent: list[HistogramPoint] = []
    for n, point in enumerate(deltas):
        restarted = n in {0, 90}
        start_ns = sent[-1].start_ns if not restarted else deltas[89].time_ns if n else at(-10)
        buckets = (
            point.buckets if restarted else [a + b for a, b in zip(sent[-1].buckets, point.buckets, strict=True)]
        )
        total = (point.sum or 0.0) + (0.0 if restarted else sent[-1].sum or 0.0)
        of = fidelity(temporality=Temporality.CUMULATIVE)
        sent.append(histogram(of, point.time_ns, buckets, start_ns=start_ns, total=total))
    writer.write(SPOOL, [batch(1, histograms=sent)])
    assert read(store, query) == sums(((), p.time_ns, answer(p)) for p in deltas if at(0) < p.time_ns <= at(30))


def test_the_mean_of_histograms_is_of_their_samples(store, writer):
    points = [
        histogram(fidelity(), at(1), [0, 0, 1, 0], total=0.92),
        histogram(fidelity("slot-1"), at(1), [0, 3, 0, 0], total=2.4),
    ]
    writer.write(SPOOL, [batch(1, histograms=points)])
    mean = count_of(names.METRIC_MEMORY_FIDELITY, Reducer.MEAN)
    assert read(store, mean) == {((), at(0)): pytest.approx(3.32 / 4)}


def test_a_threshold_between_bounds_is_refused_with_the_bounds(store, writer):
    writer.write(SPOOL, [batch(1, histograms=histograms(9))])
    with pytest.raises(InvalidInputError, match=r"0\.91 is not a bucket bound.*0\.5, 0\.9, 0\.95"):
        read(store, count_of(names.METRIC_MEMORY_FIDELITY, Reducer.COUNT, above=0.91))


def test_a_threshold_that_only_some_points_have_is_refused(store, writer):
    other = histogram(fidelity("slot-1"), at(2), [1, 1, 1, 1])
    object.__setattr__(other, "bounds", (0.5, 0.8, 0.95))
    writer.write(SPOOL, [batch(1, histograms=[histogram(fidelity(), at(1), [1, 1, 1, 1]), other])])
    with pytest.raises(InvalidInputError, match=r"not a bucket bound of every stored histogram"):
        read(store, count_of(names.METRIC_MEMORY_FIDELITY, Reducer.COUNT, above=0.9))


@pytest.fixture
def counted_exponentials(store: Store, writer: Writer) -> Callable[[float, float], Minutes]:
    """Store a point with a zero threshold, and count its samples above a bound.

    At scale 1 the positive buckets start at 2 ** (-1/2), 1, 2 ** (1/2), 2 and hold 0, 1, 1, 3 samples; 2 are zero.
    """
    of = series("quantum.memory.hold.duration", Kind.EXPONENTIAL_HISTOGRAM, Temporality.DELTA, device="mem-delft")

    def count(zero_threshold: float, bound: float) -> Minutes:
        point = ExponentialPoint(
            series=of, time_ns=at(1), start_ns=at(0), count=7, sum=9.0, min=None, max=None, scale=1, zero_count=2,
            positive_offset=-1, positive=(0, 1, 1, 3), negative_offset=0, negative=(), zero_threshold=zero_threshold,
        )  # fmt: skip
        sent = batch(1)
        sent.exponentials.append(point)
        writer.write(SPOOL, [sent])
        return read(store, count_of(of.metric, Reducer.COUNT, above=bound))

    return count


@pytest.mark.parametrize(
    ("zero_threshold", "bound", "above"),
    [(0.0, 1.0, 5), (0.0, 2.0, 3), (0.0, 0.0, 5), (1.25, 1.25, 5), (1.25, 2.0, 3), (1.0, 1.0, 5)],
)
def test_exponential_histograms_count_above_their_own_bounds(counted_exponentials, zero_threshold, bound, above):
    assert counted_exponentials(zero_threshold, bound) == {((), at(0)): above}


@pytest.mark.parametrize(("zero_threshold", "bound"), [(0.0, 1.5), (0.0, -1.0), (1.25, 1.5), (1.25, 1.0), (0.5, 0.0)])
def test_what_lies_within_a_bucket_or_below_the_zero_threshold_is_no_bound(
    counted_exponentials, zero_threshold, bound
):
    with pytest.raises(InvalidInputError, match="not a bucket bound"):
        counted_exponentials(zero_threshold, bound)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        (count_of(names.METRIC_MEMORY_READS, Reducer.MEAN), "a delta does not answer mean"),
        (count_of(names.METRIC_MEMORY_READS, above=1.0), "a delta does not answer a threshold"),
        (count_of(names.METRIC_MEMORY_FIDELITY, Reducer.LAST), "a histogram does not answer last"),
        (count_of(names.METRIC_MEMORY_FIDELITY, Reducer.COUNT, above=0.5, at_most=0.9), "both above and at_most"),
    ],
)
def test_a_question_that_the_metric_cannot_answer_is_refused(store, writer, query, why):
    writer.write(SPOOL, [batch(1, [(reads(), at(1), at(0), 1.0)], histograms=histograms(1))])
    with pytest.raises(InvalidInputError, match=why):
        read(store, query)


def test_groups_use_short_columns_and_resource_attributes_count(store, writer):
    writer.write(SPOOL, [batch(1, [(reads(), at(1), at(0), 1.0)])])
    query = count_of(
        names.METRIC_MEMORY_READS, group_by=(names.ATTR_SITE_ID, names.ATTR_DEVICE_ID, names.ATTR_SLOT_ID)
    )
    assert [found for found, _ in read(store, query)] == [(("device", "mem-delft"), ("site", "delft"), ("slot", ""))]


def test_no_point_counts_for_another_site_than_that_as_which_it_was_sent(store, writer):
    labels = attributes({names.ATTR_SITE_ID: "hague", names.ATTR_DEVICE_ID: "mem-delft"})
    writer.write(SPOOL, [batch(1, [(replace(reads(), attributes=labels), at(1), at(0), 1.0)])])
    query = count_of(names.METRIC_MEMORY_READS, group_by=(names.ATTR_SITE_ID,))
    assert [found for found, _ in read(store, query)] == [(("site", "delft"),)]
    assert read(store, replace(query, filters=((names.ATTR_SITE_ID, ("hague",)),))) == {}


def test_an_unknown_metric_has_no_minutes(store):
    assert store.read_minutes(count_of("quantum.unknown"), HALF_HOUR) == []


def test_the_newest_data_is_known_per_metric_and_entity(database, store):
    assert store.read_last_data_ns() is None
    writer = Writer(database)
    writer.write(SPOOL, [batch(1, [(reads(), at(1), at(0), 1.0), (t2(), at(2), 0, 1.0)])])
    writer.close()
    entity = (("device", "mem-delft"), ("site", "delft"))
    assert store.read_last_data_ns() == at(2)
    assert store.read_last_data(names.METRIC_MEMORY_READS) == {(names.METRIC_MEMORY_READS, entity): at(1)}


def test_an_entity_was_heard_of_at_its_newest_point_of_any_metric(database, store):
    writer = Writer(database)
    writer.write(SPOOL, [batch(1, [(reads(), at(1), at(0), 1.0), (t2(), at(2), 0, 1.0)])])
    writer.close()
    assert store.read_heard() == [("mem-delft", "delft", at(2))]


def test_what_a_writer_stored_last_is_found_though_it_has_not_told_yet(store, writer):
    for position in (1, 2):  # of the second a killed writer would never tell
        writer.write(SPOOL, [batch(position, [(reads(), at(position), at(position - 1), 1.0)])])
    assert store.find_last_data_ns() == at(2)


def test_an_empty_database_has_no_newest_point(store):
    assert store.find_last_data_ns() is None


def test_a_clock_that_runs_ahead_does_not_pass_for_news(database, store):
    writer = Writer(database)
    tomorrow = time.time_ns() + DAY_NS
    writer.write(SPOOL, [batch(1, [(reads(), at(1), at(0), 1.0), (t2(), tomorrow, 0, 1.0)])])
    writer.close()
    assert store.read_last_data_ns() == store.find_last_data_ns() == at(1)
