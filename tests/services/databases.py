"""Databases with Herald's schema: one is migrated per server, the others are copies of its files."""

import contextlib
from collections.abc import Iterator
from typing import LiteralString

from store import connect, create_database, migrate, throwaway_database

_TEMPLATE: LiteralString = "herald_template"


class MigratedDatabases:
    """Makes databases for one test or module each, on any server."""

    def __init__(self) -> None:
        self._templates: set[str] = set()

    @contextlib.contextmanager
    def on(self, server_url: str) -> Iterator[str]:
        """Yield the URL of a migrated database without data; it is dropped at the end."""
        if server_url not in self._templates:
            _make_template(server_url)
            self._templates.add(server_url)
        with throwaway_database(server_url, template=_TEMPLATE) as url:
            yield url


def _make_template(server_url: str) -> None:
    migrate(create_database(server_url, _TEMPLATE))
    with connect(server_url) as connection:  # TimescaleDB's workers would be in the way of copying
        connection.execute(f"alter database {_TEMPLATE} allow_connections false")
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [_TEMPLATE])
