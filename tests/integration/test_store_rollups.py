"""Rollups equal a recount of the points in Python, whatever came late, on every database."""

import math
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

import numpy as np
import pytest

from herald.engine_loop import run_engine
from herald.settings import DataDirectory
from model import names
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS, to_ns
from model.points import Temporality
from store import RollupStore, Store, connect
from tests.integration.telemetry import (
    BOUNDS,
    T0,
    Point,
    at,
    batch,
    fidelity,
    histogram,
    query_all,
    reads,
    t2,
)
from tests.integration.test_store_minutes import increases

SPOOL = "spool-1"
FAR_NS = T0 + 365 * DAY_NS
Row = tuple[object, ...]


@pytest.fixture
def rollups(database: str) -> Iterator[RollupStore]:
    """What rolls up the migrated database."""
    with RollupStore(database) as rollups:
        yield rollups


def refresh(store: Store, rollups: RollupStore, *, closed_ns: int = FAR_NS, since_ns: int = 0) -> int:
    """Pass on what the writer has logged, as the engine does, and roll all of it up."""
    with store.recount():
        pass
    return rollups.refresh(closed_ns=closed_ns, since_ns=since_ns, budget_s=30.0).minutes


def read(database: str, table: str, columns: str) -> dict[int, Row]:
    """Return the columns of a rollup of one series by time."""
    rows = query_all(database, f"select time, {columns} from {table} where series_id > 0 order by time")
    return {to_ns(time): tuple(row) for time, *row in rows}  # type: ignore[arg-type]


