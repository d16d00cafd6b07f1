"""A postmortem as Markdown, HTML and JSON."""

import json
from html import escape
from typing import Any

import numpy as np

from model.clock import SECOND_NS, format_time
from reports.cause import Suspect
from reports.charts import draw_series
from reports.numbers import render_count, render_moment, render_ratio
from reports.postmortem import REVIEW_QUESTIONS, Impact, Incident, Moment, Postmortem
from reports.render_html import CSS

OPEN = "TODO(author)"


def render_postmortem_json(postmortem: Postmortem) -> str:
    """Return the postmortem as one JSON document."""
    return json.dumps(postmortem_as_dict(postmortem), indent=2) + "\n"


def postmortem_as_dict(postmortem: Postmortem) -> dict[str, Any]:
    """Return the postmortem as plain JSON values."""
    incident = postmortem.incident
    return {
        "incident": {
            "title": incident.title,
            "entity": incident.entity,
            "impact_at": format_time(incident.impact_ns),
            "detected_at": _time(incident.detected_ns),
            "resolved_at": _time(incident.resolved_ns),
            "seconds_to_detect": _seconds(incident.impact_ns, incident.detected_ns),
            "seconds_to_resolve": _seconds(incident.impact_ns, incident.resolved_ns),
        },
        "window": {"from": format_time(incident.window.start_ns), "to": format_time(incident.window.end_ns)},
        "impact": [_impact(impact) for impact in postmortem.impacts],
        "timeline": [
            {"at": format_time(m.at_ns), "kind": m.kind, "source": m.source, "text": m.text, "link": m.link}
            for m in postmortem.timeline
        ],
        "suspects": [suspect.as_dict(rank) for rank, suspect in enumerate(postmortem.suspects, start=1)],
        "no_suspect": postmortem.no_suspect,
        "telemetry_gaps": [
            {
                "objective": g.objective,
                "entity": g.entity,
                "from": format_time(g.start_ns),
                "to": format_time(g.end_ns),
            }
            for g in postmortem.gaps
        ],
        "charts": [
            {
                "metric": chart.metric,
                "entity": chart.entity,
                "part": chart.part,
                "points": [
                    [format_time(at_ns), None if np.isnan(value) else value]
                    for at_ns, value in zip(chart.minute_ns.tolist(), chart.value.tolist(), strict=True)
                ],
            }
            for chart in postmortem.charts
        ],
        "review": [{"question": question, "answer": OPEN} for question in REVIEW_QUESTIONS],
    }


def render_postmortem_markdown(postmortem: Postmortem) -> str:
    """Return the postmortem as GitHub-flavoured Markdown, without charts."""
    board = f"[The incident on its board]({_board(postmortem.incident)})."
    lines = [f"# {postmortem.incident.title}", "", _summary(postmortem), "", board, "", "## Impact", ""]
    lines += ["| Objective | Entity | Bad | Of | Budget spent |", "| --- | --- | --: | --: | --: |"]
    lines += ["| " + " | ".join(_impact_cells(impact)) + " |" for impact in postmortem.impacts]
    lines += ["", "## Likely causes", ""]
    lines += [line for rank, s in enumerate(postmortem.suspects, start=1) for line in _suspect_lines(rank, s)] or [
        postmortem.no_suspect
    ]
    lines += ["", "## Timeline", "", "| When | What | Source |", "| --- | --- | --- |"]
    lines += [f"| {render_moment(m.at_ns)} | {_linked(m)} | {m.source} |" for m in postmortem.timeline]
    lines += ["", "## What is not known", ""]
    lines += [
        f"- {g.objective} of {g.entity}: no telemetry from {render_moment(g.start_ns)} to {render_moment(g.end_ns)}"
        for g in postmortem.gaps
    ] or ["Telemetry is complete."]
    lines += ["", "## Review", "", *[f"- {question} {OPEN}" for question in REVIEW_QUESTIONS]]
    return "\n".join([*lines, "", f"Herald {postmortem.version}."]) + "\n"


