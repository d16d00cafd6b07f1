"""The half of a postmortem that writes itself: what happened, to whom, when, and what most likely caused it.

Facts only, each with its source; what people must add (why it went unnoticed, what to change) stays open as
questions, and what they have written is kept when the rest is written anew.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from model.windows import Window
from reports.cause import Ranking, Suspect
from reports.evidence import EvidenceSeries
from reports.postmortem_facts import AlertFact, FidelityBucket, Impact, StateChange, TelemetryGap, TenantLoss

REVIEW_QUESTIONS = {
    "cause": "Is the likely cause above the real one? What would refute it?",
    "notice": "Could it have been noticed earlier? Which telemetry was missing?",
    "luck": "What limited the impact, and what was luck?",
    "prevent": "What will prevent it, or make it cheaper, next time? Who does it until when?",
}
"""What people answer, by the name under which the answer is kept."""

OPEN = "TODO(author)"
"""What stands where people have not written yet."""

_LAYERS = (
    ("environment", re.compile(r"(hw|quantum\.(cryostat|environment))\.")),
    (
        "classical",
        re.compile(
            r"system\.|quantum\.(agent|api|auth|ci|cluster|control|job|provider|queue|registry|tenant|transpiler)\."
            r"|quantum\.(configuration|credential|firmware|maintenance|software)\."
        ),
    ),
)


def layer_of(name: str) -> str:
    """Return whether a metric or event speaks of quantum hardware, what is classical around it, or its environment.

    The same as `postmortem.layer` in SQL.

    >>> [layer_of(name) for name in ("hw.temperature", "system.cpu.utilization", "quantum.link.heralds")]
    ['environment', 'classical', 'quantum']
    """
    return next((layer for layer, pattern in _LAYERS if pattern.match(name)), "quantum")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What is written about: when it began to hurt, when an alert fired (None: never), when it was over."""

    title: str
    entity: str
    window: Window
    impact_ns: int
    detected_ns: int | None
    resolved_ns: int | None
    domain: str = ""
    incident_id: int | None = None
    acknowledged_ns: int | None = None
    acknowledged_by: str | None = None
    mitigated_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of the timeline; `source` says where it is recorded, `link` leads there (empty if nowhere).

    `layer` is quantum, classical or environment for what telemetry tells, promise for alerts, budgets and people.
    """

    at_ns: int
    kind: str
    source: str
    text: str
    link: str = ""
    layer: str = "promise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmortem:
    """Everything that the record says about an incident; `written` is what people wrote, by the name of its place."""

    incident: Incident
    impacts: tuple[Impact, ...]
    timeline: tuple[Moment, ...]
    suspects: tuple[Suspect, ...]
    no_suspect: str
    gaps: tuple[TelemetryGap, ...]
    charts: tuple[EvidenceSeries, ...]
    version: str
    alerts: tuple[AlertFact, ...] = ()
    tenants: tuple[TenantLoss, ...] = ()
    fidelities: tuple[FidelityBucket, ...] = ()
    states: tuple[StateChange, ...] = ()
    web_url: str = ""
    written: Mapping[str, str] = field(default_factory=dict)


def build_postmortem(
    incident: Incident,
    *,
    impacts: Iterable[Impact],
    moments: Iterable[Moment],
    ranking: Ranking,
    gaps: Iterable[TelemetryGap],
    charts: Iterable[EvidenceSeries],
    version: str,
    alerts: Iterable[AlertFact] = (),
    tenants: Iterable[TenantLoss] = (),
    fidelities: Iterable[FidelityBucket] = (),
    states: Iterable[StateChange] = (),
    web_url: str = "",
) -> Postmortem:
    """Return the postmortem, its timeline completed with what follows from the incident and ordered by time."""
    begins = Moment(
        at_ns=incident.impact_ns, kind="impact", source="sli", text=f"{incident.entity or 'it'} begins to fail"
    )
    own = [begins] if incident.detected_ns is not None else []
    own += [
        Moment(
            at_ns=s.onset_ns,
            kind="onset",
            source=s.metric,
            text=f"{s.text} (suspect {rank})",
            layer=layer_of(s.metric),
        )
        for rank, s in enumerate(ranking.suspects[:3], start=1)
        if s.kind != "change" and not s.lead
    ]
    return Postmortem(
        incident=incident,
        impacts=tuple(sorted(impacts, key=lambda i: (-(i.budget_share or 0.0), i.objective, i.entity))),
        timeline=tuple(sorted([*own, *moments], key=lambda m: (m.at_ns, m.layer, m.kind, m.text))),
        suspects=ranking.suspects,
        no_suspect=ranking.reason,
        gaps=tuple(gaps),
        charts=tuple(charts),
        version=version,
        alerts=tuple(sorted(alerts, key=lambda a: (a.fired_ns, a.objective, a.entity, a.tier))),
        tenants=tuple(tenants),
        fidelities=tuple(fidelities),
        states=tuple(states),
        web_url=web_url,
    )
