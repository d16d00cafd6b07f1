"""The tables of an SLO report about alerts and incidents, as text cells."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from statistics import mean, median

from model.clock import SECOND_NS
from reports.numbers import render_moment, render_ratio, render_span
from reports.report_facts import SIGNIFICANT
from reports.report_incidents import Lost, ReportIncident
from reports.report_tables import Table
from reports.slo_report import Report


def alerts_table(report: Report) -> Table:
    """Return the alerts, and how many were about something."""
    precise, known = report.precision
    share = (
        f"{precise} of the {known} that follow a budget" if known else "None can be held against a budget, of those"
    )
    return Table(
        title="Alerts",
        columns=("Fired", "Resolved", "Severity", "Objective", "Entity", "Tier", "Budget spent"),
        numbers=frozenset({"Budget spent"}),
        rows=[
            (
                render_moment(alert.fired_ns),
                render_moment(alert.resolved_ns),
                alert.severity,
                alert.objective,
                alert.entity,
                alert.tier,
                "-" if alert.spent is None else render_ratio(alert.spent, 1),
            )
            for alert in report.alerts
        ],
        sentence=f"{share} were about {render_ratio(SIGNIFICANT, 0)} of the window's budget or more."
        if report.alerts
        else "",
    )


def alert_times_table(report: Report) -> Table:
    """Return how long alerts lasted, by severity."""
    lasted: dict[str, list[float]] = defaultdict(list)
    for alert in report.alerts:
        if alert.resolved_ns is not None:
            lasted[alert.severity].append((alert.resolved_ns - alert.fired_ns) / SECOND_NS)
    return Table(
        title="How long alerts lasted",
        columns=("Severity", "Fired", "Resolved", "Mean", "Median", "Longest"),
        numbers=frozenset({"Fired", "Resolved", "Mean", "Median", "Longest"}),
        rows=[
            (
                severity,
                str(sum(alert.severity == severity for alert in report.alerts)),
                str(len(times)),
                *(_lasted(of(times)) for of in _STATISTICS),
            )
            for severity, times in sorted(lasted.items())
        ],
        empty="None has resolved.",
    )


_STATISTICS: tuple[Callable[[list[float]], float], ...] = (mean, median, max)


def incidents_table(report: Report) -> Table:
    """Return what happened, the latest first: when it hurt, what it cost, and why."""
    return Table(
        title="Incidents",
        columns=(
            "Incident", "What", "Began (UTC)", "Detected", "Acknowledged", "Mitigated", "Resolved", "Budget spent",
            "Likely cause",
        ),
        rows=[_incident(each) for each in report.incidents],
        links=[f"{report.web_url}/incidents/{each.incident_id}" for each in report.incidents],
        sentence=_INCIDENTS,
        empty="Nothing hurt that anybody opened an incident for.",
    )  # fmt: skip


_INCIDENTS = (
    "All that hurt inside the window. Detected, mitigated and resolved are told from the start of the impact, "
    "acknowledged from detection; the budget is that of the window."
)


def _incident(incident: ReportIncident) -> tuple[str, ...]:
    return (
        f"#{incident.incident_id}",
        incident.title,
        render_moment(incident.impact_ns).removesuffix(" UTC"),
        _after(incident.impact_ns, incident.detected_ns),
        _after(incident.detected_ns, incident.acknowledged_ns, "nobody took it"),
        _after(incident.impact_ns, incident.mitigated_ns),
        _after(incident.impact_ns, incident.resolved_ns, "it goes on"),
        _lost(incident.lost),
        incident.cause or "-",
    )


def _after(since_ns: int, at_ns: int | None, never: str = "-") -> str:
    return never if at_ns is None else f"after {render_span((at_ns - since_ns) / SECOND_NS)}"


def _lost(lost: Sequence[Lost]) -> str:
    """Return the dearest loss of an incident, and of how many more budgets it took some."""
    if not lost:
        return "-"
    first, more = lost[0], len(lost) - 1
    others = f", and of {more} more" if more else ""
    return f"{render_ratio(first.share, 1)} of {first.objective}, {first.entity}{others}"


def acknowledgement_table(report: Report) -> Table:
    """Return how soon a person took the incidents of each domain."""
    numbers = ("Incidents", "Acknowledged", "Share", "Mean time to acknowledge", "Longest")
    return Table(
        title="How soon incidents were acknowledged",
        columns=("Domain", *numbers),
        numbers=frozenset(numbers),
        rows=[
            (
                each.domain or "none",
                str(each.incidents),
                str(each.acknowledged),
                render_ratio(each.acknowledged / each.incidents, 0),
                _lasted(each.mean_s),
                _lasted(each.longest_s),
            )
            for each in report.acknowledgement
        ],
        empty="No incident was detected inside the window.",
    )


def _lasted(seconds: float | None) -> str:
    return "-" if seconds is None else render_span(seconds)