def render_postmortem_html(postmortem: Postmortem) -> str:
    """Return the postmortem as one self-contained HTML document with charts of the first suspects."""
    title = escape(postmortem.incident.title)
    causes = "".join(map(_suspect_item, postmortem.suspects))
    charts = "".join(
        f'<figure role="img" aria-label="{escape(c.metric)} of {escape(c.entity)}">'
        f"{draw_series(c, mark_ns=postmortem.incident.impact_ns)}</figure>"
        for c in postmortem.charts
    )
    moments = [(render_moment(m.at_ns), m.text, m.source) for m in postmortem.timeline]
    gaps = [(g.objective, g.entity, render_moment(g.start_ns), render_moment(g.end_ns)) for g in postmortem.gaps]
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title><style>{CSS}</style></head>
<body>
<h1>{title}</h1>
<p>{escape(_summary(postmortem))}</p>
<p><a href="{escape(_board(postmortem.incident))}" target="_top">The incident on its board</a></p>
<h2>Impact</h2>
{_table(("Objective", "Entity", "Bad", "Of", "Budget spent"), map(_impact_cells, postmortem.impacts))}
<h2>Likely causes</h2>
{f"<ol>{causes}</ol>" if causes else f"<p>{escape(postmortem.no_suspect)}</p>"}
{charts}
<h2>Timeline</h2>
{_table(("When", "What", "Source"), moments)}
<h2>What is not known</h2>
{_table(("Objective", "Entity", "From", "To"), gaps) if gaps else "<p>Telemetry is complete.</p>"}
<h2>Review</h2>
<ul>{"".join(f"<li>{escape(question)} {OPEN}</li>" for question in REVIEW_QUESTIONS)}</ul>
<p>Herald {escape(postmortem.version)}.</p>
</body></html>
"""


def _table(columns: tuple[str, ...], rows: Any) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


def _board(incident: Incident) -> str:
    """Return where the web application draws the time of the incident; it serves the postmortem too."""
    window = incident.window
    return f"/d/herald-incident?from={window.start_ns // 1_000_000}&to={window.end_ns // 1_000_000}"


def _summary(postmortem: Postmortem) -> str:
    incident = postmortem.incident
    if incident.detected_ns is None:
        words = [
            f"What is recorded of {incident.entity} since {render_moment(incident.impact_ns)}; no alert is behind it."
        ]
    else:
        words = [
            f"{incident.entity} began to fail at {render_moment(incident.impact_ns)}.",
            f"An alert fired {_minutes(incident.impact_ns, incident.detected_ns)} later.",
            _ending(incident),
        ]
    if postmortem.suspects:
        words.append(f"Most likely cause: {postmortem.suspects[0].text}.")
    return " ".join(words)


def _ending(incident: Incident) -> str:
    if incident.resolved_ns is None:
        return "It has not ended."
    return f"It ended after {_minutes(incident.impact_ns, incident.resolved_ns)}."


def _minutes(start_ns: int, end_ns: int) -> str:
    return f"{(end_ns - start_ns) / (60 * SECOND_NS):.0f} min"


def _suspect_lines(rank: int, suspect: Suspect) -> list[str]:
    return [
        f"{rank}. {_suspect_head(suspect)}",
        f"   - Score {suspect.score:.2f}: {_suspect_parts(suspect)}",
        f"   - Refuted if: {suspect.refutation}",
    ]


def _suspect_item(suspect: Suspect) -> str:
    rest = f"Score {suspect.score:.2f}: {_suspect_parts(suspect)}", f"Refuted if: {suspect.refutation}"
    return f"<li>{escape(_suspect_head(suspect))}<br/>{'<br/>'.join(map(escape, rest))}</li>"


def _suspect_head(suspect: Suspect) -> str:
    return f"{suspect.text}, from {render_moment(suspect.onset_ns)} ({suspect.kind}, confidence {suspect.confidence})"


def _suspect_parts(suspect: Suspect) -> str:
    parts = ", ".join(f"{name} {value:.2f}" for name, value in suspect.parts.items())
    return f"{parts}; moved by {suspect.size:.3g} sigma" if suspect.size else parts


def _linked(moment: Moment) -> str:
    return f"[{moment.text}]({moment.link})" if moment.link else moment.text


def _impact_cells(impact: Impact) -> tuple[str, ...]:
    spent = render_ratio(impact.budget_share, 1)
    return (impact.objective, impact.entity, render_count(impact.bad), render_count(impact.total), spent)


def _impact(impact: Impact) -> dict[str, Any]:
    return {
        "objective": impact.objective,
        "entity": impact.entity,
        "bad": impact.bad,
        "total": impact.total,
        "budget_share": impact.budget_share,
    }


def _time(when_ns: int | None) -> str | None:
    return None if when_ns is None else format_time(when_ns)


def _seconds(start_ns: int, end_ns: int | None) -> float | None:
    return None if end_ns is None else (end_ns - start_ns) / SECOND_NS
