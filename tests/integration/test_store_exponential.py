"""Rollups of exponential histograms are their samples counted anew, whatever scales and thresholds they had."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from model import names
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS, to_datetime, to_ns
from model.points import ExponentialPoint, Kind, Series, Temporality
from store import RollupStore, Store, Writer, connect, migrate, migrations
from tests.integration.exponential import (
    FINEST_SCALE,
    NO_THRESHOLD,
    PLACES_PER_OCTAVE,
    Histogram,
    Sample,
    merge,
    threshold_value,
)
from tests.integration.telemetry import T0, at, batch, query_all, series

SPOOL = "spool-1"
SLOTS = ("slot-0", "slot-1")
Row = tuple[int, int, dict[int, int], dict[int, int], float]
"""Scale, zero count, positive and negative buckets, zero threshold."""


@pytest.fixture
def rollups(database: str) -> Iterator[RollupStore]:
    """What rolls up the migrated database."""
    with RollupStore(database) as rollups:
        yield rollups


def spread(slot: str = "slot-0", temporality: Temporality = Temporality.DELTA) -> Series:
    return series(
        names.METRIC_MEMORY_FIDELITY, Kind.EXPONENTIAL_HISTOGRAM, temporality, device="mem-delft", slot=slot
    )


def send(writer: Writer, position: int, points: Sequence[ExponentialPoint]) -> None:
    sent = batch(position)
    sent.exponentials.extend(points)
    writer.write(SPOOL, [sent])


def refresh(store: Store, rollups: RollupStore) -> None:
    with store.recount():
        pass
    rollups.refresh(closed_ns=T0 + DAY_NS, since_ns=0, budget_s=30.0)


def read(database: str, table: str, slot: str | None) -> dict[int, Row]:
    """Return the rows of a slot, or of the device, by time."""
    chosen = "series_id < 0" if slot is None else f"series_id = (select id from series where slot = '{slot}')"
    rows = query_all(
        database,
        "select time, scale, zero_count, positive_offset, buckets, negative_offset, negative,"
        f" coalesce(zero_threshold, 0), count from {table} where {chosen} order by time",
    )
    found: dict[int, Row] = {}
    for time, scale, zero, low, positive, negative_low, negative, threshold, count in rows:
        above, below = sparse(low, positive), sparse(negative_low, negative)
        assert count == zero + sum(above.values()) + sum(below.values())  # type: ignore[operator]
        found[to_ns(time)] = (scale, zero, above, below, threshold)  # type: ignore[arg-type, assignment]
    return found


def sparse(low: Any, buckets: Any) -> dict[int, int]:
    return {low + i: n for i, n in enumerate(buckets) if n}


def expected(of: dict[int, Histogram]) -> dict[int, Row]:
    rows: dict[int, Row] = {}
    for time_ns, merged in of.items():
        zero, positive, negative = merged.counts()
        threshold = pytest.approx(threshold_value(merged.threshold), rel=1e-15)
        rows[time_ns] = (merged.scale, zero, positive, negative, threshold)  # type: ignore[assignment]
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Points of a slot, and the histograms whose sum they stand for, by minute."""

    points: list[ExponentialPoint]
    parts: dict[int, list[Histogram]]

    def minutes(self) -> dict[int, Histogram]:
        return {minute: merge(parts) for minute, parts in self.parts.items()}


def random_samples(rng: np.random.Generator) -> list[Sample]:
    """A few magnitudes, now and then very far from one another; some are zero."""
    octaves = 12 if rng.random() < 0.1 else 3
    cells = rng.integers(-octaves << FINEST_SCALE, octaves << FINEST_SCALE, rng.integers(0, 8))
    signs = rng.choice([-1, 0, 1, 1], len(cells))
    return [(int(sign), 4 * int(cell) + 2 if sign else 0) for sign, cell in zip(signs, cells, strict=True)]


