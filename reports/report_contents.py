"""What an SLO report says in which order: the lines below its title, and the tables after its first page."""

from collections.abc import Iterator

from reports.numbers import render_coverage, render_local, render_moment
from reports.report_alert_tables import acknowledgement_table, alert_times_table, alerts_table, incidents_table
from reports.report_facts import Basis
from reports.report_tables import Table, corrections_table, metered_table, months_table, spenders_table
from reports.slo_report import Report

_SHOWN_DIGITS = 12
"""Of the digest of the configuration; JSON has all of it."""


def describe_basis(report: Report) -> tuple[str, ...]:
    """Return of what time the report speaks, and what it rests on, line by line."""
    basis = report.basis
    return (
        _describe_period(basis),
        f"As of {render_moment(basis.as_of_ns)}; {render_coverage(report.coverage)}.",
        f"Objectives {basis.configuration[:_SHOWN_DIGITS]}, Herald {basis.version}.",
    )


def _describe_period(basis: Basis) -> str:
    window = basis.window
    text = f"From {render_moment(window.start_ns)} to {render_moment(window.end_ns)}"
    if basis.zone != "UTC":
        local = (render_local(when_ns, basis.zone) for when_ns in (window.start_ns, window.end_ns))
        text += f" ({' to '.join(local)} in {basis.zone})"
    if basis.is_complete:
        return f"{text}; the period is complete."
    return f"{text}; unfinished, the period ends {render_moment(basis.period_end_ns)}."


def detail_tables(report: Report) -> Iterator[Table]:
    """Yield the tables after the first page."""
    yield spenders_table(report)
    yield incidents_table(report)
    yield alerts_table(report)
    yield alert_times_table(report)
    yield acknowledgement_table(report)
    yield months_table(report)
    yield corrections_table(report)
    yield metered_table(report)
