"""A report as one self-contained HTML file: inline SVG charts, no script, prints well."""

from html import escape

from reports.charts import draw_budget
from reports.numbers import render_count, render_moment, render_ratio
from reports.render_text import METHOD
from reports.slo_report import Report, ReportRow

CSS = """
:root { color-scheme: light }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b2733 }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem } h3 { font-size: 1rem; margin-bottom: .2rem }
table { border-collapse: collapse; width: 100%; font-size: .87rem }
th, td { text-align: left; padding: .3rem .5rem; border-bottom: 1px solid #d7dee4; vertical-align: top }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
.state { font-weight: 600; white-space: nowrap } .state::before { content: "● " }
.ok::before { color: #1a7f4b } .at_risk::before { color: #b26a00 }
.exhausted::before { color: #b3261e } .no_data::before { color: #7a8793 }
figure { margin: 0 0 1rem } svg { max-width: 100%; height: auto } figcaption { font-size: .85rem; color: #51606d }
section { break-inside: avoid }
@page { size: A4; margin: 15mm }
"""


def render_html(report: Report) -> str:
    """Return the report as an HTML document."""
    summary = "\n".join(map(_summary_row, report.rows))
    details = "\n".join(map(_detail, report.rows))
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{escape(report.title)}</title><style>{CSS}</style></head>
<body>
<h1>{escape(report.title)}</h1>
<p>{escape(report.verdict)}</p>
<h2>Objectives, worst first</h2>
<table>
<thead><tr><th>Objective</th><th>Entity</th><th class="number">Target</th><th class="number">Attained</th>
<th class="number">Bad / allowed</th><th class="number">Budget left</th><th>State</th></tr></thead>
<tbody>
{summary}
</tbody></table>
<h2>Alerts</h2>
{_alerts(report)}
<h2>Each objective</h2>
{details}
<h2>Method</h2>
<p>{escape(METHOD)}</p>
<p>Herald {escape(report.version)}.</p>
</body></html>
"""


def _summary_row(row: ReportRow) -> str:
    return (
        f"<tr><td>{escape(row.display_name)} <small>{escape(row.catalogue_id)}</small></td>"
        f"<td>{escape(row.entity)}</td>"
        f'<td class="number">{render_ratio(row.target, 1)}</td><td class="number">{render_ratio(row.sli)}</td>'
        f'<td class="number">{render_count(row.bad)} / {render_count(row.allowed)}</td>'
        f'<td class="number">{render_ratio(row.remaining, 1)}</td>'
        f'<td class="state {escape(row.state)}">{escape(row.state.replace("_", " "))}</td></tr>'
    )


def _alerts(report: Report) -> str:
    if not report.alerts:
        return "<p>None.</p>"
    rows = "\n".join(
        f"<tr><td>{render_moment(a.fired_ns)}</td><td>{render_moment(a.resolved_ns)}</td><td>{escape(a.severity)}</td>"
        f"<td>{escape(a.objective)}</td><td>{escape(a.entity)}</td><td>{escape(a.tier)}</td></tr>"
        for a in report.alerts
    )
    head = "".join(f"<th>{name}</th>" for name in ("Fired", "Resolved", "Severity", "Objective", "Entity", "Tier"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table>"


def _detail(row: ReportRow) -> str:
    heading = f"<h3>{escape(row.display_name)}, {escape(row.entity)}</h3>"
    if row.sli is None:
        return f"<section>{heading}<p>No data in this window.</p></section>"
    sentence = (
        f"{render_count(row.bad)} of {render_count(row.total)} failed; {render_count(row.allowed)} allowed; "
        f"{render_ratio(row.remaining, 1)} of the budget left; "
        f"{render_ratio(row.coverage, 1)} of the minutes had data, {row.excluded_minutes:,} were excluded. "
        f"Owner: {row.owner}."
    )
    chart = draw_budget(row) if len(row.history_ns) else ""
    label = escape(f"Budget left of {row.display_name}, {row.entity}")
    return (
        f'<section>{heading}<figure role="img" aria-label="{label}">{chart}'
        f"<figcaption>{escape(sentence)}</figcaption></figure></section>"
    )
