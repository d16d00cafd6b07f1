"""Forget old telemetry: drop weeks that ended before the limit, unless somebody pinned a moment of them.

Dropping needs a lock that ingestion also wants, so it waits for a moment only, gives way, and tries again. Weeks to
come are made ahead, so that no writer has to make one on the hour.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from model.clock import DAY_NS, HOUR_NS, to_datetime
from model.windows import Window
from store.database import Connection, connect, read_capabilities, translated
from store.statements import load_statements

TABLES = ("event", "histogram", "histogram_minute", "number_minute", "point", "span")
HOUR_TABLES = ("histogram_hour", "number_hour")
HOURS_KEPT_DAYS = 730
DIGESTS_KEPT_NS = 48 * HOUR_NS
WEEK_NS = 7 * DAY_NS

_SQL = load_statements("retention")
_ATTEMPTS = 20
_PAUSE_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was dropped: names of partitions or chunks, and how many digests; `busy` could not be locked in time."""

    dropped: tuple[str, ...]
    busy: tuple[str, ...]
    digests: int


def apply_retention(url: str, *, now_ns: int, keep_days: int, keep_hours_days: int = HOURS_KEPT_DAYS) -> Forgotten:
    """Drop every unpinned week that ended `keep_days` before now, and digests older than two days.

    Pins whose time to be kept is over are let go of first.
    Rollups by the hour, a hundredth of the points, stay for `keep_hours_days`.
    """
    dropped: list[str] = []
    busy: list[str] = []
    with translated(url), connect(url, application="herald retention") as connection:
        connection.execute(_SQL["release_pins"], {"now": to_datetime(now_ns)})
        for tables, days in ((TABLES, keep_days), (HOUR_TABLES, max(keep_days, keep_hours_days))):
            for name, statements in _list_old(connection, tables, to_datetime(now_ns - days * DAY_NS)):
                (dropped if _drop(connection, statements) else busy).append(name)
        forgotten = connection.execute(_SQL["delete_digests"], {"limit": to_datetime(now_ns - DIGESTS_KEPT_NS)})
    return Forgotten(dropped=tuple(dropped), busy=tuple(busy), digests=forgotten.rowcount)


def prepare_weeks(url: str, *, now_ns: int) -> None:
    """Make the partitions of this week and the next."""
    with translated(url), connect(url, application="herald retention") as connection:
        for table in (*TABLES, *HOUR_TABLES):
            for week in (now_ns // WEEK_NS, now_ns // WEEK_NS + 1):
                connection.execute(_SQL["ensure_week"], {"table": table, "week": to_datetime(week * WEEK_NS)})


def _list_old(
    connection: Connection, tables: Sequence[str], limit: datetime
) -> list[tuple[str, Sequence[sql.Composed]]]:
    """Return the unpinned weeks that ended before the limit, and how to drop each."""
    timescale = bool(read_capabilities(connection).timescale)
    listing = _SQL["read_chunks" if timescale else "read_partitions"]
    rows = connection.execute(listing, {"tables": list(tables), "limit": limit}).fetchall()
    return [
        (str(name), _drop_chunk(str(table), week) if timescale else _drop_partition(str(name)))
        for table, name, week in rows
    ]


def pin(url: str, *, reason: str, window: Window) -> int:
    """Keep the telemetry of a window from being forgotten; return the id of the pin."""
    params = {"reason": reason, "start": to_datetime(window.start_ns), "end": to_datetime(window.end_ns)}
    with translated(url), connect(url) as connection:
        row = connection.execute(_SQL["add_pin"], params).fetchone()
    assert row is not None
    return int(row[0])


def _drop(connection: Connection, statements: Sequence[sql.Composed]) -> bool:
    """Return whether the lock could be had in time."""
    for _ in range(_ATTEMPTS):
        try:
            with connection.transaction():
                connection.execute(_SQL["set_patience"])
                for statement in statements:
                    connection.execute(statement)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            time.sleep(_PAUSE_S)
        else:
            return True
    return False


def _drop_partition(name: str) -> list[sql.Composed]:
    return [sql.SQL(_SQL["drop_partition"]).format(partition=sql.Identifier(name))]


def _drop_chunk(table: str, week: object) -> list[sql.Composed]:
    assert isinstance(week, datetime)
    return [
        sql.SQL(_SQL["lock_table"]).format(table=sql.Identifier(table)),
        sql.SQL(_SQL["drop_chunks"]).format(table=sql.Literal(table), week=sql.Literal(week)),
    ]
