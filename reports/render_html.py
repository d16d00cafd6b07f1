"""A report as one self-contained HTML file, inline SVG charts and no script, and the same pages as a PDF."""

from collections.abc import Sequence
from html import escape

from model.errors import HeraldError
from reports.charts import draw_course
from reports.numbers import render_coverage, render_ratio, render_target
from reports.render_text import METHOD
from reports.report_contents import describe_basis, detail_tables
from reports.report_rows import ReportRow
from reports.report_tables import Table, summarise
from reports.slo_report import Report

CSS = """
:root { color-scheme: light }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem; color: #1b2733 }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem } h3 { font-size: 1rem; margin-bottom: .2rem }
table { border-collapse: collapse; width: 100%; font-size: .87rem }
th, td { text-align: left; padding: .3rem .5rem; border-bottom: 1px solid #d7dee4; vertical-align: top }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums } td.number { white-space: nowrap }
.state { font-weight: 600; white-space: nowrap } .state::before { content: "● " }
.ok::before { color: #1a7f4b } .at_risk::before { color: #b26a00 }
.exhausted::before { color: #b3261e } .no_data::before { color: #7a8793 }
.basis { font-size: .85rem; color: #51606d }
figure { margin: 0 0 1rem } svg { width: 46rem; max-width: 100%; height: auto }
figcaption { font-size: .85rem; color: #51606d }
section, tr { break-inside: avoid } h2, h3, h2 + p { break-after: avoid }
@page { size: A4; margin: 15mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt } }
@media print {
  html, body { font-size: 11px } body { margin: 0; padding: 0; max-width: none } .first { break-after: page }
  svg { width: 100% }
}
"""


def render_html(report: Report) -> str:
    """Return the report as an HTML document; its first page is all that an executive needs."""
    tables = "\n".join(map(render_titled, detail_tables(report)))
    method = "\n".join(f"<li>{escape(sentence)}</li>" for sentence in METHOD)
    summary = summarise(report)
    states = [row.state for row in report.rows]
    basis = "<br/>".join(map(escape, describe_basis(report)))
    body = f"""<div class="first"><h1>{escape(report.title)}</h1>
<p><strong>{escape(report.verdict)}</strong></p>
<p class="basis">{basis}</p>
{render_titled(summary, states)}</div>
{tables}
<h2>Each objective</h2>
{"".join(map(_detail, report.rows))}
<h2>Method</h2>
<ul>
{method}
</ul>
"""
    return render_page(report.title, body)


def render_page(title: str, body: str) -> str:
    """Return a self-contained HTML document around a body that is HTML already."""
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{escape(title)}</title><style>{CSS}</style></head>
<body>
{body}</body></html>
"""


def render_titled(table: Table, states: Sequence[str] | None = None) -> str:
    """Return a table under its title; its last column shows the states by their colours, where they are given."""
    return f"<h2>{escape(table.title)}</h2>\n{_table(table, states)}"


def lay_out_pdf(page: str) -> bytes:
    """Return an HTML page as a PDF of A4 pages with selectable text.

    Raises HeraldError where the system has no Pango, which lays the text out.
    """
    try:
        from weasyprint import HTML  # noqa: PLC0415 - loads system libraries, which need not be there
    except OSError as exc:
        raise HeraldError(
            f"no PDF can be laid out: {exc}",
            remedy="install Pango (Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0), or write --format html",
        ) from exc
    pdf = HTML(string=page).write_pdf(pdf_identifier=b"herald")
    assert isinstance(pdf, bytes)
    return pdf


def _table(table: Table, states: Sequence[str] | None) -> str:
    sentence = f"<p>{escape(table.sentence)}</p>\n" if table.sentence else ""
    if not table.rows:
        return f"{sentence}<p>{escape(table.empty)}</p>"
    kinds = [' class="number"' if name in table.numbers else "" for name in table.columns]
    head = "".join(f"<th{kind}>{escape(name)}</th>" for name, kind in zip(table.columns, kinds, strict=True))
    rows = []
    for i, row in enumerate(table.rows):
        of_row = [*kinds[:-1], f' class="state {escape(states[i])}"'] if states else kinds
        contents = [escape(cell) for cell in row]
        if table.links:
            contents[0] = f'<a href="{escape(table.links[i])}" target="_top">{contents[0]}</a>'
        cells = "".join(f"<td{kind}>{content}</td>" for content, kind in zip(contents, of_row, strict=True))
        rows.append(f"<tr>{cells}</tr>")
    body = "\n".join(rows)
    return f"{sentence}<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


def _detail(row: ReportRow) -> str:
    heading = f"<h3>{escape(row.display_name)}, {escape(row.entity)}</h3>"
    if row.sli is None:
        return f"<section>{heading}<p>No data in this window.</p></section>\n"
    sentence = (
        f"{row.unit.render(row.bad)} of {row.unit.render(row.total)} failed; {row.unit.render(row.allowed)} allowed; "
        f"{render_ratio(row.remaining, 1)} of the budget left; "
        f"{render_coverage(row.coverage)}, {row.excluded_minutes:,} minutes were excluded. "
        f"Owner: {row.owner or 'nobody'}."
    )
    chart = draw_course(row) if len(row.history_ns) else ""
    label = escape(
        f"What {row.display_name}, {row.entity} attained beside its target of {render_target(row.target)}, "
        "and its budget left"
    )
    return (
        f'<section>{heading}<figure role="img" aria-label="{label}">{chart}'
        f"<figcaption>{escape(sentence)}</figcaption></figure></section>\n"
    )
