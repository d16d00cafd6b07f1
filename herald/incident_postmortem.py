"""An incident as a postmortem tells of it: its window, its alerts, and what people and the engine did about it."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from herald.standings import render_group
from herald.timeline_lines import Line, join_lines
from model.clock import HOUR_NS, MINUTE_NS
from model.windows import Window
from reports.postmortem import Incident, Moment
from store import AlertRow, IncidentRow

_AROUND_NS = HOUR_NS


def describe_row(row: IncidentRow, *, now_ns: int) -> Incident:
    """Return an incident that the engine or a person opened; it is written about the first entity that hurt."""
    impact_ns = row.impact_ns // MINUTE_NS * MINUTE_NS
    end_ns = min((row.resolved_ns or now_ns) + _AROUND_NS, now_ns)
    return Incident(
        title=row.title,
        entity=next(iter(row.entities), ""),
        window=Window(start_ns=impact_ns - _AROUND_NS, end_ns=max(end_ns, impact_ns)),
        impact_ns=impact_ns,
        detected_ns=row.detected_ns,
        resolved_ns=row.resolved_ns,
        domain=row.domain,
        incident_id=row.incident_id,
        acknowledged_ns=row.acknowledged_ns,
        acknowledged_by=row.acknowledged_by,
        mitigated_ns=row.mitigated_ns,
    )


def incident_moments(row: IncidentRow) -> Iterator[Moment]:
    """Yield the steps of an incident and its notes, with who took and wrote them."""
    link = f"/incidents/{quote(str(row.incident_id))}"
    steps = (
        (row.opened_ns, "opened", row.opened_by),
        (row.acknowledged_ns, "acknowledged", row.acknowledged_by),
        (row.mitigated_ns, "mitigated", row.mitigated_by),
        (row.resolved_ns, "resolved", row.resolved_by),
    )
    for at_ns, step, actor in steps:
        if at_ns is not None:
            text = f"incident {row.incident_id} {step} by {actor}"
            yield Moment(at_ns=at_ns, kind="incident", source="incident", text=text, link=link)
    for note in row.notes:
        yield Moment(at_ns=note.at_ns, kind="note", source=note.author, text=note.text, link=link)


def alert_moments(alerts: Sequence[AlertRow], window: Window) -> Iterator[Moment]:
    """Yield when alerts fired and resolved inside a window; tiers of one objective that do so together are one."""
    yield from join_lines(_alert_lines(alerts, window))


def _alert_lines(alerts: Sequence[AlertRow], window: Window) -> Iterator[Line]:
    steps = [(alert.fired_ns, "alert", "fires", alert) for alert in alerts]
    steps += [(a.resolved_ns, "resolved", "resolves", a) for a in alerts if a.resolved_ns is not None]
    steps = [step for step in steps if step[0] < window.end_ns]

    def together(step: tuple[int, str, str, AlertRow]) -> tuple[object, ...]:
        at_ns, kind, _, alert = step
        return at_ns, kind, alert.severity, alert.objective, alert.group

    for _, same in groupby(
        sorted(steps, key=lambda step: (*together(step)[:4], step[3].group, step[3].tier)), together
    ):
        (at_ns, kind, verb, first), *others = same
        tiers = ", ".join([first.tier, *(other[3].tier for other in others)])
        yield Line(
            at_ns=at_ns,
            kind=kind,
            source="alert",
            before=f"{first.severity} {first.objective} of ",
            name=render_group(first.group),
            after=f" ({tiers}) {verb}",
            link=_at_that_time(first.annotations.get("dashboard_url", ""), window),
        )


def _at_that_time(board: str, window: Window) -> str:
    """Return the address of a board with the time of an incident: up to now it would show another next week."""
    if not board:
        return ""
    address = urlsplit(board)
    asked = dict(parse_qsl(address.query))
    asked.setdefault("from", str(window.start_ns // 1_000_000))
    return urlunsplit(address._replace(query=urlencode({**asked, "to": str(window.end_ns // 1_000_000)})))
