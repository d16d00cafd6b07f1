"""What memory the collector takes while the database takes nothing and the spool fills.

The database is there but its writers' turn is taken, as by a stopped process. Beside it stands the memory that is
allowed.
"""

from pathlib import Path

from benchmarks.processes import running_collector, send
from benchmarks.results import Figure, Result
from store import connect, migrate, throwaway_database

_REQUESTS = 600
_AGENTS = 2
_WARM_UP = 3
_MEGABYTE = 1e6


def measure_backlog(where: str, server: str, folder: Path) -> Result:
    """Return the largest resident memory while half a gigabyte of points is acknowledged and none is stored."""
    with throwaway_database(server) as database:
        migrate(database)
        with running_collector(database, folder) as collector:
            send(collector.url, "numbers", agents=_AGENTS, requests=_WARM_UP)
            collector.wait_until_stored(_AGENTS * _WARM_UP)
            with connect(database) as connection, connection.transaction():
                connection.execute("select writer from ingest_writer for update")
                send(collector.url, "numbers", agents=_AGENTS, requests=_REQUESTS, skip=_WARM_UP)
            memory_bytes = collector.peak_memory_bytes()
    return Result(
        name=f"collector memory with 450 MB in the spool, {where}",
        value=memory_bytes / _MEGABYTE,
        unit="MB",
        beside=Figure("allowed", 500.0),
    )
