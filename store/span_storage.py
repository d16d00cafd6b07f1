"""Store each span once. One that starts after the newest in the database is new; the others are looked up first.

To look a span up costs as much as to store it, and few start at or before the newest one that another agent has sent.
The newest start is known as long as nobody else writes, as the marks of series are (decision 8).
"""

from collections.abc import Sequence

from model.spans import Spans
from store.copying import copy_in
from store.database import Connection
from store.span_rows import SpanRows
from store.statements import load_statements

_SQL = load_statements("writer")


class SpanStorage:
    """Stores spans inside the transactions of a writer whose turn it is."""

    def __init__(self) -> None:
        self._newest_us: int | None = None  # what has been committed; None until it is read
        self._stored_us = 0

    def distrust(self) -> None:
        """Read the newest start again: another has written, or a transaction may have failed."""
        self._newest_us = None

    def note_commit(self) -> None:
        """Remember what the last call stored. Raising the mark earlier would make an attempt doubt its own spans."""
        if self._newest_us is not None:
            self._newest_us = max(self._newest_us, self._stored_us)

    def store(self, connection: Connection, spans: Sequence[Spans]) -> int:
        """Store the spans that are not there yet, and return how many."""
        rows = SpanRows(spans)
        if not len(rows):
            return 0
        if self._newest_us is None:
            self._newest_us = self._stored_us = _read_newest_us(connection)
        self._stored_us = max(self._stored_us, rows.newest_us())
        if suspects := rows.suspects(self._newest_us):
            asked = {"traces": suspects.traces, "first": suspects.first_us, "last": suspects.last_us}
            # Planned for these very traces and this window: which index serves best depends on both.
            found = connection.execute(_SQL["find_spans"], asked, prepare=False).fetchall()
            rows.drop((trace_id, span_id, start_us) for trace_id, span_id, start_us in found)
        if len(rows):
            copy_in(connection, _SQL["copy_span"], rows.encode())
        return len(rows)


def _read_newest_us(connection: Connection) -> int:
    row = connection.execute(_SQL["read_newest_span"]).fetchone()
    assert row is not None
    return int(row[0])
