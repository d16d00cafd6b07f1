"""OTLP/HTTP into the database, beside a bare binary COPY of the very same rows into the same indexed table.

Timed from the first request until the last point is committed: receive, spool with fsync, decode, COPY, commit. The
series exist before, as in a fleet that has run for a while. The client shares the process; its requests are made
before.
"""

import statistics
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from benchmarks.collecting import running_collector
from benchmarks.databases import embedded_server, timescale_server
from benchmarks.progress import say
from benchmarks.requests import POINTS_PER_REQUEST, START_NS, build_requests
from benchmarks.results import Figure, Result
from benchmarks.rounds import time_once
from exporters import OtlpClient, Signal
from model.clock import DAY_NS, SECOND_NS
from model.errors import HeraldError
from store import connect, migrate, throwaway_database

_SITES = 4
_WARM_UP = 1
_REQUESTS = 40
_ROUNDS = 3
_WEEK_S = START_NS // (7 * DAY_NS) * 7 * DAY_NS // SECOND_NS
"""The start of the partition that all points fall into."""

Load = Sequence[Sequence[bytes]]
"""The requests of each site: each site sends its own one after the other, all sites at once."""


def measure_embedded(folder: Path) -> Iterator[Result]:
    with embedded_server(folder) as server:
        yield _measure("ingest, embedded PostgreSQL", server, folder)


def measure_timescale(folder: Path) -> Iterator[Result]:
    with timescale_server() as server:
        yield _measure("ingest, TimescaleDB", server, folder)


def _measure(name: str, server: str, folder: Path) -> Result:
    say("  preparing requests")
    load = [build_requests(f"site-{number}", _WARM_UP + _REQUESTS) for number in range(_SITES)]
    pairs = []
    for number in range(_ROUNDS):
        say(f"  round {number + 1} of {_ROUNDS}")
        pairs.append(_measure_round(server, load, folder))
    points = _SITES * _REQUESTS * POINTS_PER_REQUEST
    copied = points + _SITES * _WARM_UP * POINTS_PER_REQUEST
    return Result(
        name=name,
        value=points / statistics.median(pair[0] for pair in pairs),
        unit="points/s",
        beside=Figure("bare COPY", copied / statistics.median(pair[1] for pair in pairs)),
    )


def _measure_round(server: str, load: Load, folder: Path) -> tuple[float, float]:
    with throwaway_database(server) as filled, throwaway_database(server) as bare:
        migrate(filled)
        migrate(bare)
        ingesting_s = _ingest(filled, load, folder)
        rows = _copy_out(filled)
        return ingesting_s, _copy_in(bare, rows)


def _ingest(database: str, load: Load, folder: Path) -> float:
    with running_collector(database, folder) as collector:

        def send(parts: Load) -> None:
            with ThreadPoolExecutor(_SITES) as agents:
                list(agents.map(lambda bodies: _send_all(collector.url, bodies), parts))
            collector.wait_until_stored()

        send([of_site[:_WARM_UP] for of_site in load])
        _checkpoint(database)
        seconds = time_once(lambda: send([of_site[_WARM_UP:] for of_site in load]))
    _require_complete(database, sum(map(len, load)) * POINTS_PER_REQUEST)
    return seconds


def _send_all(url: str, bodies: Sequence[bytes]) -> None:
    with closing(OtlpClient(url)) as client:
        for body in bodies:
            client.send(Signal.METRICS, body)


def _copy_out(database: str) -> bytes:
    statement = "copy (select time, series_id, value, start_time from point) to stdout (format binary)"
    with connect(database) as connection, connection.cursor().copy(statement) as copy:
        return b"".join(copy)


def _copy_in(database: str, rows: bytes) -> float:
    """Return the seconds of one COPY and its commit."""
    _checkpoint(database)
    with connect(database) as connection:
        connection.execute("select ensure_week('point', to_timestamp(%s))", (_WEEK_S,))

        def copy_all() -> None:
            statement = "copy point (time, series_id, value, start_time) from stdin (format binary)"
            with connection.cursor().copy(statement) as copy:
                copy.write(rows)

        return time_once(copy_all)


def _checkpoint(database: str) -> None:
    """Begin every timing with clean buffers, so that none pays for what another wrote."""
    with connect(database) as connection:
        connection.execute("checkpoint")


def _require_complete(database: str, points: int) -> None:
    with connect(database) as connection:
        row = connection.execute("select count(*) from point").fetchone()
    if row != (points,):
        raise HeraldError(f"{points} points were sent and {row} are stored: the figure would mean nothing")