def random_shape(rng: np.random.Generator) -> tuple[int, int]:
    """A scale and a threshold: none, within a bucket, or where buckets of every scale end."""
    place = int(rng.integers(-2 * PLACES_PER_OCTAVE, 2 * PLACES_PER_OCTAVE))
    thresholds = (NO_THRESHOLD, place // 4 * 4 + 1, place // PLACES_PER_OCTAVE * PLACES_PER_OCTAVE)
    return int(rng.integers(-2, FINEST_SCALE + 1)), thresholds[rng.integers(0, 3)]


def random_stream(rng: np.random.Generator, slot: str, temporality: Temporality) -> Stream:
    points: list[ExponentialPoint] = []
    parts: dict[int, list[Histogram]] = defaultdict(list)
    start_ns, total = T0, list[Sample]()
    before: Histogram | None = None
    scale, threshold = random_shape(rng)
    for second in np.unique(rng.integers(1, 7000, 40)).tolist():
        time_ns = T0 + second * SECOND_NS
        if rng.random() < 0.4:
            scale, threshold = random_shape(rng)
        if temporality is Temporality.DELTA or rng.random() < 0.1:
            total, start_ns, before = [], points[-1].time_ns if points else T0, None
        total = total + random_samples(rng)
        histogram = Histogram(samples=total, scale=scale, threshold=threshold)
        points.append(histogram.as_point(spread(slot, temporality), time_ns=time_ns, start_ns=start_ns))
        of_minute = parts[(time_ns - 1) // MINUTE_NS * MINUTE_NS]
        of_minute.append(histogram)
        if temporality is Temporality.CUMULATIVE and before is not None:
            of_minute.append(
                Histogram(samples=before.samples, scale=before.scale, threshold=before.threshold, is_added=False)
            )
        before = histogram
    return Stream(points=points, parts=parts)


def joined(minutes: Sequence[dict[int, Histogram]], length_ns: int) -> dict[int, Histogram]:
    parts: dict[int, list[Histogram]] = defaultdict(list)
    for some in minutes:
        for time_ns, histogram in some.items():
            parts[time_ns // length_ns * length_ns].append(histogram)
    return {time_ns: merge(found) for time_ns, found in sorted(parts.items())}


@pytest.mark.parametrize("temporality", [Temporality.DELTA, Temporality.CUMULATIVE])
@pytest.mark.parametrize("seed", range(5))
def test_rollups_are_the_samples_counted_anew(database, writer, store, rollups, seed, temporality):
    rng = np.random.default_rng(seed)
    streams = [random_stream(rng, slot, temporality) for slot in SLOTS]
    points = [point for stream in streams for point in stream.points]
    arrivals = [points[i] for i in rng.permutation(len(points))]
    for position, part in enumerate((arrivals[:30], arrivals[30:50], arrivals[50:]), start=1):
        send(writer, position, part)
        refresh(store, rollups)
    minutes = [stream.minutes() for stream in streams]
    for slot, of_slot in zip(SLOTS, minutes, strict=True):
        assert read(database, "histogram_minute", slot) == expected(of_slot)
        assert read(database, "histogram_hour", slot) == expected(joined([of_slot], HOUR_NS))
    of_device = joined(minutes, MINUTE_NS)
    assert read(database, "histogram_minute", None) == expected(of_device)
    assert read(database, "histogram_hour", None) == expected(joined([of_device], HOUR_NS))


def point_of(minute: float, threshold: float, zero: int, scale: int, offset: int, *positive: int) -> ExponentialPoint:
    return ExponentialPoint(
        series=spread(), time_ns=at(minute), start_ns=0, count=zero + sum(positive), sum=1.0, min=None, max=None,
        scale=scale, zero_count=zero, zero_threshold=threshold, positive_offset=offset, positive=positive,
        negative_offset=0, negative=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("points", "merged"),
    [
        pytest.param(
            [point_of(0.2, 1.25, 7, 0, 0, 2, 3), point_of(0.4, 1.25, 1, 0, 0, 1)],
            (0, 7 + 1, {0: 3, 1: 3}, {}, 1.25),
            id="a threshold that all have tears no bucket",
        ),
        pytest.param(
            [point_of(0.2, 1.25, 7, 0, 0, 2, 3), point_of(0.4, 0.0, 1, 0, 0, 1)],
            (0, 7 + 1 + 3, {1: 3}, {}, 2.0),
            id="one that is new to a sample around it rises to the end of the bucket",
        ),
        pytest.param(
            [point_of(0.2, 1.25, 7, 0, 0, 2, 3), point_of(0.4, 0.0, 1, 0, -1, 5, 0, 1)],
            (0, 7 + 1 + 5, {0: 2, 1: 4}, {}, 1.25),
            id="one that is new to samples on both sides of it stays",
        ),
        pytest.param(
            [point_of(0.2, 2.0, 1, 0, 1, 2), point_of(0.4, 0.5, 1, 0, 0, 3, 4)],
            (0, 2 + 3, {1: 6}, {}, 2.0),
            id="one where a bucket ends stays",
        ),
        pytest.param(
            [point_of(0.2, 1e308, 1, 0, 0), point_of(0.4, 0.0, 0, 0, 1023, 4)],
            (0, 5, {}, {}, 1.7976931348623157e308),
            id="none becomes infinite",
        ),
        pytest.param(
            [point_of(0.2, 5e-324, 1, -2, 0, 1), point_of(0.4, 0.0, 1, -2, -268, 4)],
            (-2, 2, {-268: 4, 0: 1}, {}, 5e-324),
            id="the least that there is tears none",
        ),
    ],
)
def test_the_largest_threshold_holds_for_all(database, writer, store, rollups, points, merged):
    send(writer, 1, points)
    refresh(store, rollups)
    assert read(database, "histogram_minute", "slot-0") == {at(0): merged}


def test_exponential_histograms_are_merged_at_the_smaller_scale(database, writer, store, rollups):
    """Scale 1 to 0 halves the indexes, rounding down: -3..1 become -2, -1, -1, 0, 0."""
    send(writer, 1, [point_of(0.2, 0.0, 1, 1, -3, 1, 2, 3, 4, 5), point_of(0.4, 0.0, 1, 0, 2, 10, 0, 20)])
    refresh(store, rollups)
    columns = "count, sum, scale, zero_count, positive_offset, buckets, zero_threshold"
    for table in ("histogram_minute", "histogram_hour"):
        rows = query_all(database, f"select {columns} from {table} where series_id > 0")
        assert rows == [(47, 2.0, 0, 2, -2, [1, 5, 9, 0, 10, 0, 20], None)]


def test_exponential_histograms_far_apart_become_coarser(database, writer, store, rollups):
    send(writer, 1, [point_of(0.2, 0.0, 1, 10, -9000, 1), point_of(0.4, 0.0, 1, 10, 9000, 2)])
    refresh(store, rollups)
    scale, buckets = query_all(database, "select scale, buckets from histogram_minute where series_id > 0")[0]
    assert (scale, sum(buckets), len(buckets) <= 320) == (4, 3, True)  # type: ignore[arg-type, call-overload]


ROLL_UP_WITHOUT_THRESHOLDS = """
select ensure_week('histogram_minute', date_bin('7 days', min(time), timestamptz '1970-01-01 00:00:00+00'))
  from histogram;
insert into histogram_minute (time, series_id, count, buckets, scale, zero_count, positive_offset, negative_offset,
                              negative)
select time - interval '30 seconds', series_id, count, buckets, scale, zero_count, positive_offset, negative_offset,
       negative
  from histogram;
delete from rollup_dirty;
"""


def migrate_through(url: str, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring a database to an earlier schema."""
    known = migrations.list_migrations
    with monkeypatch.context() as earlier:
        earlier.setattr(
            migrations, "list_migrations", lambda variant: tuple(m for m in known(variant) if m.version <= version)
        )
        earlier.setattr(migrations, "rebuild_postmortem_queries", lambda *_: None)  # today's ask for today's tables
        migrate(url)


def test_what_was_rolled_up_without_its_thresholds_is_rolled_up_again(empty_database, monkeypatch):
    migrate_through(empty_database, 20, monkeypatch)
    with closing(Writer(empty_database)) as writer, Store(empty_database) as store:
        send(writer, 1, [point_of(0.5, 1.25, 7, 0, 0, 2), point_of(1.5, 0.0, 7, 0, 0, 2)])
        with store.recount():
            pass
        with connect(empty_database) as connection:
            connection.execute(ROLL_UP_WITHOUT_THRESHOLDS)
        assert migrate(empty_database).pending == ()
        found = read(empty_database, "histogram_minute", "slot-0")
        assert found == {at(0): (0, 7, {0: 2}, {}, 0.0), at(1): (0, 7, {0: 2}, {}, 0.0)}
        assert query_all(empty_database, "select minute from rollup_dirty") == [(to_datetime(at(0)),)]
        with RollupStore(empty_database) as rollups:
            refresh(store, rollups)
    assert [row[-1] for row in read(empty_database, "histogram_minute", "slot-0").values()] == [1.25, 0.0]
