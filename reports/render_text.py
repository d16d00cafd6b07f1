"""A report as Markdown, as CSV and as JSON."""

import csv
import io
import json
from collections.abc import Sequence

from reports.report_contents import describe_basis, detail_tables
from reports.report_json import describe_row, report_as_dict
from reports.report_rows import ReportRow
from reports.report_tables import Table, summarise
from reports.slo_report import Report

METHOD = (
    "SLI = good events / all events in the window, summed over minutes (never an average of averages).",
    "Budget left = 1 - bad / ((1 - target) x all), below zero when overspent; compared unrounded, cut when shown.",
    "The state is that of this window: exhausted when nothing of its budget is left, at risk under a quarter.",
    "Minutes without data are neither good nor bad; coverage says how much of the data that were due are there.",
    "Excluded minutes count nothing, or as good, as the objective says; without them is what telemetry still tells.",
    "What an incident lost is counted from its impact until it resolved, by the window's budget of what it hurt.",
    "A likely cause is ranked from telemetry, as in a postmortem; it is looked for where most was lost.",
    "Time to acknowledge runs from detection, which is the first page; what nobody took is in the share alone.",
    "An alert was about something when, from the start of its long window until it resolved, much budget went.",
)
_BLOCKS = "▁▂▃▄▅▆▇█"
_CSV_COLUMNS = (
    "objective", "entity", "domain", "owner", "catalogue_id", "target", "good", "total", "sli", "bad", "allowed",
    "unit", "budget_remaining", "budget_remaining_before", "budget_remaining_without_exclusions", "coverage",
    "excluded_minutes", "state",
)  # fmt: skip


def render_markdown(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown; budgets are drawn as lines of blocks."""
    lines = [f"# {report.title}", "", report.verdict, "", *(f"- {line}" for line in describe_basis(report)), ""]
    summary = summarise(report)
    courses = [(*cells, _sparkline(row)) for cells, row in zip(summary.rows, report.rows, strict=True)]
    lines += _table(summary, columns=(*summary.columns, "Course"), rows=courses)
    for table in detail_tables(report):
        lines += _table(table, columns=table.columns, rows=table.rows)
    lines += ["## Method", "", *(f"- {sentence}" for sentence in METHOD)]
    return "\n".join(lines) + "\n"


def render_json(report: Report) -> str:
    """Return the same numbers as one JSON document, unrounded."""
    return json.dumps(report_as_dict(report), indent=2, sort_keys=True, allow_nan=False) + "\n"


def render_csv(report: Report) -> str:
    """Return one line for each objective of each entity, unrounded; what is not known is empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _CSV_COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(describe_row, report.rows))
    return out.getvalue()


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
    cells = [[_escape(cell) for cell in row] for row in rows]
    for row, link in zip(cells, table.links, strict=False):  # none, or one for each row
        row[0] = f"[{row[0]}]({link})"
    told = (f"| {' | '.join(row)} |" for row in cells)
    return [*lines, f"| {' | '.join(columns)} |", f"| {' | '.join(rules)} |", *told, ""]


def _escape(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")


def _sparkline(row: ReportRow, width: int = 14) -> str:
    if not len(row.history_remaining):
        return ""
    picks = [round(i * (len(row.history_remaining) - 1) / (width - 1)) for i in range(width)]
    levels = (max(0.0, min(1.0, float(row.history_remaining[i]))) for i in picks)
    return "".join(_BLOCKS[round(level * (len(_BLOCKS) - 1))] for level in levels)
