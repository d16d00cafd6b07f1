"""Where the parts meet: the collector gets its database, the web page its sources, the engine its objectives."""

import threading
from pathlib import Path

import uvicorn

from alert_rules import load_runbook
from collector import Pipeline, Spool, TimeLimits, serve
from dashboards import build_boards
from herald import VERSION
from herald.databases import find_database
from herald.objectives import load_shipped_or
from herald.output import say
from herald.settings import DataDirectory
from herald.web_sources import StoredSources
from model.clock import DAY_NS, RealClock
from store import Writer, read_migration_status
from web import create_app


def run_collector(
    *,
    grpc: str | None,
    http: str | None,
    data: DataDirectory,
    database: str | None,
    stop: threading.Event,
    oldest_days: int = 0,
) -> None:
    """Receive and store until `stop`; what was acknowledged is stored now or after the next start.

    Refuses what is older than `oldest_days` or a day ahead of the clock; 0 is as old as you like.
    """
    writer = Writer(find_database(database, data))
    spool = Spool(data.spool)
    try:
        limits = TimeLimits(clock=RealClock(), past_ns=oldest_days * DAY_NS if oldest_days else None)
        with Pipeline(spool, writer, time_limits=limits) as pipeline:
            say(f"collecting on {grpc or 'no gRPC'} and {http or 'no HTTP'}")
            serve(grpc, http, pipeline, stop)
    finally:
        spool.close()
        writer.close()


def run_web(*, database: str | None, data: DataDirectory, objectives: Path | None, host: str, port: int) -> None:
    """Serve the pages until SIGTERM or Ctrl-C."""
    loaded = load_shipped_or(objectives)
    url = find_database(database, data)
    timescale = read_migration_status(url).timescale
    app = create_app(
        StoredSources(url),
        build_boards(loaded),
        loaded,
        VERSION,
        components={"TimescaleDB": timescale or "not there: plain PostgreSQL"},
        runbooks={objective.name: load_runbook(objective.runbook) for objective in loaded if objective.runbook},
    )
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)
