"""The same telemetry gives the same numbers on plain PostgreSQL and on TimescaleDB, to the last event."""

from collections.abc import Iterator

import numpy as np
import pytest

from model import names
from model.clock import HOUR_NS, MINUTE_NS
from model.points import Batch, HistogramPoint, Temporality
from model.queries import MetricQuery, MinuteValue, Reducer
from model.windows import Window
from store import Store, Writer
from tests.integration.telemetry import T0, Point, at, batch, fidelity, histogram, reads, t2
from tests.services.databases import MigratedDatabases

WINDOW = Window(start_ns=T0, end_ns=T0 + 6 * HOUR_NS)
DEVICE = (names.ATTR_DEVICE_ID,)
QUERIES = {
    "reads": MetricQuery(metric=names.METRIC_MEMORY_READS, reducer=Reducer.SUM, group_by=DEVICE),
    "good reads": MetricQuery(
        metric=names.METRIC_MEMORY_READS, reducer=Reducer.SUM, filters=((names.ATTR_OUTCOME, ("success",)),)
    ),
    "good fidelities": MetricQuery(metric=names.METRIC_MEMORY_FIDELITY, reducer=Reducer.COUNT, above=0.9),
    "fidelities": MetricQuery(metric=names.METRIC_MEMORY_FIDELITY, reducer=Reducer.COUNT),
    "worst T2": MetricQuery(metric=names.METRIC_MEMORY_T2, reducer=Reducer.MIN),
    "last T2": MetricQuery(metric=names.METRIC_MEMORY_T2, reducer=Reducer.LAST),
}


@pytest.fixture(scope="module")
def both_stores(
    databases: MigratedDatabases, embedded_server_url: str, timescale_server_url: str
) -> Iterator[tuple[Store, Store]]:
    with (
        databases.on(embedded_server_url) as plain,
        databases.on(timescale_server_url) as timescale,
    ):
        stores = []
        for url in (plain, timescale):
            writer = Writer(url)
            for sent in telemetry():
                writer.write("spool-1", [sent])
            writer.close()
            stores.append(Store(url))
        yield stores[0], stores[1]
        for store in stores:
            store.close()


def telemetry() -> list[Batch]:
    """Six hours, out of order, with retries and restarts."""
    rng = np.random.default_rng(11)
    cumulative = reads(device="mem-b", temporality=Temporality.CUMULATIVE)
    points: list[Point] = []
    total, start = 0.0, at(-5)
    for time_ns in range(T0, T0 + 6 * HOUR_NS, MINUTE_NS // 3):
        points += [
            (reads(outcome), time_ns, time_ns - MINUTE_NS // 3, float(rng.integers(0, 1000)))
            for outcome in ("success", "failure")
        ]
        if rng.random() < 0.01:
            total, start = 0.0, time_ns - 1
        total += float(rng.integers(0, 1000))
        points.append((cumulative, time_ns, start, total))
        points.append((t2(), time_ns, 0, float(rng.normal(0.02, 0.001))))
    shuffled = [points[i] for i in rng.permutation(len(points))]
    found = [sample(rng, minute) for minute in range(360)]
    parts = [shuffled[i : i + 600] for i in range(0, len(shuffled), 500)]  # each repeats a hundred of the next
    return [batch(n, part, histograms=found[n * 40 - 60 : n * 40]) for n, part in enumerate(parts, start=2)]


def sample(rng: np.random.Generator, minute: int) -> HistogramPoint:
    return histogram(fidelity(), at(minute), rng.integers(0, 50, 4).tolist())


@pytest.mark.parametrize("what", QUERIES)
def test_every_minute_is_equal(both_stores, what):
    plain, timescale = (sorted(store.read_minutes(QUERIES[what], WINDOW), key=order) for store in both_stores)
    assert len(plain) >= 200
    assert plain == timescale


def test_the_dirty_minutes_are_equal(both_stores):
    taken = []
    for store in both_stores:
        with store.recount(limit=10**6) as dirty:
            taken.append(dirty)
    assert taken[0] == taken[1]


def order(minute: MinuteValue) -> tuple[object, int]:
    return minute.group, minute.minute_ns
