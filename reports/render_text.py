"""A report as Markdown and as JSON."""

import json
from typing import Any

from model.clock import format_time
from model.windows import render_duration
from reports.numbers import render_count, render_moment, render_ratio
from reports.slo_report import Report, ReportRow

METHOD = (
    "SLI = good events / all events in the window, summed over minutes (never an average of averages). "
    "Budget left = 1 - bad / ((1 - target) x all), below zero when overspent. "
    "Minutes without data are neither good nor bad; coverage says how many minutes had data. Excluded minutes count "
    "nothing, or as good, as the objective says."
)
_BLOCKS = "▁▂▃▄▅▆▇█"


def render_markdown(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown; budgets are drawn as lines of blocks."""
    lines = [f"# {report.title}", "", report.verdict, "", "## Objectives, worst first", ""]
    lines += [
        "| Objective | Entity | Target | Attained | Bad / allowed | Budget left | Course | State |",
        "| --- | --- | --: | --: | --: | --: | --- | --- |",
        *map(_row, report.rows),
        "",
        "## Alerts",
        "",
    ]
    if report.alerts:
        lines += [
            "| Fired | Resolved | Severity | Objective | Entity | Tier |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        lines += [
            f"| {render_moment(a.fired_ns)} | {render_moment(a.resolved_ns)} | {a.severity} "
            f"| {a.objective} | {a.entity} | {a.tier} |"
            for a in report.alerts
        ]
    else:
        lines.append("None.")
    lines += ["", "## Method", "", METHOD, "", f"Herald {report.version}."]
    return "\n".join(lines) + "\n"


def render_json(report: Report) -> str:
    """Return the same numbers as one JSON document, unrounded."""
    return json.dumps(report_as_dict(report), indent=2, sort_keys=True) + "\n"


def report_as_dict(report: Report) -> dict[str, Any]:
    """Return the report as plain JSON values."""
    return {
        "from": format_time(report.window.start_ns),
        "to": format_time(report.window.end_ns),
        "window": render_duration(report.window.length_ns),
        "version": report.version,
        "verdict": report.verdict,
        "objectives": [
            {
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
                "state": row.state,
            }
            for row in report.rows
        ],
        "alerts": [
            {
                "objective": alert.objective,
                "entity": alert.entity,
                "tier": alert.tier,
                "severity": alert.severity,
                "fired_at": format_time(alert.fired_ns),
                "resolved_at": None if alert.resolved_ns is None else format_time(alert.resolved_ns),
            }
            for alert in report.alerts
        ],
    }


def _row(row: ReportRow) -> str:
    return (
        f"| {row.display_name} ({row.catalogue_id}) | {row.entity} "
        f"| {render_ratio(row.target, 1)} | {render_ratio(row.sli)} "
        f"| {render_count(row.bad)} / {render_count(row.allowed)} | {render_ratio(row.remaining, 1)} "
        f"| {_sparkline(row)} | {row.state} |"
    )


def _sparkline(row: ReportRow, width: int = 14) -> str:
    if not len(row.history_remaining):
        return ""
    picks = [round(i * (len(row.history_remaining) - 1) / (width - 1)) for i in range(width)]
    levels = (max(0.0, min(1.0, float(row.history_remaining[i]))) for i in picks)
    return "".join(_BLOCKS[round(level * (len(_BLOCKS) - 1))] for level in levels)
