"""What a review goes through, domain by domain, and which queries answer it; and what alerting did well or badly."""

from collections.abc import Iterator, Sequence

from model.clock import MINUTE_NS
from reports.numbers import render_ratio
from reports.postmortem import Postmortem
from reports.postmortem_facts import AlertFact

CHECKLISTS: dict[str, tuple[tuple[str, str], ...]] = {
    "memory": (
        ("cause traced through hardware and control plane", "moved, control_plane"),
        ("timeline of fidelity beside environment telemetry", "fidelity_and_environment"),
        ("change events that correlate", "changes"),
        ("remediation done", "remediation"),
        ("follow-ups on missing automation", "repeats"),
    ),
    "link": (
        ("cause mapped to hardware or software", "moved, versions"),
        ("telemetry gaps while it lasted", "telemetry_gaps"),
        ("SLO impact, budget spent", "budget_spent"),
        ("actions on automation or policy", "repeats, remediation"),
    ),
    "scaleup": (
        ("was telemetry enough to find the cause", "blind_spots, telemetry_gaps"),
        ("part played by scheduling or quotas", "scheduling, quotas"),
        ("did automation and runbooks suffice", "remediation, incidents"),
        ("cost and billing anomalies", "costs"),
        ("actions that cut toil", "repeats"),
    ),
    "network": (
        ("full timeline, quantum plus classical", "timeline"),
        ("evidence from quantum signals (fidelity, tomography)", "fidelity_histogram, tomography"),
        ("follow-ups: missing automation, deployment changes", "changes, repeats"),
        ("SLO impact, target changes if justified", "budget_spent, targets"),
    ),
    "community": (
        ("timeline joining classical and quantum signals", "timeline"),
        ("artifacts and environment snapshots", "artifacts, versions"),
        ("cause and actions", "moved, changes"),
        ("SLO impact and budget used", "budget_spent"),
        ("changes to CI, runbooks, boards", "ci_runs, alert_context"),
    ),
}
"""Section `postmortem_review` of the catalogue, point by point, with the queries of `herald query` that answer it."""

_SOON_NS = 10 * MINUTE_NS
_UNNOTICED = 0.5


def review_points(domain: str) -> Iterator[str]:
    """Yield what the review of a domain's incident goes through, with what to ask for it."""
    for number, (point, queries) in enumerate(CHECKLISTS.get(domain, ()), start=1):
        yield f"{point} ({domain}.postmortem_review.{number}; `herald query` {queries})"


def alerting_well(postmortem: Postmortem) -> Iterator[str]:
    """Yield what alerting did well, in sentences."""
    incident, pages = postmortem.incident, _pages(postmortem.alerts)
    if pages and pages[0].fired_ns - incident.impact_ns <= _SOON_NS:
        yield f"The first page came {minutes(incident.impact_ns, pages[0].fired_ns)} after the impact began."
    if len(postmortem.alerts) > 1 and incident.incident_id is not None:
        entities = {alert.entity for alert in postmortem.alerts}
        whom = f" of {len(entities)} entities" if len(entities) > 1 else ""
        yield f"{len(postmortem.alerts)} alerts{whom} became one incident."
    if pages and all(page.runbook for page in pages):
        yield f"Every page names a runbook: {', '.join(sorted({page.runbook for page in pages}))}."
    if pages and all(page.resolved_ns is not None for page in pages) and not _repeated(pages):
        yield "No page fired twice, and all of them resolved by themselves."


def alerting_badly(postmortem: Postmortem) -> Iterator[str]:
    """Yield what alerting did badly, in sentences."""
    incident, pages = postmortem.incident, _pages(postmortem.alerts)
    if not pages:
        yield "Nobody was paged."
    elif pages[0].fired_ns - incident.impact_ns > _SOON_NS:
        took = minutes(incident.impact_ns, pages[0].fired_ns)
        yield f"The first page came as late as {took} after the impact began."
    if incident.incident_id is not None and incident.acknowledged_ns is None:
        yield "Nobody acknowledged the incident."
    alike = {(page.objective, page.entity, page.tier) for page in pages}
    if len(alike) > 1:
        objectives = len({page.objective for page in pages})
        of = f"{objectives} objectives" if objectives > 1 else "one objective"
        yield f"{len(alike)} pages of {of} told of one incident; the first would have done."
    for what in _repeated(pages):
        yield f"The page {what} fired more than once."
    paged = {page.objective for page in pages}
    for impact in postmortem.impacts:
        if (impact.budget_share or 0) >= _UNNOTICED and impact.objective not in paged:
            spent = render_ratio(impact.budget_share, 0)
            yield f"{impact.objective} of {impact.entity} lost {spent} of its budget, and no page spoke of it."
    if late := _count_late(postmortem.alerts, incident.resolved_ns):
        tickets = "A ticket" if late == 1 else f"{late} tickets"
        yield f"{tickets} of slow windows fired on after it was over."


def _count_late(alerts: Sequence[AlertFact], over_ns: int | None) -> int:
    """Return how many tickets from before the end fired beyond it, those that still fire too."""
    if over_ns is None:
        return 0
    tickets = [alert for alert in alerts if alert.severity != "page" and alert.fired_ns <= over_ns]
    return sum(ticket.resolved_ns is None or ticket.resolved_ns > over_ns for ticket in tickets)


def minutes(start_ns: int, end_ns: int) -> str:
    """Return how long something took: `7 min`, `2 h 34 min`."""
    whole = round((end_ns - start_ns) / MINUTE_NS)
    return f"{whole} min" if whole < 100 else f"{whole // 60} h {whole % 60} min"


def _pages(alerts: Sequence[AlertFact]) -> list[AlertFact]:
    return [alert for alert in alerts if alert.severity == "page"]


def _repeated(pages: Sequence[AlertFact]) -> list[str]:
    named = [f"{page.objective} of {page.entity} ({page.tier})" for page in pages]
    return sorted({name for name in named if named.count(name) > 1})
