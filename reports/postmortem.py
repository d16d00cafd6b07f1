"""The half of a postmortem that writes itself: what happened, to whom, when, and what most likely caused it.

Facts only, each with its source; what people must add (why it went unnoticed, what to change) stays open as
questions.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from model.windows import Window
from reports.cause import Ranking, Suspect
from reports.evidence import EvidenceSeries

REVIEW_QUESTIONS = (
    "Is the likely cause above the real one? What would refute it?",
    "Could it have been noticed earlier? Which telemetry was missing?",
    "What limited the impact, and what was luck?",
    "What will prevent it, or make it cheaper, next time? Who does it until when?",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What is written about: when it began to hurt, when an alert fired (None: never), when it was over."""

    title: str
    entity: str
    window: Window
    impact_ns: int
    detected_ns: int | None
    resolved_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What one objective lost: bad events of all events since the impact, and the share of its budget they cost."""

    objective: str
    entity: str
    bad: int
    total: int
    budget_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of the timeline; `source` says where it is recorded, `link` leads there (empty if nowhere)."""

    at_ns: int
    kind: str
    source: str
    text: str
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryGap:
    """Minutes without data: what is not known about the incident."""

    objective: str
    entity: str
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmortem:
    """Everything that the record says about an incident."""

    incident: Incident
    impacts: tuple[Impact, ...]
    timeline: tuple[Moment, ...]
    suspects: tuple[Suspect, ...]
    no_suspect: str
    gaps: tuple[TelemetryGap, ...]
    charts: tuple[EvidenceSeries, ...]
    version: str


def build_postmortem(
    incident: Incident,
    *,
    impacts: Iterable[Impact],
    moments: Iterable[Moment],
    ranking: Ranking,
    gaps: Iterable[TelemetryGap],
    charts: Iterable[EvidenceSeries],
    version: str,
) -> Postmortem:
    """Return the postmortem, its timeline completed with what follows from the incident and ordered by time."""
    begins = Moment(at_ns=incident.impact_ns, kind="impact", source="sli", text=f"{incident.entity} begins to fail")
    own = [begins] if incident.detected_ns is not None else []
    own += [
        Moment(at_ns=s.onset_ns, kind="onset", source=s.metric, text=f"{s.text} (suspect {rank})")
        for rank, s in enumerate(ranking.suspects[:3], start=1)
        if s.kind != "change"
    ]
    return Postmortem(
        incident=incident,
        impacts=tuple(sorted(impacts, key=lambda i: -(i.budget_share or 0.0))),
        timeline=tuple(sorted([*own, *moments], key=lambda moment: (moment.at_ns, moment.kind, moment.text))),
        suspects=ranking.suspects,
        no_suspect=ranking.reason,
        gaps=tuple(gaps),
        charts=tuple(charts),
        version=version,
    )
