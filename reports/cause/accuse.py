"""Who may be to blame: series that moved, changes and silence, each with the parts of its score."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from model.clock import HOUR_NS, MINUTE_NS
from model.registry import MetricDefinition
from model.topology import Relation, Topology
from reports.cause import words
from reports.cause.changes import Response, explained
from reports.cause.dose import DRIVER, judge_dose, judge_mechanism
from reports.cause.finding import Finding
from reports.cause.findings import Findings
from reports.cause.silence import Heard, find_unmeasured
from reports.cause.suspect import Suspect
from reports.cause.weigh import is_strong, place, weigh

CAUSES = frozenset({"hardware", "load", "telemetry"})
"""The roles of what can break something."""
_CHANGE_WEIGHT = 1.1
_NO_PATH = 0.25  # a change acts through what it changed: nothing moved there, or between there and what hurts
_EXPLAINED_SHARE = 0.6
_OVERDUE_SHARE = 0.5
_OVER_SHARE = 0.5  # what has ended may have broken something, but what hurts goes on
_SILENT_SHARE = 0.9
_SILENCE_SCORE = 1.5
_TOLD_SHARE = 0.5  # who still speaks, and tells of its own trouble, is not silent
_UNMEASURED = 0.04
_INFERRED = 0.2
"""What was not measured, but must have moved: what follows it did."""
_MINUTES_PER_HOUR = HOUR_NS // MINUTE_NS
_FINE_NS = 5 * MINUTE_NS
_TOGETHER_NS = 20 * MINUTE_NS
_FIRST_DECAY_NS = 15 * MINUTE_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is known of an incident; `distances` counts the edges from what hurts, the first, to what acts on it.

    What hurts may have shown effects since `first_ns`, before it was said to hurt at `impact_ns`.
    """

    findings: Findings
    topology: Topology
    distances: Mapping[str, int]
    responses: Sequence[Response]
    first_ns: int
    impact_ns: int


def suspect_series(scene: Scene, moved: Iterable[Finding]) -> Iterator[Suspect]:
    """Yield what moved on what hurts and on what acts on it, if it can be a cause."""
    findings, topology, distances, impact_ns = scene.findings, scene.topology, scene.distances, scene.impact_ns
    overdue = {f.entity for f in findings.moved if f.overdue}
    hurt = next(iter(distances))
    own = [f for f in moved if f.entity in distances and f.definition.role in CAUSES]
    for finding in own:
        parts = weigh(finding, distance=distances[finding.entity], first_ns=scene.first_ns, impact_ns=impact_ns)
        reach = frozenset(topology.distances_upstream(finding.entity))
        parts |= judge_mechanism(finding, findings.moved, reach=reach, topology=topology)
        if distances[finding.entity]:
            parts |= judge_dose(finding, findings, hurt=hurt, topology=topology)
        excuse = explained(finding, scene.responses, reach)
        if excuse > 0:
            parts["unexplained"] = 1.0 - _EXPLAINED_SHARE * excuse
        parts["first"] = _first(finding, own)
        if not finding.lasts:
            parts["over"] = _OVER_SHARE
        if finding.overdue:
            parts["order"] = float(finding.onset_ns <= impact_ns)  # being overdue takes its time to hurt
        elif finding.entity in overdue:
            parts["calibrated"] = _OVERDUE_SHARE
        yield Suspect(
            kind="silence" if finding.definition.role == "telemetry" else finding.definition.role,
            entity=finding.entity,
            metric=finding.definition.name,
            part=finding.part,
            onset_ns=finding.onset_ns,
            score=math.prod(parts.values()),
            size=finding.sigmas,
            parts=parts,
            text=words.tell_shift(finding),
            refutation=words.refute_shift(finding),
        )


def _first(finding: Finding, own: Sequence[Finding]) -> float:
    """Return 1 for what moved first on its entity, less for every minute by which something strong was earlier."""
    fine = [f for f in own if f.entity == finding.entity and is_strong(f) and f.resolution_ns <= _FINE_NS]
    lags = [finding.onset_ns - f.onset_ns for f in fine]
    together = [lag for lag in lags if 0 < lag <= _TOGETHER_NS]
    coarse = finding.resolution_ns > _FINE_NS
    return 1.0 if coarse or not together else math.exp(-max(together) / _FIRST_DECAY_NS)


