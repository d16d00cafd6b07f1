"""Where the web page meets its sources; apart from `wiring`, so that a collector starts without all of this."""

from pathlib import Path

import uvicorn

from alert_rules import load_runbooks
from dashboards import build_boards
from herald import VERSION
from herald.databases import find_database
from herald.objectives import load_shipped_or
from herald.settings import DataDirectory
from herald.web_sources import StoredSources
from model.errors import InvalidInputError
from model.hosts import is_loopback
from store import read_migration_status
from web import create_app


def run_web(
    *,
    database: str | None,
    data: DataDirectory,
    objectives: Path | None,
    host: str,
    port: int,
    reports: Path | None = None,
    token: str = "",
    allow_insecure: bool = False,
) -> None:
    """Serve the pages until SIGTERM or Ctrl-C, with a `token` to those who know it only.

    Raises InvalidInputError where the network could read them and nobody asked for that.
    """
    if not (token or allow_insecure or is_loopback(host)):
        raise InvalidInputError(
            f"whoever reaches {host} could read every page",
            remedy="give --token-file, or listen on 127.0.0.1, or accept it with --allow-insecure",
        )
    loaded = load_shipped_or(objectives)
    url = find_database(database, data)
    timescale = read_migration_status(url).timescale
    app = create_app(
        StoredSources(url),
        build_boards(loaded),
        loaded,
        VERSION,
        components={"TimescaleDB": timescale or "not there: plain PostgreSQL"},
        runbooks=load_runbooks(),
        reports=reports or data.reports,
        token=token,
    )
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)
