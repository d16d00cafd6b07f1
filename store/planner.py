"""Everything about the batches of a call that can be decided before its transaction, or even before its turn.

A plan made while another group is being written knows only the marks from before that group. It still holds if all
points that it calls new are after the marks of now; the writer asks, and has it made anew if not.
"""

import contextlib
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from model.clock import DAY_NS
from model.points import Batch, LogEvent
from model.spans import Spans
from store.database import Connection
from store.point_plan import PointPlan, plan_points
from store.point_rows import gather_histograms, gather_numbers
from store.series import NotInBookError, SeriesBook

_WEEK_NS = 7 * DAY_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What becomes of the batches of a call."""

    numbers: PointPlan
    histograms: PointPlan
    events: list[LogEvent]
    spans: list[Spans]

    def tables_of_weeks(self) -> set[tuple[str, int]]:
        """Return each table and week that something falls into."""
        needed = {("point", week) for _, week in self.numbers.metric_weeks}
        needed |= {("histogram", week) for _, week in self.histograms.metric_weeks}
        needed |= {("event", event.time_ns // _WEEK_NS) for event in self.events}
        weeks = [week for block in self.spans for week in np.unique(block.start_ns // _WEEK_NS).tolist()]
        return needed | {("span", week) for week in weeks}

    def made_ready(self) -> "Work":
        """Return the plan with its new points encoded."""
        return replace(self, numbers=self.numbers.made_ready(), histograms=self.histograms.made_ready())

    def metric_weeks(self) -> set[tuple[str, int]]:
        """Return each metric and week of points."""
        return self.numbers.metric_weeks | self.histograms.metric_weeks


class Planner:
    """Plans with a book of series. `prepare` may be called from another thread than everything else."""

    def __init__(self) -> None:
        self.book = SeriesBook()
        self._gate = threading.RLock()
        self._ahead: deque[tuple[list[Batch], Work]] = deque(maxlen=2)  # for the group in its turn, and the next

    def prepare(self, batches: Sequence[Batch]) -> None:
        """Plan and encode ahead, if the book knows all that it takes."""
        with self._gate, contextlib.suppress(NotInBookError):
            if not self.book.is_full:
                self._ahead.append((list(batches), self._plan(None, batches).made_ready()))

    def plan(self, connection: Connection, batches: Sequence[Batch]) -> Work:
        """Return the plan made ahead for these very batches, or a new one; series that are new are created."""
        ready = self._take_ahead(batches)
        if ready is not None:
            return ready
        with self._gate:
            if self.book.is_full:
                self.forget()
            return self._plan(connection, batches)

    def plan_again(self, connection: Connection, batches: Sequence[Batch]) -> Work:
        """Return a plan by what is known now; rows of the book stay what they are."""
        with self._gate:
            return self._plan(connection, batches)

    def holds(self, work: Work) -> bool:
        """Return whether what the plan calls new still is."""
        for plan in (work.numbers, work.histograms):
            fresh = plan.fresh
            if (plan.columns.time_us[fresh] <= self.book.marks_us[plan.columns.series[fresh]]).any():
                return False
        return True

    def remember(self, work: Work) -> None:
        """Move the marks of what has been stored; that `prepare` may see only some of it moved does no harm."""
        for plan in (work.numbers, work.histograms):
            self.book.marks_us[plan.series] = np.maximum(self.book.marks_us[plan.series], plan.marks_us)

    def distrust_marks(self) -> None:
        """Note that somebody else may have written newer points."""
        with self._gate:
            self._ahead.clear()
            self.book.distrust_marks()

    def forget(self) -> None:
        """Forget everything."""
        with self._gate:
            self._ahead.clear()
            self.book.forget()

    def _take_ahead(self, batches: Sequence[Batch]) -> Work | None:
        for made in list(self._ahead):
            if list(map(id, made[0])) == list(map(id, batches)):
                self._ahead.remove(made)
                return made[1]
        return None

    def _plan(self, connection: Connection | None, batches: Sequence[Batch]) -> Work:
        find_rows = partial(self.book.find_rows, connection)
        numbers, histograms = gather_numbers(batches, find_rows), gather_histograms(batches, find_rows)
        self.book.confirm_marks(connection, np.concatenate([numbers.series, histograms.series]))
        return Work(
            numbers=plan_points(numbers, self.book),
            histograms=plan_points(histograms, self.book),
            events=[event for batch in batches for event in batch.events],
            spans=[block for batch in batches for block in batch.spans],
        )
