"""Puts planned work into the tables, in the transaction that `writer` makes of it: one COPY per table.

What is new is copied where it belongs. What may be there already is copied to a temporary table first, and only what
is not there goes on.
"""

from collections.abc import Iterable, Iterator, Sequence

from psycopg import sql

from model.spans import Spans
from store.database import Connection
from store.happening_rows import Row, edge_columns, event_row
from store.pgcopy import HEADER, TRAILER
from store.planner import Work
from store.point_plan import PointPlan
from store.span_rows import SpanRows
from store.statements import load_statements

_SQL = load_statements("storing")


def make_temporary_tables(connection: Connection) -> None:
    """Make what `store_work` needs, once per connection."""
    connection.execute(_SQL["make_temporary"])


def store_work(connection: Connection, work: Work) -> int:
    """Store what is not there yet, and note the minutes that change; return how many items that were."""
    stored = _store_points(connection, "point", work.numbers)
    stored += _store_points(connection, "histogram", work.histograms)
    _add_dirty_minutes(connection, work)
    stored += _store_rows(connection, "event", map(event_row, work.events), len(work.events))
    stored += _store_spans(connection, work.spans)
    edges = edge_columns(work.events)
    if edges["seen"]:
        connection.execute(_SQL["add_edges"], edges)
    return stored


def pin_weeks(connection: Connection, pins: Iterable[tuple[str, int]]) -> None:
    """Keep each metric's week from being forgotten."""
    for metric, week in sorted(pins):
        connection.execute(_SQL["pin_week"], {"reason": f"{metric} is kept", "week": week})


def _store_points(connection: Connection, table: str, plan: PointPlan) -> int:
    if len(plan.fresh):
        _copy(connection, f"copy_{table}", plan.encode_fresh())
    if not len(plan.suspects):
        return len(plan.fresh)
    suspects = f"suspect_{table}"
    _copy(connection, f"copy_{suspects}", plan.encode(plan.suspects))
    add_new = sql.SQL(_SQL["add_new_points"]).format(table=sql.Identifier(table), suspects=sql.Identifier(suspects))
    # Planned for these very weeks.
    added = connection.execute(add_new, plan.suspect_times(), prepare=False)
    return len(plan.fresh) + added.rowcount


def _copy(connection: Connection, statement: str, parts: Iterable[bytes]) -> None:
    """Send the parts as they come: the database stores one while the next is encoded."""
    with connection.cursor().copy(_SQL[statement]) as copy:
        copy.write(HEADER)
        for part in parts:
            copy.write(memoryview(part))  # sliced without copying
        copy.write(TRAILER)


def _store_spans(connection: Connection, spans: Sequence[Spans]) -> int:
    """Store the spans that are not there yet. Nobody else adds any meanwhile: it is our turn."""
    rows = SpanRows(spans)
    if len(rows):
        first_us, last_us = rows.window_us()
        asked = {"traces": rows.trace_ids(), "first": first_us, "last": last_us}
        # Planned for these very traces and this window: which index serves best depends on both.
        found = connection.execute(_SQL["find_spans"], asked, prepare=False).fetchall()
        rows.drop((trace_id, span_id, start_us) for trace_id, span_id, start_us in found)
    if len(rows):
        _copy(connection, "copy_span", rows.encode())
    return len(rows)


def _store_rows(connection: Connection, table: str, rows: Iterator[Row], count: int) -> int:
    if not count:
        return 0
    with connection.cursor().copy(_SQL[f"copy_new_{table}"]) as copy:
        for row in rows:
            copy.write_row(row)
    return connection.execute(_SQL[f"add_new_{table}s"]).rowcount


def _add_dirty_minutes(connection: Connection, work: Work) -> None:
    dirty = sorted(work.numbers.dirty | work.histograms.dirty)
    if dirty:
        metrics, minutes = [metric for metric, _ in dirty], [minute for _, minute in dirty]
        connection.execute(_SQL["add_dirty_minutes"], {"metric": metrics, "minute": minutes})
    if len(work.numbers.suspects) or len(work.histograms.suspects):
        connection.execute(_SQL["add_dirty_successors"])
