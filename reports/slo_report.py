"""The SLO report: what was promised, what was kept, over one window, as values.

Worst first everywhere. Rendering to Markdown, HTML and JSON is in `render_*.py`; the numbers are decided here, once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.clock import format_time
from model.windows import Window, render_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One objective of one entity over the report's window.

    `remaining` is the share of the error budget left, negative when overspent, None without events. `history_ns` and
    `history_remaining` trace it over the window.
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
    coverage: float
    remaining: float | None
    state: str
    history_ns: NDArray[np.int64]
    history_remaining: NDArray[np.float64]
    excluded_minutes: int = 0

    @property
    def sli(self) -> float | None:
        """Return good/total, or None without events: no data is not success."""
        return self.good / self.total if self.total else None

    @property
    def bad(self) -> int:
        """Return how many events failed."""
        return self.total - self.good

    @property
    def allowed(self) -> float:
        """Return how many events may fail in this window before the budget is spent."""
        return (1 - self.target) * self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAlert:
    """One alert that fired inside the window; `resolved_ns` is None while it fires."""

    objective: str
    entity: str
    tier: str
    severity: str
    fired_ns: int
    resolved_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a report says."""

    window: Window
    version: str
    rows: tuple[ReportRow, ...]
    alerts: tuple[ReportAlert, ...]

    @property
    def title(self) -> str:
        """Return the headline with the window in words."""
        return f"SLO report, {render_duration(self.window.length_ns)} to {format_time(self.window.end_ns)}"

    @property
    def missed(self) -> tuple[ReportRow, ...]:
        """Return the rows whose budget is spent."""
        return tuple(row for row in self.rows if row.remaining is not None and row.remaining < 0)

    @property
    def verdict(self) -> str:
        """Return one paragraph for somebody who reads nothing else."""
        silent = sum(row.remaining is None for row in self.rows)
        text = f"{len(self.missed)} of {len(self.rows)} objectives missed."
        if self.missed:
            worst = self.missed[0]
            spent = 1 - (worst.remaining or 0.0)
            text += f" Worst: {worst.display_name} of {worst.entity} spent {spent:.0%} of its error budget."
        if silent:
            text += f" {silent} had no data and are neither kept nor missed."
        pages = sum(alert.severity == "page" for alert in self.alerts)
        return f"{text} {pages} pages and {len(self.alerts) - pages} tickets were raised."


def build_report(*, window: Window, version: str, rows: Iterable[ReportRow], alerts: Iterable[ReportAlert]) -> Report:
    """Return the report with rows sorted worst first and alerts latest first."""
    return Report(
        window=window,
        version=version,
        rows=tuple(sorted(rows, key=_worst_first)),
        alerts=tuple(sorted(alerts, key=lambda alert: -alert.fired_ns)),
    )


def _worst_first(row: ReportRow) -> tuple[bool, float, str, str]:
    return (row.remaining is None, row.remaining or 0.0, row.objective, row.entity)
