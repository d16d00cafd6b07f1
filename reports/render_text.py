"""A report as Markdown, as CSV and as JSON."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from model.clock import format_time
from model.windows import render_duration
from reports.numbers import render_moment, render_ratio
from reports.report_facts import Correction, ReportAlert, ReportIncident
from reports.report_tables import Table, detail_tables, summarise
from reports.slo_report import Report, ReportRow

METHOD = (
    "SLI = good events / all events in the window, summed over minutes (never an average of averages).",
    "Budget left = 1 - bad / ((1 - target) x all), below zero when overspent; compared unrounded, cut when shown.",
    "The state is that of this window: exhausted when nothing of its budget is left, at risk under a quarter.",
    "Minutes without data are neither good nor bad; coverage says how many minutes had data.",
    "Excluded minutes count nothing, or as good, as the objective says; without them is what telemetry still tells.",
    "Time to acknowledge runs from detection, which is the first page; what nobody took is in the share alone.",
    "An alert was about something when, from the start of its long window until it resolved, much budget went.",
)
_BLOCKS = "▁▂▃▄▅▆▇█"
_CSV_COLUMNS = (
    "objective", "entity", "domain", "owner", "catalogue_id", "target", "good", "total", "sli", "budget_remaining",
    "budget_remaining_before", "budget_remaining_without_exclusions", "coverage", "excluded_minutes", "state",
)  # fmt: skip


def render_markdown(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown; budgets are drawn as lines of blocks."""
    lines = [f"# {report.title}", "", describe_window(report), "", report.verdict, ""]
    summary = summarise(report)
    courses = [(*cells, _sparkline(row)) for cells, row in zip(summary.rows, report.rows, strict=True)]
    lines += _table(summary, columns=(*summary.columns, "Course"), rows=courses)
    for table in detail_tables(report):
        lines += _table(table, columns=table.columns, rows=table.rows)
    lines += ["## Method", "", *(f"- {sentence}" for sentence in METHOD), "", f"Herald {report.version}."]
    return "\n".join(lines) + "\n"


def describe_window(report: Report) -> str:
    """Return from when to when the report speaks, and how much of that is known."""
    start, end = render_moment(report.window.start_ns), render_moment(report.window.end_ns)
    return f"From {start} to {end}; {render_ratio(report.coverage, 1)} of all minutes have data."


def render_json(report: Report) -> str:
    """Return the same numbers as one JSON document, unrounded."""
    return json.dumps(report_as_dict(report), indent=2, sort_keys=True, allow_nan=False) + "\n"


def render_csv(report: Report) -> str:
    """Return one line for each objective of each entity, unrounded; what is not known is empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _CSV_COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(_row, report.rows))
    return out.getvalue()


def report_as_dict(report: Report) -> dict[str, Any]:
    """Return the report as plain JSON values."""
    precise, known = report.precision
    return {
        "from": format_time(report.window.start_ns),
        "to": format_time(report.window.end_ns),
        "window": render_duration(report.window.length_ns),
        "label": report.label,
        "subject": report.subject,
        "version": report.version,
        "verdict": report.verdict,
        "coverage": report.coverage,
        "objectives": [_row(row) for row in report.rows],
        "alerts": [_alert(alert) for alert in report.alerts],
        "alert_precision": {"about_a_loss": precise, "of": known},
        "incidents": [_incident(each) for each in report.incidents],
        "acknowledgement": [asdict(each) for each in report.acknowledgement],
        "corrections": [_correction(each) for each in report.corrections],
        "metered": [asdict(each) for each in report.metered],
    }


def _row(row: ReportRow) -> dict[str, Any]:
    return {
        "objective": row.objective,
        "display_name": row.display_name,
        "domain": row.domain,
        "owner": row.owner,
        "catalogue_id": row.catalogue_id,
        "entity": row.entity,
        "target": row.target,
        "good": row.good,
        "total": row.total,
        "sli": row.sli,
        "coverage": row.coverage,
        "excluded_minutes": row.excluded_minutes,
        "budget_remaining": row.remaining,
        "budget_remaining_before": row.remaining_before,
        "budget_remaining_without_exclusions": row.remaining_without_exclusions,
        "worst_hour": None if row.worst_hour_ns is None else format_time(row.worst_hour_ns),
        "worst_hour_bad": row.worst_hour_bad,
        "months": [{**asdict(month), "kept": row.keeps(month)} for month in row.months],
        "state": row.state,
    }


def _alert(alert: ReportAlert) -> dict[str, Any]:
    return {
        "objective": alert.objective,
        "entity": alert.entity,
        "tier": alert.tier,
        "severity": alert.severity,
        "fired_at": format_time(alert.fired_ns),
        "resolved_at": None if alert.resolved_ns is None else format_time(alert.resolved_ns),
        "budget_spent": alert.spent,
    }


def _incident(incident: ReportIncident) -> dict[str, Any]:
    return {
        "id": incident.incident_id,
        "title": incident.title,
        "domain": incident.domain or None,
        "detected_at": format_time(incident.detected_ns),
        "acknowledged_at": None if incident.acknowledged_ns is None else format_time(incident.acknowledged_ns),
        "acknowledged_by": incident.acknowledged_by,
    }


def _correction(correction: Correction) -> dict[str, Any]:
    told = asdict(correction)
    return {"at": format_time(told.pop("at_ns")), **told}


def render_table(table: Table) -> str:
    """Return a table under its title as GitHub-flavoured Markdown."""
    return "\n".join(_table(table, columns=table.columns, rows=table.rows)) + "\n"


def _table(table: Table, *, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"## {table.title}", ""]
    if table.sentence:
        lines += [table.sentence, ""]
    if not rows:
        return [*lines, table.empty, ""]
    rules = ("--:" if name in table.numbers else "---" for name in columns)
    cells = (" | ".join(_escape(cell) for cell in row) for row in rows)
    return [*lines, f"| {' | '.join(columns)} |", f"| {' | '.join(rules)} |", *(f"| {row} |" for row in cells), ""]


def _escape(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")


def _sparkline(row: ReportRow, width: int = 14) -> str:
    if not len(row.history_remaining):
        return ""
    picks = [round(i * (len(row.history_remaining) - 1) / (width - 1)) for i in range(width)]
    levels = (max(0.0, min(1.0, float(row.history_remaining[i]))) for i in picks)
    return "".join(_BLOCKS[round(level * (len(_BLOCKS) - 1))] for level in levels)