def by_bucket(points: list[Point], length_ns: int) -> dict[int, list[float]]:
    """Return the values by bucket, in their order in time."""
    found: dict[int, list[float]] = defaultdict(list)
    for _, time_ns, _, value in sorted(points, key=lambda point: point[1]):
        if not math.isnan(value):
            found[(time_ns - 1) // length_ns * length_ns].append(value)
    return found


def random_gauge(seed: int) -> list[Point]:
    rng = np.random.default_rng(seed)
    seconds = np.unique(rng.integers(1, 3 * 3600, 300)).tolist()
    values = np.where(rng.random(len(seconds)) < 0.02, math.nan, rng.integers(-50, 50, len(seconds))).tolist()
    return [(t2(), T0 + s * SECOND_NS, 0, value) for s, value in zip(seconds, values, strict=True)]


@pytest.mark.parametrize(("table", "length_ns"), [("number_minute", MINUTE_NS), ("number_hour", HOUR_NS)])
def test_gauges_equal_a_recount_though_half_of_them_come_late(database, writer, store, rollups, table, length_ns):
    points = random_gauge(3)
    writer.write(SPOOL, [batch(1, points[::2])])
    refresh(store, rollups)
    writer.write(SPOOL, [batch(2, points[1::2])])
    refresh(store, rollups)
    expected = {
        bucket: (len(values), sum(values), min(values), max(values), values[-1], None)
        for bucket, values in by_bucket(points, length_ns).items()
    }
    assert read(database, table, "count, sum, min, max, last, increase") == expected


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("table", "length_ns"), [("number_minute", MINUTE_NS), ("number_hour", HOUR_NS)])
def test_cumulative_counters_increase_across_resets(database, writer, store, rollups, seed, table, length_ns):
    rng = np.random.default_rng(seed)
    counter, points = reads(temporality=Temporality.CUMULATIVE), []
    value, start = 0.0, at(-20)
    for second in np.unique(rng.integers(1, 2 * 3600, 150)).tolist():
        time_ns, fate = T0 + second * SECOND_NS, rng.random()
        value += float(rng.integers(0, 9))
        if fate < 0.05:
            start, value = time_ns - 5 * SECOND_NS, 3.0
        elif fate < 0.1:
            start, value = time_ns, 70.0
        elif fate < 0.15:
            value = 1.0
        points.append((counter, time_ns, start, value))
    arrivals = [points[i] for i in rng.permutation(len(points))]
    for position, part in enumerate((arrivals[:50], arrivals[50:100], arrivals[100:]), start=1):
        writer.write(SPOOL, [batch(position, part)])
        refresh(store, rollups)
    expected: dict[int, float] = defaultdict(float)
    for time_ns, increase in increases(points):
        expected[(time_ns - 1) // length_ns * length_ns] += increase
    assert read(database, table, "increase") == {bucket: (total,) for bucket, total in expected.items()}


def test_delta_counters_increase_by_their_values(database, writer, store, rollups):
    writer.write(SPOOL, [batch(1, [(reads(), at(m), at(m - 0.5), 2.0) for m in (0.5, 1, 1.5)])])
    refresh(store, rollups)
    assert read(database, "number_minute", "increase") == {at(0): (4.0,), at(1): (2.0,)}


def test_what_may_fall_has_no_increase(database, writer, store, rollups):
    level = reads(temporality=Temporality.CUMULATIVE)
    object.__setattr__(level, "monotonic", False)
    writer.write(SPOOL, [batch(1, [(level, at(1), at(0), 5.0), (level, at(2), at(0), 3.0)])])
    refresh(store, rollups)
    assert read(database, "number_minute", "last, increase") == {at(0): (5.0, None), at(1): (3.0, None)}


@pytest.mark.parametrize(("table", "length_ns"), [("histogram_minute", MINUTE_NS), ("histogram_hour", HOUR_NS)])
@pytest.mark.parametrize("temporality", [Temporality.DELTA, Temporality.CUMULATIVE])
def test_histograms_are_merged_bucket_by_bucket(database, writer, store, rollups, table, length_ns, temporality):
    rng = np.random.default_rng(4)
    seconds = np.unique(rng.integers(1, 2 * 3600, 120)).tolist()
    deltas = rng.integers(0, 9, (len(seconds), len(BOUNDS) + 1))
    restart = 60
    running = np.vstack([deltas[:restart].cumsum(axis=0), deltas[restart:].cumsum(axis=0)])
    sent = deltas if temporality is Temporality.DELTA else running
    points = [
        histogram(
            fidelity(temporality=temporality), T0 + s * SECOND_NS, buckets.tolist(), total=float(buckets.sum()),
            start_ns=T0 if n < restart else T0 + seconds[restart - 1] * SECOND_NS,
        )
        for n, (s, buckets) in enumerate(zip(seconds, sent, strict=True))
    ]  # fmt: skip
    order = rng.permutation(len(points))
    for position, part in enumerate((order[:70], order[70:]), start=1):
        writer.write(SPOOL, [batch(position, histograms=[points[i] for i in part])])
        refresh(store, rollups)
    expected: dict[int, np.ndarray] = {}
    for s, buckets in zip(seconds, deltas, strict=True):
        bucket = (T0 + s * SECOND_NS - 1) // length_ns * length_ns
        expected[bucket] = expected.get(bucket, np.zeros(len(BOUNDS) + 1, dtype=int)) + buckets
    assert read(database, table, "count, sum, buckets, bounds") == {
        bucket: (int(total.sum()), float(total.sum()), total.tolist(), list(BOUNDS))
        for bucket, total in expected.items()
    }


def test_a_cumulative_histogram_that_no_longer_tells_its_start_goes_on(database, writer, store, rollups):
    of = fidelity(temporality=Temporality.CUMULATIVE)
    told, untold = histogram(of, at(1), [0, 5, 0, 0], start_ns=at(0)), histogram(of, at(2), [0, 7, 0, 1], start_ns=0)
    writer.write(SPOOL, [batch(1, histograms=[told, untold])])
    refresh(store, rollups)
    assert read(database, "histogram_minute", "buckets") == {at(0): ([0, 5, 0, 0],), at(1): ([0, 2, 0, 1],)}


def test_changed_bounds_are_kept_apart(database, writer, store, rollups):
    other = histogram(fidelity(), at(0.9), [1, 1, 1, 1])
    object.__setattr__(other, "bounds", (1.0, 2.0, 3.0))
    writer.write(SPOOL, [batch(1, histograms=[histogram(fidelity(), at(0.5), [0, 5, 0, 0]), other])])
    refresh(store, rollups)
    rows = query_all(database, "select bounds, buckets from histogram_minute where series_id > 0 order by bounds")
    assert rows == [(list(BOUNDS), [0, 5, 0, 0]), ([1.0, 2.0, 3.0], [1, 1, 1, 1])]


def test_a_minute_waits_until_it_has_closed(database, writer, store, rollups):
    writer.write(SPOOL, [batch(1, [(t2(), at(1), 0, 1.0), (t2(), at(2), 0, 2.0)])])
    assert refresh(store, rollups, closed_ns=at(1)) == 1
    assert list(read(database, "number_minute", "last")) == [at(0)]
    assert refresh(store, rollups, closed_ns=at(2)) == 1


def test_the_newest_hours_come_first_and_then_the_past_by_the_day(database, rollups):
    hours = (["12:10", "12:20"], ["11:50"], ["09:00", "03:00"])
    turns = [[f"2026-11-20 {time}" for time in times] for times in hours] + [["2026-11-19 18:00", "2026-11-19 05:00"]]
    with connect(database) as connection:
        for minute in chain(*turns):
            connection.execute("insert into rollup_dirty values (%s, %s)", (names.METRIC_MEMORY_T2, f"{minute}+00"))
    closed_ns = to_ns(datetime(2026, 11, 20, 12, 30, tzinfo=UTC))
    done = [rollups.refresh(closed_ns=closed_ns, since_ns=0, budget_s=0.0).minutes for _ in turns]
    assert done == [len(turn) for turn in turns]


def test_buckets_whose_points_are_gone_are_left_as_they_are(database, writer, store, rollups):
    writer.write(SPOOL, [batch(1, [(t2(), at(1), 0, 1.0)])])
    refresh(store, rollups)
    query_all(database, "delete from point returning 1")
    writer.write(SPOOL, [batch(2, [(t2(), at(0.5), 0, 9.0)])])
    assert refresh(store, rollups, since_ns=at(60)) == 0
    assert read(database, "number_hour", "last") == {at(0) // HOUR_NS * HOUR_NS: (1.0,)}


def test_a_refresh_that_fails_half_way_has_done_nothing(database, writer, store, rollups, monkeypatch):
    points = [(t2(), at(1), 0, 1.0), (reads(), at(1), at(0), 2.0)]
    writer.write(SPOOL, [batch(1, points)])
    original, calls = RollupStore._roll, []

    def fail_at_second(self, ids, window):
        calls.append(window)
        if len(calls) == 2:
            raise KeyboardInterrupt
        original(self, ids, window)

    monkeypatch.setattr(RollupStore, "_roll", fail_at_second)
    with pytest.raises(KeyboardInterrupt):
        refresh(store, rollups)
    assert query_all(database, "select count(*) from number_minute where series_id > 0") == [(0,)]
    assert rollups.count_waiting(FAR_NS) == 2
    monkeypatch.undo()
    refresh(store, rollups)
    assert query_all(database, "select count(*) from number_minute where series_id > 0") == [(2,)]


def test_dashboards_read_rollups_by_metric_and_attribute(database, writer, store, rollups):
    writer.write(SPOOL, [batch(1, [(t2(), at(0.5), 0, 1.0), (t2(), at(1), 0, 3.0)], histograms=[
        histogram(fidelity(), at(1), [0, 0, 4, 0], total=3.7)])])  # fmt: skip
    refresh(store, rollups)
    numbers = f'select mean, last, device, slot, site from metric_hour."{names.METRIC_MEMORY_T2}"'
    assert query_all(database, numbers) == [(2.0, 3.0, "mem-delft", "slot-0", "delft")]
    histograms = f'select count, buckets, device from metric_minute."{names.METRIC_MEMORY_FIDELITY}"'
    assert query_all(database, histograms) == [(4, [0, 0, 4, 0], "mem-delft")]


@pytest.mark.parametrize("length", ["minute", "hour"])
def test_the_slots_of_a_device_are_added_up_though_some_of_them_come_late(database, writer, store, rollups, length):
    slots = [t2(f"slot-{number}", device) for device in ("mem-delft", "mem-leiden") for number in range(3)]
    points: list[Point] = [(slot, at(m), 0, 10.0 * m + n) for n, slot in enumerate(slots) for m in (1, 2, 61)]
    shapes = [histogram(fidelity(f"slot-{n}"), at(1), [0, n, 4, 0], total=3.0 + n) for n in range(3)]
    writer.write(SPOOL, [batch(1, points[1::2], histograms=shapes[:1])])
    refresh(store, rollups)
    writer.write(SPOOL, [batch(2, points[::2], histograms=shapes[1:])])
    refresh(store, rollups)
    for metric, added in ((names.METRIC_MEMORY_T2, "0"), (names.METRIC_MEMORY_FIDELITY, "histogram_sum(buckets)")):
        of_slots = query_all(
            database,
            f"select time, device, site, sum(count), sum(sum), min(min), max(max), {added}"
            f' from metric_{length}."{metric}" group by 1, 2, 3 order by 1, 2',
        )
        of_devices = query_all(
            database,
            f"select time, device, site, count, sum, min, max, {added.removeprefix('histogram_sum')}"
            f' from metric_device_{length}."{metric}" order by 1, 2',
        )
        assert of_slots
        assert of_devices == of_slots


def test_the_engine_rolls_up_beside_its_evaluation(database, writer, tmp_path):
    minute_ns = (time.time_ns() // MINUTE_NS - 3) * MINUTE_NS
    writer.write(SPOOL, [batch(1, [(t2(), minute_ns + SECOND_NS, 0, 5.0)])])
    stop = threading.Event()
    options = {"objectives": None, "alertmanagers": (), "metrics": None, "web_url": "http://herald", "stop": stop}
    engine = threading.Thread(
        target=run_engine, kwargs={"database": database, "data": DataDirectory(tmp_path), **options}
    )
    engine.start()
    try:
        deadline = time.monotonic() + 60
        while not (rolled := read(database, "number_minute", "last")) and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        stop.set()
        engine.join()
    assert rolled == {minute_ns: (5.0,)}
