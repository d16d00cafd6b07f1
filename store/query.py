"""Run somebody else's SQL, such as a dashboard panel's: read-only, as the role `herald_reader`, for a limited time.

Only a single SELECT (or VALUES, or WITH ... SELECT) gets through: it becomes the query of a cursor, in the extended
protocol, which takes one statement. The role may not call `set_config`, so a statement cannot shed it.
"""

import contextlib
import queue
from collections.abc import Iterator

import psycopg
from psycopg import sql
from psycopg.types.numeric import FloatLoader

from model.cancellation import Cancellation
from model.errors import HeraldError, InvalidInputError
from store.database import Connection, connect, unavailable
from store.rows import TableColumn, TableRows
from store.statements import load_statements

_SQL = load_statements("query")
_CANCEL_TIMEOUT_S = 5.0
_KINDS = {
    "time": ("timestamptz", "timestamp", "date"),
    "number": ("int2", "int4", "int8", "float4", "float8", "numeric", "oid"),
    "boolean": ("bool",),
    "string": ("text", "varchar", "bpchar", "name", '"char"', "uuid", "interval", "time", "timetz"),
}
_KIND_OF_OID = {psycopg.adapters.types[name].oid: kind for kind, names in _KINDS.items() for name in names}


class QueryRunner:
    """Runs queries of several threads at once, each on a connection of its own; `connections` of them are kept."""

    def __init__(self, url: str, *, connections: int = 4) -> None:
        self._url = url
        self._idle: queue.LifoQueue[Connection] = queue.LifoQueue(maxsize=connections)

    def close(self) -> None:
        """Close the idle connections."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()

    def read_table(
        self, statement: str, *, row_limit: int, timeout_s: float, cancellation: Cancellation | None = None
    ) -> TableRows:
        """Run one query and return at most `row_limit` of its rows.

        Raises InvalidInputError when the database refuses the query or it takes longer than `timeout_s`,
        CancelledError when `cancellation` ended it, and DatabaseUnavailableError when no database answers.
        """
        wanted = cancellation or Cancellation()
        try:
            with self._connection() as connection, wanted.ending_with(lambda: _end_query(connection)):
                return _run(connection, statement, row_limit, timeout_s)
        except psycopg.errors.QueryCanceled as exc:
            wanted.raise_if_asked()
            raise InvalidInputError(
                f"the query took longer than {timeout_s:g} s", remedy="ask for less time or fewer series"
            ) from exc
        except (psycopg.OperationalError, psycopg.InterfaceError) as exc:
            raise unavailable(self._url, exc) from exc
        except psycopg.Error as exc:
            raise _refused(exc) from exc

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Connection]:
        connection = self._take()
        try:
            yield connection
        finally:
            if connection.closed or connection.broken:
                connection.close()
            else:
                self._give_back(connection)

    def _take(self) -> Connection:
        while True:
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                return self._open()
            with contextlib.suppress(psycopg.Error):
                connection.execute(_SQL["become_reader"])  # also finds out whether it still lives
                return connection
            connection.close()

    def _open(self) -> Connection:
        connection = connect(self._url, application="herald query")
        connection.adapters.register_loader("numeric", FloatLoader)
        try:
            connection.execute(_SQL["become_reader"])
        except psycopg.Error as exc:
            connection.close()
            if isinstance(exc, psycopg.OperationalError):
                raise unavailable(self._url, exc) from exc
            raise HeraldError(
                f"cannot read as herald_reader: {exc.diag.message_primary}", remedy="run: herald db migrate"
            ) from exc
        return connection

    def _give_back(self, connection: Connection) -> None:
        try:
            self._idle.put_nowait(connection)
        except queue.Full:
            connection.close()


def run_readonly(url: str, statement: str, *, row_limit: int = 10_000, timeout_s: float = 30.0) -> TableRows:
    """Run one query on a connection of its own; see `QueryRunner.read_table`."""
    runner = QueryRunner(url, connections=1)
    try:
        return runner.read_table(statement, row_limit=row_limit, timeout_s=timeout_s)
    finally:
        runner.close()


def _run(connection: Connection, statement: str, row_limit: int, timeout_s: float) -> TableRows:
    query = sql.SQL(statement.strip().rstrip(";"))
    with connection.transaction():
        connection.execute(_SQL["begin_reading"])
        milliseconds = sql.Literal(max(1, round(timeout_s * 1000)))
        connection.execute(sql.SQL(_SQL["set_timeout"]).format(milliseconds=milliseconds))
        with connection.cursor(name="panel") as cursor:
            cursor.execute(query)
            rows = cursor.fetchmany(row_limit + 1)
            described = cursor.description or ()
        columns = tuple(TableColumn(name=c.name, kind=_KIND_OF_OID.get(c.type_code, "other")) for c in described)
    return TableRows(columns=columns, rows=rows[:row_limit], truncated=len(rows) > row_limit)


def _end_query(connection: Connection) -> None:
    """Ask the server to end what the connection runs; where it cannot be asked, the timeout ends it."""
    with contextlib.suppress(psycopg.Error):
        connection.cancel_safe(timeout=_CANCEL_TIMEOUT_S)


def _refused(exc: psycopg.Error) -> InvalidInputError:
    message = (exc.diag.message_primary or str(exc)).strip()
    at = exc.diag.statement_position
    place = f" (at character {at})" if at else ""
    return InvalidInputError(f"the database refused the query: {message}{place}", remedy=exc.diag.message_hint or "")
