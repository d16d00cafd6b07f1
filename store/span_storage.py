"""Store each span once. One that starts after the newest of its resource is new; the others are looked up first.

To look a span up costs a third of what storing it does. The newest starts are known as long as nobody else writes, as
the marks of series are (decision 8); of a resource that this writer has not stored it is that of all spans together.
"""

from collections.abc import Sequence

from model.attributes import Attributes
from model.spans import Spans
from store.copying import copy_in
from store.database import Connection
from store.span_rows import SpanRows
from store.statements import load_statements

_SQL = load_statements("writer")
_MOST_RESOURCES = 10_000


class SpanStorage:
    """Stores spans inside the transactions of a writer whose turn it is."""

    def __init__(self) -> None:
        self._newest_us: int | None = None  # of all spans when our turns began; None until it is read
        self._newest_of: dict[Attributes, int] = {}  # what we have committed since
        self._stored: dict[Attributes, int] = {}

    def distrust(self) -> None:
        """Read the newest start again: another has written, or a transaction may have failed."""
        self._newest_us = None
        self._newest_of.clear()

    def note_commit(self) -> None:
        """Remember what the last call stored: before it is committed, it may still be tried again."""
        for resource, start_us in self._stored.items():
            self._newest_of[resource] = max(start_us, self._newest_of.get(resource, start_us))
        self._stored = {}
        if len(self._newest_of) > _MOST_RESOURCES:
            self.distrust()

    def store(self, connection: Connection, spans: Sequence[Spans]) -> int:
        """Store the spans that are not there yet, and return how many."""
        rows = SpanRows(spans)
        self._stored = rows.newest_us()
        if not len(rows):
            return 0
        newest_us = _read_newest_us(connection) if self._newest_us is None else self._newest_us
        self._newest_us = newest_us
        suspects = rows.suspects(lambda resource: max(newest_us, self._newest_of.get(resource, newest_us)))
        if suspects:
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
