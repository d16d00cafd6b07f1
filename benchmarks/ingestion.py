"""OTLP/HTTP into the database, beside a bare binary COPY of the very same rows into the same indexed table.

Client, collector and database are processes of their own on the same machine; fsync is on everywhere. A round is
timed from the first request until the last point is committed: receive, spool, decode, COPY, commit. The series
exist before, as in a fleet that has run for a while. The bare COPY sends rows that are encoded already, in one
transaction. Numbers go on for about eight seconds: of two, half a second was the end, when nobody sends any more and
one process writes what waits.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.backlog import measure_backlog
from benchmarks.databases import embedded_server, timescale_server
from benchmarks.latency import measure_latency
from benchmarks.processes import cpu_s, database_cpu_s, running_collector, send
from benchmarks.progress import say
from benchmarks.requests import START_NS
from benchmarks.results import Figure, Result
from benchmarks.rounds import time_once
from benchmarks.storage import measure_bytes_per_point
from model.clock import DAY_NS, SECOND_NS
from model.errors import HeraldError
from store import connect, migrate, throwaway_database

_AGENTS = 2
_WARM_UP = 3
_ROUNDS = 2
_REQUESTS = {"numbers": 480, "histograms": 60, "spans": 60}
_TABLES = {"numbers": "point", "histograms": "histogram", "spans": "span"}
_UNITS = {"numbers": "points/s", "histograms": "histograms/s", "spans": "spans/s"}
_WEEK_S = START_NS // (7 * DAY_NS) * 7 * DAY_NS // SECOND_NS
"""The start of the partition that everything falls into."""
_MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class _Round:
    """Items a second of both roads, items per second of processor time, and the collector's largest memory."""

    ingested: float
    copied: float
    ingested_per_cpu_s: float
    copied_per_cpu_s: float
    memory_bytes: int


def measure_embedded(folder: Path) -> Iterator[Result]:
    """Yield everything about ingestion into the embedded PostgreSQL."""
    with embedded_server(folder) as server:
        yield from _measure("embedded PostgreSQL", server, folder, kinds=("numbers", "histograms", "spans"))


def measure_timescale(folder: Path) -> Iterator[Result]:
    """Yield the same for numbers into TimescaleDB."""
    server: AbstractContextManager[str] = timescale_server()
    with server as url:
        yield from _measure("TimescaleDB", url, folder, kinds=("numbers",))


def _measure(where: str, server: str, folder: Path, *, kinds: tuple[str, ...]) -> Iterator[Result]:
    rate = 0.0
    for kind in kinds:
        rounds = []
        for number in range(_ROUNDS):
            say(f"  {kind}, round {number + 1} of {_ROUNDS}")
            rounds.append(_measure_round(kind, server, folder))
        yield from _summarise(kind, where, rounds)
        if kind == "numbers":
            rate = statistics.median(each.ingested for each in rounds)
    say("  latency at half of that load")
    yield measure_latency(where, server, folder, agents=_AGENTS, rate=rate / 2)
    say("  memory while the spool fills")
    yield measure_backlog(where, server, folder)
    say("  bytes a point")
    yield measure_bytes_per_point(where, server)


def _summarise(kind: str, where: str, rounds: list[_Round]) -> Iterator[Result]:
    def median(name: str) -> float:
        return float(statistics.median(getattr(each, name) for each in rounds))

    yield Result(
        name=f"{kind}, {where}",
        value=median("ingested"),
        unit=_UNITS[kind],
        beside=Figure("bare COPY", median("copied")),
    )
    # What neighbours on the machine take away changes these two much less.
    yield Result(
        name=f"{kind} per CPU second, {where}",
        value=median("ingested_per_cpu_s"),
        unit=_UNITS[kind].replace("/s", "/CPU s"),
        beside=Figure("bare COPY", median("copied_per_cpu_s")),
    )
    if kind == "numbers":
        yield Result(
            name=f"collector memory at full load, {where}",
            value=max(each.memory_bytes for each in rounds) / _MEGABYTE,
            unit="MB",
            beside=Figure("allowed", 500.0),
        )


def _measure_round(kind: str, server: str, folder: Path) -> _Round:
    with throwaway_database(server) as filled, throwaway_database(server) as bare:
        migrate(filled)
        migrate(bare)
        items, seconds, used_s, memory_bytes = _ingest(kind, filled, folder)
        rows = _copy_out(kind, filled)
        copying_s, copying_cpu_s = _copy_in(kind, bare, rows)
        copied = items * (_REQUESTS[kind] + _WARM_UP) / _REQUESTS[kind]
        return _Round(items / seconds, copied / copying_s, items / used_s, copied / copying_cpu_s, memory_bytes)


def _ingest(kind: str, database: str, folder: Path) -> tuple[int, float, float, int]:
    """Return the items stored, the seconds it took, the processor time of all three, and the collector's memory."""
    with running_collector(database, folder) as collector:
        send(collector.url, kind, agents=_AGENTS, requests=_WARM_UP)
        collector.wait_until_stored(_AGENTS * _WARM_UP)
        _checkpoint(database)
        before_s = cpu_s(collector.pid) + database_cpu_s(database)
        sent = send(collector.url, kind, agents=_AGENTS, requests=_REQUESTS[kind], skip=_WARM_UP)
        collector.wait_until_stored(_AGENTS * (_WARM_UP + _REQUESTS[kind]))
        seconds = time.time() - sent["began_at_s"]
        used_s = cpu_s(collector.pid) + database_cpu_s(database) - before_s + sent["cpu_s"]
        memory_bytes = collector.peak_memory_bytes()
    items = int(sent["acknowledged"])
    _require_complete(kind, database, items * (_REQUESTS[kind] + _WARM_UP) // _REQUESTS[kind])
    return items, seconds, used_s, memory_bytes


def _copy_out(kind: str, database: str) -> bytes:
    statement = f"copy (select * from {_TABLES[kind]}) to stdout (format binary)"
    with connect(database) as connection, connection.cursor().copy(statement.encode()) as copy:
        return b"".join(copy)


def _copy_in(kind: str, database: str, rows: bytes) -> tuple[float, float]:
    """Return the seconds of one COPY and its commit, and the processor time of the database."""
    _checkpoint(database)
    table = _TABLES[kind]
    with connect(database) as connection:
        connection.execute("select ensure_week(%s, to_timestamp(%s))", (table, _WEEK_S))
        before_s = database_cpu_s(database)

        def copy_all() -> None:
            with connection.cursor().copy(f"copy {table} from stdin (format binary)".encode()) as copy:
                copy.write(memoryview(rows))

        seconds = time_once(copy_all)
        return seconds, database_cpu_s(database) - before_s


def _checkpoint(database: str) -> None:
    """Begin every timing with clean buffers, so that none pays for what another wrote."""
    with connect(database) as connection:
        connection.execute("checkpoint")


def _require_complete(kind: str, database: str, items: int) -> None:
    with connect(database) as connection:
        row = connection.execute(f"select count(*) from {_TABLES[kind]}".encode()).fetchone()
    if row != (items,):
        raise HeraldError(f"{items} {kind} were sent and {row} are stored: the figure would mean nothing")
