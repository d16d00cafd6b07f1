"""A postmortem as Markdown and as self-contained HTML.

What people write stands between marks in the Markdown, `<!-- written: NAME -->` and `<!-- end -->`; `read_written`
finds it again, so that a postmortem that is made anew keeps it. Where Herald proposes something, such as actions, the
mark ends with a digest of that: what still has it was touched by nobody, and is proposed anew.
"""

import hashlib
import re
from collections.abc import Sequence
from html import escape

from model.errors import InvalidInputError
from reports.charts import draw_series
from reports.postmortem import OPEN, Postmortem
from reports.postmortem_json import render_postmortem_json
from reports.postmortem_sections import Section, sections_of
from reports.render_html import CSS
from reports.report_tables import Table
from reports.written_text import LINK_TARGETS, render_written

__all__ = [
    "draw_charts",
    "read_written",
    "render_postmortem_html",
    "render_postmortem_json",
    "render_postmortem_markdown",
]

_SCROLLS = ".wide { overflow-x: auto }\n@media print { .wide { overflow: visible } }\n"
"""What is wider than a phone scrolls by itself."""

_MARK = re.compile(r"^<!-- (?:written: (\w+)(?: ([0-9a-f]{8}))?|end) -->[ \t]*\n?", re.MULTILINE)
_LINK = re.compile(rf"\[([^\[\]]+)\]\(({LINK_TARGETS}[^)\s]+)\)")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_CODE = re.compile(r"`([^`]+)`")


def read_written(markdown: str) -> dict[str, str]:
    """Return what people wrote into a postmortem, by the name of its place, where they did.

    Raises InvalidInputError where a mark is missing or doubled: whose text it is cannot be told then.
    """
    written: dict[str, str] = {}
    place, proposed, since = "", "", 0
    for mark in _MARK.finditer(markdown):
        name = mark[1] or ""
        if bool(name) == bool(place) or name in written:
            line = markdown.count("\n", 0, mark.start()) + 1
            raise InvalidInputError(f"line {line}: {mark[0].strip()} stands where no such mark belongs")
        if place:
            text = markdown[since : mark.start()].strip("\n")
            written[place] = "" if text == OPEN or _digest(text) == proposed else text
        place, proposed, since = name, mark[2] or "", mark.end()
    if place:
        raise InvalidInputError(f"<!-- written: {place} --> has no <!-- end -->")
    return {name: text for name, text in written.items() if text}


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def draw_charts(postmortem: Postmortem) -> list[str]:
    """Return the charts as SVG texts, in order."""
    return [draw_series(chart, mark_ns=postmortem.incident.impact_ns) for chart in postmortem.charts]


def render_postmortem_markdown(postmortem: Postmortem, charts: Sequence[str] = ()) -> str:
    """Return the postmortem as GitHub-flavoured Markdown; `charts` are the addresses of its charts, if drawn."""
    lines = [f"# {postmortem.incident.title}", ""]
    for section in sections_of(postmortem):
        if section.figures and not charts:
            continue
        lines += [f"{'#' * section.level} {section.title}", ""]
        lines += [line for paragraph in section.paragraphs for line in (paragraph, "")]
        for figure, address in zip(section.figures, charts, strict=bool(section.figures)) if section.figures else ():
            lines += [f"![{figure.metric} of {figure.entity}]({address})", ""]
        lines += _body(section, postmortem)
    return "\n".join([*lines, f"Herald {postmortem.version}."]) + "\n"


def _body(section: Section, postmortem: Postmortem) -> list[str]:
    body = _unwritten(section)
    if not section.written:
        return [body, ""] if body else []
    mark = section.written if body == OPEN else f"{section.written} {_digest(body)}"
    return [f"<!-- written: {mark} -->", postmortem.written.get(section.written) or body, "<!-- end -->", ""]


def _unwritten(section: Section) -> str:
    """Return what stands below a heading as long as nobody has written there."""
    body = [*(_table_lines(section.table) if section.table else ()), *_item_lines(section)]
    return "\n".join(body) or (OPEN if section.written else "")


def _table_lines(table: Table) -> list[str]:
    sentence = [table.sentence] if table.sentence else []
    if not table.rows:
        return [*sentence, *([""] if sentence else []), table.empty]
    rules = ("--:" if name in table.numbers else "---" for name in table.columns)
    rows = (f"| {' | '.join(map(_cell, row))} |" for row in table.rows)
    return [
        *(f"{sentence[0]}\n" for _ in sentence),
        f"| {' | '.join(table.columns)} |",
        f"| {' | '.join(rules)} |",
        *rows,
    ]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")


def _item_lines(section: Section) -> list[str]:
    lines: list[str] = []
    for number, item in enumerate(section.items, start=1):
        first, *rest = item.split("\n")
        mark = f"{number}." if section.numbered else "- [ ]" if section.written else "-"
        lines += [f"{mark} {first}", *(f"   - {line}" for line in rest)]
    return lines


def render_postmortem_html(postmortem: Postmortem) -> str:
    """Return the postmortem as one self-contained HTML document with its charts."""
    title = escape(postmortem.incident.title)
    body = "\n".join(_html(section, postmortem) for section in sections_of(postmortem))
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"/>
<title>{title}</title><style>{CSS}{_SCROLLS}</style></head>
<body>
<h1>{title}</h1>
{body}
<p>Herald {escape(postmortem.version)}.</p>
</body></html>
"""


def _html(section: Section, postmortem: Postmortem) -> str:
    parts = [f"<h{section.level}>{_inline(section.title)}</h{section.level}>"]
    parts += [f"<p>{_inline(paragraph)}</p>" for paragraph in section.paragraphs]
    if section.figures:
        for chart, svg in zip(section.figures, draw_charts(postmortem), strict=True):
            label = escape(f"{chart.metric} of {chart.entity}")
            parts.append(f'<figure role="img" aria-label="{label}">{svg}</figure>')
    if written := postmortem.written.get(section.written):
        return "\n".join([*parts, _wide(render_written(written), section.title)])
    if section.table is not None:
        parts.append(_html_table(section.table))
    if section.items:
        tag = "ol" if section.numbered else "ul"
        parts.append(f"<{tag}>{''.join(f'<li>{_inline(item)}</li>' for item in section.items)}</{tag}>")
    if section.written and not section.table and not section.items:
        parts.append(f"<p>{OPEN}</p>")
    return "\n".join(parts)


def _html_table(table: Table) -> str:
    sentence = f"<p>{_inline(table.sentence)}</p>\n" if table.sentence else ""
    if not table.rows:
        return f"{sentence}<p>{_inline(table.empty)}</p>"
    kinds = [' class="number"' if name in table.numbers else "" for name in table.columns]
    head = "".join(f"<th{kind}>{escape(name)}</th>" for name, kind in zip(table.columns, kinds, strict=True))
    rows = (
        "".join(f"<td{kind}>{_inline(cell)}</td>" for cell, kind in zip(row, kinds, strict=True))
        for row in table.rows
    )
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    shown = f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
    return f"{sentence}{_wide(shown, table.title)}"


def _wide(html: str, title: str) -> str:
    return f'<div class="wide" role="region" aria-label="{escape(title)}" tabindex="0">{html}</div>'


def _inline(text: str) -> str:
    """Return a text as HTML: what it holds of links, bold and code is shown as such, everything else escaped."""
    shown = _LINK.sub(r'<a href="\2" target="_top">\1</a>', escape(text))
    return _CODE.sub(r"<code>\1</code>", _BOLD.sub(r"<strong>\1</strong>", shown)).replace("\n", "<br/>")
