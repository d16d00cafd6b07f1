"""A connection that opens itself, mends itself between statements, and speaks in Herald's errors.

One session is used by one caller at a time; a second thread waits. Inside `transaction()` every call of the same
session belongs to it.
"""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, LiteralString, Self

import psycopg
from numpy.typing import NDArray
from psycopg import sql
from psycopg.sql import Composed

from model.clock import DAY_NS, MINUTE_NS, to_datetime, to_ns
from model.windows import Window
from store.database import Connection, connect, translated
from store.pgcopy import HEADER, TRAILER, Columns, decode_array, encode_rows
from store.statements import load_statements

Statement = LiteralString | Composed
Params = Mapping[str, object]
Row = tuple[Any, ...]
"""As psycopg gives it: the method that asked knows the types of its own columns."""

_SQL = load_statements("session")
_RECONNECT_PATIENCE_S = 2.0


class Session:
    """What all readers and writers of objectives share. Every method raises DatabaseUnavailableError."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.RLock()
        self._connection: Connection | None = None
        self._depth = 0

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        with self._lock:
            if self._connection:
                self._connection.close()
                self._connection = None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside one transaction: all of it stays, or, after an error, none."""
        with self._lock, translated(self._url):
            if self._depth == 0:
                self._rows(_SQL["ping"])
            self._depth += 1
            try:
                with self._open().transaction():
                    yield
            except BaseException:
                self._forget()
                raise
            finally:
                self._depth -= 1

    @contextlib.contextmanager
    def acting(self, actor: str) -> Iterator[None]:
        """Make a transaction whose changes the audit log notes as those of `actor`."""
        with self.transaction():
            self._rows(sql.SQL(_SQL["act_as"]).format(actor=sql.Literal(actor)))
            yield

    def _forget(self) -> None:
        """Forget what was remembered of rows that may not stay."""

    def _rows(self, statement: Statement, params: Params | None = None) -> list[Row]:
        """Run a statement and return its rows, none if it has none.

        A connection found dead is replaced and the statement run again, unless a transaction died with it.
        """
        cursor = self._execute(statement, params)
        return cursor.fetchall() if cursor.description else []

    def _columns(self, statement: Statement, params: Params, **types: str) -> dict[str, NDArray[Any]]:
        """Run a query and return its columns, all of eight bytes; types are such as `i8` or `f8`.

        Nothing in them may be null.
        """
        names = [sql.Identifier(name) for name in types]
        gather = sql.SQL(_SQL["gather"]).format(
            arrays=sql.SQL(", ").join(sql.SQL(_SQL["gathered"]).format(name=name) for name in names),
            statement=sql.SQL(statement) if isinstance(statement, str) else statement,
            names=sql.SQL(", ").join(names),
        )
        # Never prepared: a plan for any window reads more partitions than one for this window.
        result = self._execute(gather, params, binary=True, prepare=False).pgresult
        arrays = [result.get_value(0, i) if result else None for i in range(len(types))]
        return {name: decode_array(array, types[name]) for name, array in zip(types, arrays, strict=True)}

    def _execute(
        self, statement: Statement, params: Params | None, *, binary: bool = False, prepare: bool | None = None
    ) -> psycopg.Cursor[Row]:
        with self._lock, translated(self._url):
            try:
                return self._open().execute(statement, params, binary=binary, prepare=prepare)
            except psycopg.OperationalError:
                if self._depth or not (self._connection and self._connection.broken):
                    raise
                self.close()
                return self._open().execute(statement, params, binary=binary, prepare=prepare)

    def _copy_in(self, statement: Statement, columns: Columns, rows: int) -> None:
        with self._lock, translated(self._url), self._open().cursor().copy(statement) as copy:
            copy.write(HEADER)
            copy.write(memoryview(encode_rows(columns, rows)))
            copy.write(TRAILER)

    def _open(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url, patience_s=_RECONNECT_PATIENCE_S)
        return self._connection

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()


def window_params(window: Window) -> dict[str, object]:
    """Return the bounds of a window as parameters `start` and `end`, and the day before as `lately`."""
    return {
        "start": to_datetime(window.start_ns),
        "end": to_datetime(window.end_ns),
        "lately": to_datetime(window.start_ns - DAY_NS),
    }


def optional_ns(when: datetime | None) -> int | None:
    """Return a time in nanoseconds, None for null."""
    return None if when is None else to_ns(when)


def minute_param(minute_ns: int) -> int:
    """Return a minute as the number of minutes since 1970."""
    return minute_ns // MINUTE_NS
