"""Where the parts meet: the collector gets its database, the web page its sources, the engine its objectives."""

import threading
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from alert_rules import load_runbook
from collector import Caps, CardinalityLimit, Pipeline, Spool, serve
from dashboards import build_boards
from herald import VERSION
from herald.databases import find_database
from herald.objectives import load_shipped_or
from herald.output import say
from herald.settings import DataDirectory
from herald.web_sources import StoredSources
from store import SeriesCensus, Writer, number_series, read_migration_status
from web import create_app


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorBounds:
    """How much a collector keeps: bytes of requests that wait for the database, and series."""

    spool_bytes: int
    series: Caps


def run_collector(
    *,
    grpc: str | None,
    http: str | None,
    data: DataDirectory,
    database: str | None,
    bounds: CollectorBounds,
    stop: threading.Event,
) -> None:
    """Receive and store until `stop`; what was acknowledged is stored now or after the next start."""
    url = find_database(database, data)
    writer = Writer(url)
    spool = Spool(data.spool, max_bytes=bounds.spool_bytes)
    cardinality = CardinalityLimit(bounds.series, identify=number_series, census=SeriesCensus(url))
    try:
        with Pipeline(spool, writer, cardinality=cardinality) as pipeline:
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
