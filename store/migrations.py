"""Bring a database to the present schema, one numbered file of `migrations/` at a time.

A file that ends in `.plain.sql` is for PostgreSQL alone, one in `.timescale.sql` for a server with TimescaleDB, and
any other for both. Migrations are never edited once released, and run under an advisory lock, so that several
processes may start at once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import LiteralString

from model.errors import DependencyError
from model.registry import Registry, load_registry
from store.columnstore import switch_on
from store.database import Connection, connect, read_capabilities, translated
from store.postmortem_queries import rebuild_postmortem_queries
from store.statements import load_statements
from store.views import rebuild_views

MIGRATIONS = Path(__file__).parent / "migrations"
_FILE = re.compile(r"(?P<version>\d{4})_(?P<name>[a-z_]+?)(?:\.(?P<variant>plain|timescale))?\.sql")
_SQL = load_statements("migrate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step; `variant` is the kind of database it is for, empty for both."""

    version: int
    name: str
    variant: str
    path: Path

    def read_sql(self) -> LiteralString:
        """Return its statements."""
        return self.path.read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationStatus:
    """What a database has and lacks, as `0001_telemetry`; `timescale` is the extension's version or empty."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]
    timescale: str


class DatabaseTooNewError(DependencyError):
    """A newer Herald has already migrated this database."""

    remedy = "upgrade Herald to at least the version that migrated it"


@cache
def list_migrations(variant: str) -> tuple[Migration, ...]:
    """Return the migrations for `plain` or `timescale`, ascending."""
    found = [
        Migration(version=int(match["version"]), name=match["name"], variant=match["variant"] or "", path=path)
        for path in sorted(MIGRATIONS.glob("*.sql"))
        if (match := _FILE.fullmatch(path.name)) and match["variant"] in {None, variant}
    ]
    return tuple(found)


def migrate(url: str, registry: Registry | None = None, *, patience_s: float = 0.0) -> MigrationStatus:
    """Apply what is pending, rebuild what is derived (views, queries), and return the status; harmless to repeat.

    Raises DatabaseTooNewError and DatabaseUnavailableError.
    """
    with translated(url), connect(url, patience_s=patience_s) as connection:
        connection.execute(_SQL["lock"])
        try:
            connection.execute(_SQL["create_table"])
            applied = _read_applied(connection)
            for migration in _pending(connection, applied):
                _apply(connection, migration)
            registry = registry or load_registry()
            rebuild_views(connection, registry)
            rebuild_postmortem_queries(connection, registry)
            switch_on(connection)
        finally:
            connection.execute(_SQL["unlock"])
        return _status(connection)


def read_migration_status(url: str) -> MigrationStatus:
    """Return what the database has and lacks, without changing it."""
    with translated(url), connect(url) as connection:
        return _status(connection)


def _apply(connection: Connection, migration: Migration) -> None:
    with connection.transaction():
        connection.execute(migration.read_sql())
        connection.execute(_SQL["record"], {"version": migration.version, "name": migration.name})


def _status(connection: Connection) -> MigrationStatus:
    row = connection.execute(_SQL["find_table"]).fetchone()
    applied = _read_applied(connection) if row and row[0] else {}
    return MigrationStatus(
        applied=tuple(f"{version:04}_{name}" for version, name in applied.items()),
        pending=tuple(f"{m.version:04}_{m.name}" for m in _pending(connection, applied)),
        timescale=read_capabilities(connection).timescale,
    )


def _read_applied(connection: Connection) -> dict[int, str]:
    return dict(connection.execute(_SQL["read_applied"]).fetchall())


def _pending(connection: Connection, applied: Mapping[int, str]) -> list[Migration]:
    known = list_migrations(_variant(connection, applied))
    if unknown := applied.keys() - {migration.version for migration in known}:
        raise DatabaseTooNewError(
            f"database {connection.info.dbname} has migration {max(unknown)}, this Herald knows {known[-1].version}"
        )
    return [migration for migration in known if migration.version not in applied]


def _variant(connection: Connection, applied: Mapping[int, str]) -> str:
    """Return `timescale` where the extension is in use, or will be: a database stays what it was made as."""
    if applied:
        return "timescale" if read_capabilities(connection).timescale else "plain"
    row = connection.execute(_SQL["is_timescale_usable"]).fetchone()
    return "timescale" if row and row[0] else "plain"
