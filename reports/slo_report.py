"""The SLO report: what was promised, what was kept, over one window, as values.

Worst first everywhere. `report_tables.py` says which tables it has, `render_*.py` how they are written; the numbers
are decided here, once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from model.windows import Window, render_duration
from reports.report_facts import (
    Acknowledgement,
    Correction,
    Metered,
    Month,
    ReportAlert,
    ReportIncident,
    acknowledgement_by_domain,
)
from slo import WORST_FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One objective of one entity over the report's window.

    `remaining` is the share of the error budget left, negative when overspent, None without events; `state` is a word
    for it, and not how the objective stands in a window of its own. `history_ns` and `history_remaining` trace how it
    was used up. Good and all events `without_exclusions` are None where nothing was excluded, those of the window
    `before` where nothing was counted then. The worst hour begins at `worst_hour_ns`.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a report says. `label` names the window, `subject` what it speaks of."""

    window: Window
    version: str
    rows: tuple[ReportRow, ...]
    alerts: tuple[ReportAlert, ...]
    label: str = ""
    subject: str = "the fleet"
    incidents: tuple[ReportIncident, ...] = ()
    corrections: tuple[Correction, ...] = ()
    metered: tuple[Metered, ...] = ()

    @property
    def title(self) -> str:
        """Return the headline with the window in words."""
        return f"SLO report of {self.subject}, {self.label or render_duration(self.window.length_ns)}"

    @property
    def coverage(self) -> float:
        """Return the share of the minutes that have data, over all entities."""
        return sum(row.coverage for row in self.rows) / len(self.rows) if self.rows else 0.0

    @property
    def precision(self) -> tuple[int, int]:
        """Return how many alerts were about a real loss of budget, of how many of which that can be said."""
        known = [alert.is_precise for alert in self.alerts if alert.is_precise is not None]
        return sum(known), len(known)

    @property
    def acknowledgement(self) -> tuple[Acknowledgement, ...]:
        """Return how the incidents of the window were taken, domain by domain."""
        return acknowledgement_by_domain(self.incidents)

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
        text = f"{text} {pages} pages and {len(self.alerts) - pages} tickets were raised."
        if self.corrections:
            text += f" {len(self.corrections)} corrections changed numbers afterwards."
        return text


def build_report(
    *,
    window: Window,
    version: str,
    rows: Iterable[ReportRow],
    alerts: Iterable[ReportAlert],
    label: str = "",
    subject: str = "the fleet",
    incidents: Iterable[ReportIncident] = (),
    corrections: Iterable[Correction] = (),
    metered: Iterable[Metered] = (),
) -> Report:
    """Return the report with rows sorted worst first and alerts latest first."""
    return Report(
        window=window,
        version=version,
        rows=tuple(sorted(rows, key=_worst_first)),
        alerts=tuple(sorted(alerts, key=lambda alert: -alert.fired_ns)),
        label=label,
        subject=subject,
        incidents=tuple(sorted(incidents, key=lambda incident: (-incident.detected_ns, incident.incident_id))),
        corrections=tuple(corrections),
        metered=tuple(metered),
    )


def _worst_first(row: ReportRow) -> tuple[int, float, str, str]:
    """Return the key by which missed ones come first, the most overspent of them on top, then the others by state."""
    missed = row.remaining is not None and row.remaining < 0
    return (-1 if missed else WORST_FIRST[row.state], row.remaining or 0.0, row.objective, row.entity)
