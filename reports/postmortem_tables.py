"""The tables of a postmortem as text cells: the same in Markdown and HTML.

A cell may hold several lines, and links, bold and code in Markdown.
"""

from itertools import groupby

from model.clock import MINUTE_NS, format_time
from reports.numbers import render_count, render_moment, render_ratio
from reports.postmortem import OPEN, Moment, Postmortem
from reports.postmortem_facts import Impact
from reports.report_tables import Table
from reports.review import minutes

_SIGNIFICANT = 0.001
_MOST_SILENT = 3
_BUDGETS = "Budgets are those of a whole window at its usual traffic."
_BRACKETS = frozenset("[]")  # a link cannot hold another
_COLUMNS = {"quantum": 0, "classical": 1, "environment": 1, "promise": 2}


def times_table(postmortem: Postmortem) -> Table:
    """Return the times of the incident, each from where it is counted."""
    incident = postmortem.incident
    steps = (
        ("Impact", incident.impact_ns, None, ""),
        ("Detected", incident.detected_ns, incident.impact_ns, "after the impact"),
        ("Acknowledged", incident.acknowledged_ns, incident.detected_ns, "after detection"),
        ("Mitigated", incident.mitigated_ns, incident.impact_ns, "after the impact"),
        ("Resolved", incident.resolved_ns, incident.impact_ns, "after the impact"),
    )
    return Table(
        title="Times",
        columns=("Step", "When", "How long"),
        rows=[
            (
                step,
                render_moment(at_ns) if at_ns is not None else "never" if step != "Resolved" else "it goes on",
                f"{minutes(since_ns, at_ns)} {what}" if at_ns is not None and since_ns is not None else "-",
            )
            for step, at_ns, since_ns, what in steps
        ],
    )


def impact_table(postmortem: Postmortem) -> Table:
    """Return what objectives lost, the dearest first; those that lost nothing are counted."""
    lost = lost_budgets(postmortem)
    kept = len(postmortem.impacts) - len(lost)
    rest = f" {kept} further objectives of what was hurt lost less than a thousandth." if kept else ""
    return Table(
        title="Impact",
        columns=("Objective", "Entity", "Failed", "Of", "Budget spent", "Owner"),
        numbers=frozenset({"Failed", "Of", "Budget spent"}),
        rows=[(*impact_cells(impact), impact.owner or "-") for impact in lost],
        sentence=f"{_BUDGETS}{rest}",
        empty="No objective lost a thousandth of its budget.",
    )


def lost_budgets(postmortem: Postmortem) -> list[Impact]:
    """Return the impacts that cost something, the dearest first: a few failures are what a budget is for.

    What failed of a budget that is not known did too.
    """
    return [impact for impact in postmortem.impacts if _is_dear(impact)]


def _is_dear(impact: Impact) -> bool:
    return impact.bad > 0 if impact.budget_share is None else impact.budget_share >= _SIGNIFICANT


def impact_cells(impact: Impact) -> tuple[str, ...]:
    """Return an impact as text."""
    spent = render_ratio(impact.budget_share, 1)
    return impact.objective, impact.entity, render_count(impact.bad), render_count(impact.total), spent


def tenants_table(postmortem: Postmortem) -> Table:
    """Return whose jobs failed."""
    return Table(
        title="Tenants",
        columns=("Tenant", "Backend", "Failed jobs", "Share before", "Share during"),
        numbers=frozenset({"Failed jobs", "Share before", "Share during"}),
        rows=[
            (
                each.tenant or "-",
                each.backend or "-",
                render_count(each.failed),
                render_ratio(each.share_before, 1),
                render_ratio(each.share_during, 1),
            )
            for each in postmortem.tenants
            if each.failed
        ],
        empty="No job of a tenant failed on what was hurt."
        if postmortem.tenants
        else "No tenant ran jobs on what was hurt; what failed is counted by device above.",
    )


def timeline_table(postmortem: Postmortem) -> Table:
    """Return what happened by the minute: quantum, classical and what was promised, side by side."""
    rows = []
    for minute_ns, moments in groupby(postmortem.timeline, key=lambda m: m.at_ns // MINUTE_NS * MINUTE_NS):
        cells: list[list[str]] = [[], [], []]
        for moment in moments:
            cells[_COLUMNS[moment.layer]].append(_told(moment, postmortem.web_url))
        rows.append((format_time(minute_ns)[:16].replace("T", " "), *("\n".join(cell) for cell in cells)))
    return Table(
        title="Timeline",
        columns=("When (UTC)", "Quantum", "Classical and environment", "Alerts, budgets, people"),
        rows=rows,
    )


def _told(moment: Moment, web_url: str) -> str:
    text = f"**{moment.text}**" if moment.kind in ("impact", "note") else moment.text
    if moment.link:
        address = moment.link if "://" in moment.link else f"{web_url}{moment.link}"
        return (
            f"{text} ([{moment.kind}]({address}))" if _BRACKETS & set(moment.text) else f"[{moment.text}]({address})"
        )
    return text if moment.source in (*text.split(), "sli") else f"{text} ({moment.source})"


def gaps_table(postmortem: Postmortem) -> Table:
    """Return of what nothing is known."""
    return Table(
        title="What is not known",
        columns=("Entity", "From", "To", "Metrics", "Such as"),
        numbers=frozenset({"Metrics"}),
        rows=[
            (g.entity, render_moment(g.start_ns), render_moment(g.end_ns), str(g.metrics), g.examples)
            for g in postmortem.gaps
        ],
        empty="Telemetry of what was hurt, and of what acts on it, has no gap of three minutes or more.",
    )


def actions_table(postmortem: Postmortem) -> Table:
    """Return the actions that follow from the facts, for people to take, change or strike."""
    own = postmortem.incident.entity
    rows = [
        ("Find the cause: there are only leads" if first.lead else "Try to refute suspect 1", "process", own)
        for first in postmortem.suspects[:1]
    ]
    rows += [(f"Decide whether {name} should page", "detect", hurt) for name, hurt in _unpaged(postmortem).items()]
    silent: dict[str, int] = {}
    for gap in postmortem.gaps:  # the longest of each entity
        silent.setdefault(gap.entity, gap.metrics)
    rows += [
        (f"Find out why {_metrics(metrics)} of {entity} fell silent", "detect", entity)
        for entity, metrics in list(silent.items())[:_MOST_SILENT]
    ]
    rows += [("What prevents it?", "prevent", own), ("What makes it cheaper?", "mitigate", own)]
    return Table(
        title="Actions",
        columns=("Action", "Type", "Owner", "Ticket", "Due"),
        rows=[(action, kind, _owner(postmortem, entity), OPEN, OPEN) for action, kind, entity in rows],
    )


def _metrics(count: int) -> str:
    return "a metric" if count == 1 else f"{count} metrics"


def _unpaged(postmortem: Postmortem) -> dict[str, str]:
    """Return the objectives whose budget went without a page, and of each what lost most."""
    paged = {alert.objective for alert in postmortem.alerts if alert.severity == "page"}
    found: dict[str, str] = {}
    for impact in postmortem.impacts:
        if (impact.budget_share or 0) >= 1 and impact.objective not in paged:
            found.setdefault(impact.objective, impact.entity)
    return found


def _owner(postmortem: Postmortem, entity: str) -> str:
    """Return who owns the dearest loss of an entity, or else of the incident."""
    owned = [impact for impact in postmortem.impacts if impact.owner]
    of_entity = [impact for impact in owned if set(entity.split(", ")) & set(impact.entity.split(", "))]
    return next((impact.owner for impact in of_entity or owned), OPEN)
