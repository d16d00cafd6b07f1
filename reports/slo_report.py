"""The SLO report: what was promised, what was kept, over one window, as values.

Worst first everywhere. `report_tables.py` says which tables it has, `render_*.py` how they are written; the numbers
are decided here, once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from model.windows import Window, render_duration
from reports.numbers import render_ratio
from reports.report_facts import Basis, Correction, Metered, ReportAlert
from reports.report_incidents import Acknowledgement, ReportIncident, acknowledgement_by_domain
from reports.report_rows import ReportRow
from slo import PAGE, TICKET, WORST_FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a report says. `label` names the period, `subject` what it speaks of.

    `web_url` is put before links into the web application, so that they lead there from elsewhere too.
    """

    basis: Basis
    rows: tuple[ReportRow, ...]
    alerts: tuple[ReportAlert, ...]
    label: str = ""
    subject: str = "the fleet"
    incidents: tuple[ReportIncident, ...] = ()
    corrections: tuple[Correction, ...] = ()
    metered: tuple[Metered, ...] = ()
    web_url: str = ""

    @property
    def window(self) -> Window:
        """Return the time that it speaks of."""
        return self.basis.window

    @property
    def title(self) -> str:
        """Return the headline with the period in words, and its time zone where that is not UTC."""
        zone = "" if self.basis.zone == "UTC" else f" ({self.basis.zone})"
        return f"SLO report of {self.subject}, {self.label or render_duration(self.window.length_ns)}{zone}"

    @property
    def coverage(self) -> float | None:
        """Return the share of the data that were due that are there, over all entities; None where none were due."""
        known = [row.coverage for row in self.rows if row.coverage is not None]
        return sum(known) / len(known) if known else None

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
            spent = render_ratio(worst.spent, 1)
            text += f" Worst: {worst.display_name} of {worst.entity} spent {spent} of its error budget."
        if silent:
            text += f" {silent} had no data and are neither kept nor missed."
        pages, tickets = (sum(alert.severity == severity for alert in self.alerts) for severity in (PAGE, TICKET))
        text += f" {_several(pages, 'page')} and {_several(tickets, 'ticket')} were raised,"
        text += f" {_several(len(self.incidents), 'incident')} hurt."
        if self.corrections:
            text += f" {_several(len(self.corrections), 'correction')} changed numbers afterwards."
        return text


def _several(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def build_report(
    *,
    basis: Basis,
    rows: Iterable[ReportRow],
    alerts: Iterable[ReportAlert],
    label: str = "",
    subject: str = "the fleet",
    incidents: Iterable[ReportIncident] = (),
    corrections: Iterable[Correction] = (),
    metered: Iterable[Metered] = (),
    web_url: str = "",
) -> Report:
    """Return the report with rows sorted worst first, alerts and incidents latest first."""
    return Report(
        basis=basis,
        rows=tuple(sorted(rows, key=_worst_first)),
        alerts=tuple(sorted(alerts, key=lambda alert: -alert.fired_ns)),
        label=label,
        subject=subject,
        incidents=tuple(sorted(incidents, key=lambda incident: (-incident.detected_ns, incident.incident_id))),
        corrections=tuple(corrections),
        metered=tuple(metered),
        web_url=web_url,
    )


def _worst_first(row: ReportRow) -> tuple[int, float, str, str]:
    """Return the key by which missed ones come first, the most overspent of them on top, then the others by state."""
    missed = row.remaining is not None and row.remaining < 0
    return (-1 if missed else WORST_FIRST[row.state], row.remaining or 0.0, row.objective, row.entity)
