"""`series.last_time`, for people: when each series last had a point.

To change it with every batch would cost more than storing the points, so it is brought up to date every few seconds,
and when the writer ends. Nothing rests on it.
"""

import time

import numpy as np

from model.points import Int64s
from store.database import Connection
from store.pgcopy import array_text
from store.statements import load_statements

_SQL = load_statements("series")
_EVERY_S = 5.0


class LastTimes:
    """Collects the times of newest points until they are shown."""

    def __init__(self) -> None:
        self._newest_us: dict[int, int] = {}
        self._shown_s = -np.inf

    def note(self, series_id: Int64s, newest_us: Int64s) -> None:
        """Take down the newest points of series, each named once."""
        self._newest_us.update(zip(series_id.tolist(), newest_us.tolist(), strict=True))

    def is_due(self) -> bool:
        """Return whether the last time was a while ago."""
        return time.monotonic() - self._shown_s >= _EVERY_S

    def show(self, connection: Connection) -> None:
        """Bring the table up to date."""
        if self._newest_us:
            ids = sorted(self._newest_us)
            marks = [self._newest_us[i] for i in ids]
            connection.execute(_SQL["show_last_times"], {"ids": array_text(ids), "marks": array_text(marks)})
            self._newest_us.clear()
        self._shown_s = time.monotonic()
