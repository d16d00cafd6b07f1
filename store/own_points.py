"""Telemetry that Herald concludes from its own rows, and that stands or falls with them.

What comes from outside goes through the collector and `writer`. What the engine itself has counted is stored in the
transaction that notes it as counted: once, whatever crashes.
"""

from model.clock import to_datetime
from model.points import HistogramPoint
from store.series import SeriesBook
from store.session import Session
from store.statements import load_statements

_SQL = load_statements("own_points")


class OwnPointStore(Session):
    """Writes single points of series that nobody else writes."""

    def add_histogram(self, point: HistogramPoint) -> None:
        """Store one point; the minute that it ends in is counted again."""
        book = SeriesBook()
        with self.transaction():
            (row,) = book.find_rows(self._open(), (point.series,))
            params = {
                "metric": point.series.metric,
                "series": int(book.ids[row]),
                "time": to_datetime(point.time_ns),
                "start": to_datetime(point.start_ns),
                "bounds": list(point.bounds),
                "buckets": list(point.buckets),
                **{name: getattr(point, name) for name in ("count", "sum", "min", "max")},
            }
            for statement in ("ensure_week", "add_histogram", "note_newest", "add_dirty_minute"):
                self._rows(_SQL[statement], params)