def suspect_changes(scene: Scene) -> Iterator[Suspect]:
    """Yield every change that may have acted on what hurts, however little speaks for it."""
    distances = scene.distances
    for response in scene.responses:
        change = response.change
        parts = {
            "support": response.support,
            "place": place(distances[change.entity]),
            "kind": _CHANGE_WEIGHT,
        }
        if distances[change.entity] and not any(distances[f.entity] for f in response.followed):
            parts["path"] = _NO_PATH
        yield Suspect(
            kind="change",
            entity=change.entity,
            metric=change.event,
            part="",
            onset_ns=change.time_ns,
            score=math.prod(parts.values()),
            size=0.0,
            parts=parts,
            text=words.tell_change(change, response.followed, scene.impact_ns),
            refutation=words.refute_change(change),
        )


def suspect_silence(scene: Scene) -> Iterator[Suspect]:
    """Yield who speaks for all that fell silent; failing that, the silent entity itself."""
    findings, distances = scene.findings, scene.distances
    watched = {
        name: {e.target for e in scene.topology.edges if e.source == name and e.relation is Relation.WATCHES} | {name}
        for name in distances
    }
    blamed: set[str] = set()
    for name in sorted(distances, key=lambda name: (-len(watched[name]), name)):
        heard = [h for h in findings.heard if h.entity in watched[name]]
        silent = [h for h in heard if h.is_silent]
        if name in blamed or not silent or len(silent) < _SILENT_SHARE * len(heard):
            continue
        blamed |= watched[name]
        loudest = max(silent, key=_loudness)
        since_ns = findings.window.end_ns - min(h.silent_minutes for h in silent) * MINUTE_NS
        parts = {"silent": len(silent) / len(heard), "place": place(distances[name]), "kind": _SILENCE_SCORE}
        if any(f.entity == name and f.definition.role == "telemetry" and is_strong(f) for f in findings.moved):
            parts["told"] = _TOLD_SHARE
        yield Suspect(
            kind="silence",
            entity=name,
            metric=loudest.definition.name,
            part="",
            onset_ns=since_ns,
            score=math.prod(parts.values()),
            size=0.0,
            parts=parts,
            text=words.tell_silence(name, loudest, len(silent)),
            refutation=words.refute_silence(name),
        )


def suspect_unmeasured(scene: Scene) -> Iterator[Suspect]:
    """Yield what of the hurt entity's hardware is measured now and then, and was not since the impact.

    What is measured every few hours hardly ever is, so that says little. It says more where what follows it moved,
    and nothing that it follows itself; a measurement or two may then not show it yet.
    """
    findings, hurt = scene.findings, next(iter(scene.distances))
    since = (scene.impact_ns - findings.window.start_ns) // MINUTE_NS
    for each in find_unmeasured(findings.tables, hurt, since):
        if each.definition.role != "hardware":
            continue
        effects = [f for f in findings.moved if f.entity == hurt and each.definition.name in f.definition.follows]
        clear = [f for f in effects if is_strong(f) and not _is_followed(each.definition, scene)]
        if each.again and not clear:
            continue
        seldom = {"unmeasured": _UNMEASURED, "often": (1.0 + each.usual_minutes / _MINUTES_PER_HOUR) ** -2}
        parts = {"inferred": _INFERRED} if clear else seldom
        if effects:
            parts["mechanism"] = DRIVER
        yield Suspect(
            kind="hardware",
            entity=hurt,
            metric=each.definition.name,
            part="",
            onset_ns=findings.window.start_ns + each.last_minute * MINUTE_NS,
            score=math.prod(parts.values()),
            size=0.0,
            parts=parts,
            text=words.tell_unmeasured(hurt, each, clear),
            refutation=words.refute_unmeasured(each),
        )


def _is_followed(definition: MetricDefinition, scene: Scene) -> bool:
    """Return whether anything moved strongly that the metric follows, on what hurts or what acts on it."""
    strong = (f for f in scene.findings.moved if is_strong(f) and f.entity in scene.distances)
    return any(f.definition.name in definition.follows for f in strong)


def _loudness(heard: Heard) -> tuple[bool, float, str]:
    """Return what makes a silence unmistakable: how many things were counted a minute, of what is always tried."""
    definition = heard.definition
    counts = definition.role == "load" and definition.instrument == "counter" and definition.unit.startswith("{")
    return (counts, heard.usual, definition.name)
