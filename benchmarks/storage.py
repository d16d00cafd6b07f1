"""What a number point takes on disk, table and index, once its series has been growing for a while."""

from contextlib import closing

import numpy as np

from benchmarks.results import Figure, Result
from model.attributes import attributes
from model.clock import SECOND_NS
from model.points import Batch, Kind, Numbers, Series, Temporality
from store import Writer, connect, migrate, throwaway_database

_SERIES, _STEPS, _PER_BATCH = 200, 5000, 50
_START_NS = 1_760_000_000 * SECOND_NS
_STEP_NS = 5 * SECOND_NS
_ALLOWED = 80.0


def measure_bytes_per_point(where: str, server: str) -> Result:
    """Store a million points, half of counters and half of gauges, and return their share of the table's size."""
    with throwaway_database(server) as database:
        migrate(database)
        with closing(Writer(database)) as writer:
            for number in range(_STEPS // _PER_BATCH):
                writer.write("bench", [_batch(number)])
        with connect(database) as connection:
            row = connection.execute("select count(*) from point").fetchone()
            size = connection.execute(_size_statement(connection)).fetchone()
    assert row is not None
    assert size is not None
    return Result(
        name=f"bytes a point, {where}", value=float(size[0]) / row[0], unit="B", beside=Figure("allowed", _ALLOWED)
    )


def _size_statement(connection: object) -> bytes:
    from store.database import read_capabilities  # noqa: PLC0415

    if read_capabilities(connection).timescale:  # type: ignore[arg-type]
        return b"select hypertable_size('point')"
    return b"select sum(pg_total_relation_size(relid)) from pg_partition_tree('point')"


def _batch(number: int) -> Batch:
    steps = np.arange(number * _PER_BATCH, (number + 1) * _PER_BATCH, dtype=np.int64)
    time_ns = np.tile(_START_NS + steps * _STEP_NS, _SERIES)
    series = tuple(one for one in _FLEET for _ in range(_PER_BATCH))
    counts = np.repeat(np.arange(_SERIES) % 2 == 0, _PER_BATCH)
    numbers = Numbers(
        series=series,
        time_ns=time_ns,
        start_ns=np.where(counts, time_ns - _STEP_NS, 0),
        value=np.random.default_rng(number).normal(size=len(series)),
        whole=np.zeros(len(series), dtype=np.int64),
    )
    return Batch(position=number + 1, digest=number.to_bytes(16, "big"), numbers=numbers)


def _series(number: int) -> Series:
    counter = number % 2 == 0
    return Series(
        metric="bench.counter" if counter else "bench.gauge",
        kind=Kind.SUM if counter else Kind.GAUGE,
        unit="1",
        temporality=Temporality.DELTA if counter else Temporality.NONE,
        monotonic=counter,
        resource=(),
        scope="bench",
        scope_version="",
        attributes=attributes({"number": number}),
    )


_FLEET = [_series(number) for number in range(_SERIES)]
