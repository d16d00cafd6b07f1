"""One objective of one entity in an SLO report: what it counted, what is left of its budget, and how it went."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from reports.amounts import EVENTS, CountUnit
from reports.report_facts import Month


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One objective of one entity over the report's window.

    `remaining` is the share of the error budget left, negative when overspent, None without events; `state` is a word
    for it, and not how the objective stands in a window of its own. What is counted stands for amounts in `unit`.
    `history_ns` and `history_remaining` trace how the budget was used up, `history_sli` what was attained since the
    moment before, not a number where nothing was counted. Good and all events `without_exclusions` are None where
    nothing was excluded, those of the window `before` where nothing was counted then. The worst hour begins at
    `worst_hour_ns`. `coverage` is the share of the window in which data were not overdue, None where none were due.
    """

    objective: str
    display_name: str
    domain: str
    owner: str
    catalogue_id: str
    entity: str
    target: float
    good: int
    total: int
    coverage: float | None
    remaining: float | None
    state: str
    history_ns: NDArray[np.int64]
    history_remaining: NDArray[np.float64]
    history_sli: NDArray[np.float64]
    unit: CountUnit = EVENTS
    excluded_minutes: int = 0
    without_exclusions: tuple[int, int] | None = None
    before: tuple[int, int] | None = None
    months: tuple[Month, ...] = ()
    worst_hour_ns: int | None = None
    worst_hour_bad: int = 0

    @property
    def sli(self) -> float | None:
        """Return good/total, or None without events: no data is not success."""
        return self.good / self.total if self.total else None

    @property
    def bad(self) -> int:
        """Return how many events failed."""
        return self.total - self.good

    @property
    def error_budget(self) -> Fraction:
        """Return the share of events that may fail, exactly: 1 - 0.9 in binary is less than a tenth."""
        return 1 - Fraction(str(self.target))

    @property
    def allowed(self) -> float:
        """Return how many events may fail in this window before the budget is spent."""
        return float(self.error_budget * self.total)

    @property
    def spent(self) -> float:
        """Return the share of the budget that was spent, 0 without events."""
        return float(self.bad / (self.error_budget * self.total)) if self.total else 0.0

    def keeps(self, month: Month) -> bool:
        """Return whether a month kept the objective."""
        return month.total - month.good <= self.error_budget * month.total

    @property
    def remaining_without_exclusions(self) -> float | None:
        """Return the share of the budget that would be left had nothing been excluded; None where nothing was."""
        return None if self.without_exclusions is None else self._left(*self.without_exclusions)

    @property
    def remaining_before(self) -> float | None:
        """Return the share of the budget that was left of the window of the same length before."""
        return None if self.before is None else self._left(*self.before)

    def _left(self, good: int, total: int) -> float | None:
        return float(1 - (total - good) / (self.error_budget * total)) if total else None
