"""What a postmortem says, section by section, before it is Markdown or HTML."""

from collections.abc import Iterator
from dataclasses import dataclass

from reports.cause import Suspect
from reports.evidence import EvidenceSeries
from reports.fidelity_tables import count_unshown_fidelities, fidelity_tables, states_table
from reports.numbers import render_count, render_moment, render_ratio
from reports.postmortem import REVIEW_QUESTIONS, Incident, Postmortem
from reports.postmortem_tables import (
    actions_table,
    gaps_table,
    impact_table,
    lost_budgets,
    tenants_table,
    timeline_table,
    times_table,
)
from reports.report_tables import Table
from reports.review import alerting_badly, alerting_well, minutes, review_points

_IN_FULL = 3
_LEADS = (
    "What is only a lead is where to look first, no evidence: chance moves some series as far, and most changes "
    "before an incident are innocent."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands below it, in this order; `written` names the place in which people write.

    Texts may hold Markdown links, bold and code. `level` is that of the heading; a table's own title is not shown.
    """

    title: str
    level: int = 2
    paragraphs: tuple[str, ...] = ()
    figures: tuple[EvidenceSeries, ...] = ()
    table: Table | None = None
    items: tuple[str, ...] = ()
    numbered: bool = False
    written: str = ""


def sections_of(postmortem: Postmortem) -> Iterator[Section]:
    """Yield the sections in the order in which they are read."""
    yield Section(title="Summary", paragraphs=(summarise(postmortem), _board(postmortem)))
    yield _titled(times_table(postmortem))
    yield _titled(impact_table(postmortem))
    yield _titled(tenants_table(postmortem), level=3)
    yield _causes(postmortem)
    if postmortem.charts:
        yield Section(
            title="Charts",
            level=3,
            paragraphs=("The dashed line is the first bad minute.",),
            figures=postmortem.charts,
        )
    yield _titled(timeline_table(postmortem))
    yield Section(title="Fidelity before and during", paragraphs=_fidelity_words(postmortem))
    for table in fidelity_tables(postmortem):
        yield _titled(table, level=3)
    yield _titled(states_table(postmortem), level=3)
    yield _titled(gaps_table(postmortem))
    yield Section(title="How alerting did")
    yield Section(title="Well", level=3, items=tuple(alerting_well(postmortem)) or ("Nothing to be said.",))
    yield Section(title="Badly", level=3, items=tuple(alerting_badly(postmortem)) or ("Nothing to be said.",))
    yield Section(title="Actions", table=actions_table(postmortem), written="actions")
    yield Section(title="Review")
    for name, question in REVIEW_QUESTIONS.items():
        yield Section(title=question, level=3, written=name)
    points = tuple(review_points(postmortem.incident.domain))
    if points:
        yield Section(title="Checklist", level=3, items=points, written="checklist")


def _fidelity_words(postmortem: Postmortem) -> tuple[str, ...]:
    if not postmortem.fidelities:
        return ("No fidelity is measured on what was hurt.",)
    unshown = count_unshown_fidelities(postmortem)
    rest = f"{unshown} more moved less than these; `herald query fidelity_histogram` tells all."
    return (rest,) if unshown else ()


def summarise(postmortem: Postmortem) -> str:
    """Return what happened in a paragraph for somebody who reads nothing else."""
    incident = postmortem.incident
    if incident.detected_ns is None:
        since = render_moment(incident.impact_ns)
        words = [f"What is recorded of {incident.entity} since {since}; no alert is behind it."]
    else:
        hurt = incident.entity or "What nobody named"
        words = [f"{hurt} began to fail at {render_moment(incident.impact_ns)}.", _noticed(postmortem)]
        words += [_ending(incident)]
    words += _cost(postmortem)
    if postmortem.no_suspect:
        words.append(postmortem.no_suspect)
    elif postmortem.suspects:
        first = postmortem.suspects[0]
        words.append(f"Most likely cause, with {first.confidence} confidence: {first.text}.")
    return " ".join(words)


def _noticed(postmortem: Postmortem) -> str:
    incident = postmortem.incident
    assert incident.detected_ns is not None
    taken = (
        f"{incident.acknowledged_by} took it {minutes(incident.detected_ns, incident.acknowledged_ns)} after that."
        if incident.acknowledged_ns is not None
        else ""
    )
    noticed = "An alert fired" if postmortem.alerts else "Somebody noticed"
    return f"{noticed} {minutes(incident.impact_ns, incident.detected_ns)} later. {taken}".strip()


def _ending(incident: Incident) -> str:
    if incident.resolved_ns is None:
        return "It has not ended."
    return f"It ended after {minutes(incident.impact_ns, incident.resolved_ns)}."


def _cost(postmortem: Postmortem) -> Iterator[str]:
    lost = lost_budgets(postmortem)
    if not lost:
        return
    worst = lost[0]
    of = f"{render_count(worst.bad)} of {render_count(worst.total)}"
    rest = f"; {len(lost)} budgets were touched" if len(lost) > 1 else ""
    known = worst.budget_share is not None
    share = f"{render_ratio(worst.budget_share, 0)} of its budget" if known else "of a budget that is not known"
    yield f"The dearest loss: {of} failed in {worst.objective} of {worst.entity}, {share}{rest}."


def _board(postmortem: Postmortem) -> str:
    """Return the way to where the web application draws the time of the incident."""
    incident, window = postmortem.incident, postmortem.incident.window
    board = f"/d/herald-incident?from={window.start_ns // 1_000_000}&to={window.end_ns // 1_000_000}"
    ways = [f"[The incident on its board]({postmortem.web_url}{board})"]
    if incident.incident_id is not None:
        ways.append(f"[incident {incident.incident_id}]({postmortem.web_url}/incidents/{incident.incident_id})")
    return ", ".join(ways) + "."


def _causes(postmortem: Postmortem) -> Section:
    with_leads = any(suspect.lead for suspect in postmortem.suspects)
    return Section(
        title="Likely causes",
        paragraphs=tuple(filter(None, (postmortem.no_suspect, _LEADS if with_leads else ""))),
        items=tuple(_suspect(rank, suspect) for rank, suspect in enumerate(postmortem.suspects, start=1)),
        numbered=True,
    )


def _suspect(rank: int, suspect: Suspect) -> str:
    sure = "only a lead" if suspect.lead else f"confidence {suspect.confidence}"
    head = f"{suspect.text}, from {render_moment(suspect.onset_ns)} ({suspect.kind}, {sure})"
    if rank > _IN_FULL:
        return f"{head}; score {suspect.score:.2f}"
    return f"{head}\nScore {suspect.score:.2f}: {_parts(suspect)}\nRefuted if: {suspect.refutation}"


def _parts(suspect: Suspect) -> str:
    parts = ", ".join(f"{name} {value:.2f}" for name, value in suspect.parts.items())
    return f"{parts}; moved by {suspect.size:.3g} sigma" if suspect.size else parts


def _titled(table: Table, *, level: int = 2) -> Section:
    return Section(title=table.title, level=level, table=table)
