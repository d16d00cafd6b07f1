"""Connections: the seam at which psycopg's errors become Herald's, and what kind of database stands behind a URL.

URLs are PostgreSQL's (`postgresql://user@host:port/name`). A password in one never reaches a message.
"""

import contextlib
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from model.errors import DatabaseUnavailableError, HeraldError, InvalidInputError
from store.statements import load_statements

Connection = psycopg.Connection[tuple[Any, ...]]

_SQL = load_statements("database")
_CONNECT_TIMEOUT_S = 5
_PAUSES_S = (0.1, 0.2, 0.5)
_NOT_WORTH_RETRYING = ("28", "3D")  # refused identity, no such database: will be so next time

# Not the data's fault: a server that is a standby now, a grant, column or table that is missing (a program that is
# newer than the schema), an error inside the server. Classes 53 and 57 (full, shutting down) are psycopg's
# OperationalError already. What a collector has acknowledged waits until it has passed, however long.
_MAY_PASS = ("0A", "25006", "42", "XX")
_NOT_MIGRATED = ("42P01", "42703")  # no such table, no such column


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What the database offers. `timescale` is the extension's version, empty where it is not in use.

    `community` is the only thing that may switch on an accelerator: the licence is `timescale` and its module loaded.
    """

    server_version: int
    timescale: str = ""
    licence: str = ""
    community: bool = False


def render_url(url: str) -> str:
    """Return the URL for people: without password and options."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "(not a PostgreSQL URL)"
    user = f"{parts['user']}@" if parts.get("user") else ""
    host, port = parts.get("host") or "localhost", parts.get("port") or 5432
    where = str(host) if str(host).startswith("/") else f"{host}:{port}"
    return f"postgresql://{user}{where}/{parts.get('dbname') or ''}"


def connect(url: str, *, patience_s: float = 0.0, user: str = "", application: str = "herald") -> Connection:
    """Return a connection in autocommit mode whose time zone is UTC, and that compiles no queries.

    Keeps trying for `patience_s`. Raises DatabaseUnavailableError, or InvalidInputError for what is no URL.
    """
    conninfo = _conninfo(url, user, application)
    deadline = time.monotonic() + patience_s
    attempt = 0
    while True:
        try:
            return psycopg.connect(conninfo, autocommit=True)
        except psycopg.OperationalError as exc:
            hopeless = (exc.sqlstate or "").startswith(_NOT_WORTH_RETRYING)
            pause_s = _PAUSES_S[min(attempt, len(_PAUSES_S) - 1)]
            if hopeless or time.monotonic() + pause_s > deadline:
                raise unavailable(url, exc) from exc
            attempt += 1
            time.sleep(pause_s)


def require_durable_commits(connection: Connection) -> None:
    """Let COMMIT return when it is on the disk, even where the database is set not to."""
    if connection.execute(_SQL["read_synchronous_commit"]).fetchone() == ("off",):
        connection.execute(_SQL["set_synchronous_commit"])


def unavailable(url: str, exc: psycopg.Error) -> DatabaseUnavailableError:
    """Return the error that says which database does not answer, and why."""
    lines = str(exc).strip().splitlines() or [type(exc).__name__]
    reason = next((line for line in reversed(lines) if "failed:" in line or "FATAL" in line), lines[0])
    return DatabaseUnavailableError(f"the database {render_url(url)} does not answer: {reason.strip()}")


@contextlib.contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn what psycopg raises inside into Herald's errors."""
    try:
        yield
    except psycopg.errors.ProgramLimitExceeded as exc:  # by its class it would be one of the next
        raise HeraldError(_refused(url, exc)) from exc
    except (psycopg.OperationalError, psycopg.InterfaceError) as exc:
        raise unavailable(url, exc) from exc
    except psycopg.Error as exc:
        if (exc.sqlstate or "").startswith(_MAY_PASS):
            remedy = "bring it up to date with herald db migrate" if exc.sqlstate in _NOT_MIGRATED else ""
            raise DatabaseUnavailableError(_refused(url, exc), remedy=remedy) from exc
        raise HeraldError(_refused(url, exc)) from exc


def _refused(url: str, error: psycopg.Error) -> str:
    message = (error.diag.message_primary or str(error)).strip()
    return f"the database {render_url(url)} refused a statement: {message}"


def read_capabilities(connection: Connection) -> Capabilities:
    """Return what this database offers."""
    row = connection.execute(_SQL["read_extension"]).fetchone()
    version = connection.info.server_version
    if row is None:
        return Capabilities(server_version=version)
    timescale, licence = str(row[0]), str(row[1])
    loaded = licence == "timescale" and _is_module_loaded(connection)
    return Capabilities(server_version=version, timescale=timescale, licence=licence, community=loaded)


def _is_module_loaded(connection: Connection) -> bool:
    row = connection.execute(_SQL["read_module_loaded"]).fetchone()
    return bool(row and row[0])


def create_database(server_url: str, name: str, *, template: str | None = None) -> str:
    """Create a database, empty or as a copy of `template`, and return its URL."""
    with translated(server_url), connect(server_url) as connection:
        statement = sql.SQL(_SQL["copy_database" if template else "create_database"])
        connection.execute(statement.format(name=sql.Identifier(name), template=sql.Identifier(template or "")))
    return url_of(server_url, name)


def drop_database(server_url: str, name: str) -> None:
    """Drop a database if it exists, whoever uses it."""
    with translated(server_url), connect(server_url) as connection:
        connection.execute(sql.SQL(_SQL["drop_database"]).format(name=sql.Identifier(name)))


def database_exists(url: str) -> bool:
    """Return whether the server of `url` has the database that it names."""
    name = str(conninfo_to_dict(url).get("dbname"))
    with translated(url), connect(url_of(url, "postgres")) as connection:
        return connection.execute(_SQL["find_database"], {"name": name}).fetchone() is not None


@contextlib.contextmanager
def throwaway_database(server_url: str, *, template: str | None = None) -> Iterator[str]:
    """Yield the URL of a new database and drop it at the end."""
    name = f"herald_{secrets.token_hex(6)}"
    try:
        yield create_database(server_url, name, template=template)
    finally:
        drop_database(server_url, name)


def url_of(server_url: str, name: str) -> str:
    """Return the connection string for another database of the same server."""
    return make_conninfo(server_url, dbname=name)


def _conninfo(url: str, user: str, application: str) -> str:
    try:
        given = conninfo_to_dict(url)
        # Compiling a query costs more than our queries run, and whether it is tried hangs on an estimate.
        options = f"{given.get('options') or ''} -c timezone=UTC -c jit=off".strip()
        changes = {"user": user} if user else {}
        return make_conninfo(
            url, connect_timeout=_CONNECT_TIMEOUT_S, application_name=application, options=options, **changes
        )
    except psycopg.ProgrammingError as exc:
        raise InvalidInputError(
            f"{render_url(url)} cannot be used as a database URL",
            remedy="write it as postgresql://user@host:5432/name",
            place="--database",
        ) from exc
