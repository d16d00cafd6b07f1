"""Whole metrics by the minute are the same from rollups, from points, and from both, on every database."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from model import names
from model.clock import DAY_NS, SECOND_NS
from model.errors import InvalidInputError
from model.points import HistogramPoint, Kind, Temporality
from model.queries import Group
from model.windows import Window
from store import RollupStore, Store
from tests.integration.telemetry import T0, Point, at, batch, fidelity, histogram, query_all, reads, series, t2

SPOOL = "spool-1"
OTHER_BOUNDS = (0.3, 0.6, 0.8)
TWO_HOURS = Window(start_ns=at(0), end_ns=at(120))
SPLIT = {
    names.METRIC_MEMORY_READS: (names.ATTR_DEVICE_ID, names.ATTR_OUTCOME),
    names.METRIC_MEMORY_T2: (names.ATTR_DEVICE_ID,),
    names.METRIC_MEMORY_FIDELITY: (names.ATTR_DEVICE_ID, names.ATTR_SLOT_ID),
}
Read = dict[tuple[str, Group], dict[int, float]]


@pytest.fixture
def rollups(database: str) -> Iterator[RollupStore]:
    """What rolls up the migrated database."""
    with RollupStore(database) as rollups:
        yield rollups


def roll_up(store: Store, rollups: RollupStore) -> None:
    """Pass on what the writer has logged, as the engine does, and roll all of it up."""
    with store.recount():
        pass
    rollups.refresh(closed_ns=T0 + 365 * DAY_NS, since_ns=0, budget_s=30.0)


def read(store: Store, window: Window = TWO_HOURS) -> Read:
    return {
        (metric, each.group): dict(zip(each.time_ns.tolist(), each.value.tolist(), strict=True))
        for metric, found in store.read_series(SPLIT, window)
        for each in found
    }


def random_numbers(seed: int) -> list[Point]:
    """Return delta and cumulative counters, some of which reset, and gauges of two slots."""
    rng = np.random.default_rng(seed)
    points: list[Point] = []
    for second in np.unique(rng.integers(1, 7200, 400)).tolist():
        time_ns = T0 + second * SECOND_NS
        points.append((reads(), time_ns, time_ns - SECOND_NS, float(rng.integers(0, 9))))
        counted = reads("timeout", temporality=Temporality.CUMULATIVE)
        points.append((counted, time_ns, at(-20) if second < 4000 else at(60), float(second % 4000)))
        points.append((t2(f"slot-{rng.integers(2)}"), time_ns, 0, float(rng.normal(1.0, 0.1))))
    return points


def random_histograms(seed: int) -> list[HistogramPoint]:
    """Return delta histograms of two slots, some with other bounds than those before and after."""
    rng = np.random.default_rng(seed)
    points = []
    for second in np.unique(rng.integers(1, 7200, 400)).tolist():
        buckets, total = rng.integers(0, 5, 4).tolist(), float(rng.random())
        point = histogram(fidelity(f"slot-{second % 2}"), T0 + second * SECOND_NS, buckets, total=total)
        points.append(replace(point, bounds=OTHER_BOUNDS) if second % 5 == 0 else point)
    return points


@pytest.mark.parametrize("seed", range(3))
def test_series_are_the_same_from_points_from_rollups_and_from_both(writer, store, rollups, seed):
    numbers, histograms = random_numbers(seed), random_histograms(seed)
    writer.write(SPOOL, [batch(1, numbers, histograms=histograms)])
    from_points = read(store)
    roll_up(store, rollups)
    from_rollups = read(store)
    late = (reads(), at(90) + SECOND_NS // 2, at(90), 0.0)  # nothing more, but its minute waits
    writer.write(SPOOL, [batch(2, [late])])
    from_both = read(store)
    assert len(from_points) == 5
    for told in (from_rollups, from_both):
        assert told.keys() == from_points.keys()
        for key, minutes in from_points.items():
            assert told[key] == pytest.approx(minutes, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rolled_up", [False, True])
def test_counters_beyond_what_a_double_holds_increase_exactly(writer, store, rollups, rolled_up, seed):
    rng = np.random.default_rng(seed)
    steps = rng.integers(0, 4, 100).tolist()
    values = np.cumsum([2**60 + seed, *steps], dtype=np.int64).tolist()
    counter = reads(temporality=Temporality.CUMULATIVE)
    writer.write(SPOOL, [batch(1, [(counter, at(minute), at(-90), value) for minute, value in enumerate(values)])])
    if rolled_up:
        roll_up(store, rollups)
    (minutes,) = read(store).values()
    assert list(minutes.values()) == steps


def test_a_counter_that_falls_by_less_than_a_double_tells_was_reset(writer, store):
    values = [2**53 + 3, 2**53 + 5, 2**53 + 4]
    counter = reads(temporality=Temporality.CUMULATIVE)
    writer.write(SPOOL, [batch(1, [(counter, at(minute), at(-90), value) for minute, value in enumerate(values)])])
    (minutes,) = read(store).values()
    assert list(minutes.values()) == [2.0, float(2**53 + 4)]


def test_what_comes_late_into_a_rolled_up_minute_is_told_at_once(writer, store, rollups):
    writer.write(SPOOL, [batch(1, [(reads(), at(minute), at(minute - 1), 2.0) for minute in (5, 6, 7)])])
    roll_up(store, rollups)
    writer.write(SPOOL, [batch(2, [(reads(), at(5.5), at(5), 3.0)])])
    (minutes,) = read(store).values()
    assert minutes == {at(4): 2.0, at(5): 5.0, at(6): 2.0}


def test_minutes_are_told_though_their_points_are_gone(database, writer, store, rollups):
    writer.write(SPOOL, [batch(1, random_numbers(1), histograms=random_histograms(1))])
    before = read(store)
    roll_up(store, rollups)
    query_all(database, "with gone as (delete from point returning 1) select count(*) from gone")
    query_all(database, "with gone as (delete from histogram returning 1) select count(*) from gone")
    after = read(store)
    assert after.keys() == before.keys()
    for key, minutes in before.items():
        assert after[key] == pytest.approx(minutes, rel=1e-12)


def test_a_window_is_widened_to_whole_minutes(writer, store, rollups):
    writer.write(SPOOL, [batch(1, [(reads(), at(minute), at(minute - 1), 2.0) for minute in (5, 6, 7)])])
    part = Window(start_ns=at(4) + SECOND_NS, end_ns=at(6) - SECOND_NS)
    (from_points,) = read(store, part).values()
    roll_up(store, rollups)
    (from_rollups,) = read(store, part).values()
    assert from_points == from_rollups == {at(4): 2.0, at(5): 2.0}


@pytest.mark.parametrize("rolled_up", [False, True])
def test_a_counter_where_a_gauge_is_registered_is_left_out(writer, store, rollups, rolled_up):
    wrong = series(names.METRIC_MEMORY_T2, Kind.SUM, Temporality.DELTA, device="mem-delft", slot="slot-1")
    writer.write(SPOOL, [batch(1, [(wrong, at(1), at(0), 1.0), (t2(), at(1), 0, 2.0)])])
    if rolled_up:
        roll_up(store, rollups)
    assert read(store) == {(names.METRIC_MEMORY_T2, (("device", "mem-delft"),)): {at(0): 2.0}}


def test_an_unregistered_metric_is_refused(store):
    with pytest.raises(InvalidInputError, match="not a metric of the registry"):
        list(store.read_series({"quantum.unknown": ()}, TWO_HOURS))
