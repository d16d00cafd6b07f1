"""Rank what most likely caused an incident, and say how sure that is.

Series of role hardware, load and telemetry that left their own past, changes that were followed at once by what
moved, and telemetry that stopped are suspects. Series of role outcome are effects and never suspects; they tell
whether a change did anything. The score is a product of parts, shown with every suspect.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from model.clock import MINUTE_NS
from model.registry import Registry
from model.topology import Relation, Topology
from model.windows import Window
from reports.cause import words
from reports.cause.changes import SEARCH_NS, Response, explained, judge_changes
from reports.cause.dose import is_driven, judge_dose, judge_mechanism
from reports.cause.findings import Finding, Findings, read_findings
from reports.cause.silence import Heard
from reports.cause.suspect import Ranking, Suspect
from reports.cause.weigh import is_strong, place, weigh
from reports.evidence import Evidence

LOWEST_SCORE = 0.1
"""Below this it is not enough evidence to name anybody."""
_MOST_SUSPECTS = 20
_CHANGE_WEIGHT = 1.1
_LEAST_SUPPORT = 0.05
_NO_PATH = 0.25  # a change acts through what it changed: nothing moved there, or between there and what hurts
_EXPLAINED_SHARE = 0.6
_OVERDUE_SHARE = 0.5
_OVER_SHARE = 0.5  # what has ended may have broken something, but what hurts goes on
_SILENT_SHARE = 0.9
_SILENCE_SCORE = 1.5
_TOLD_SHARE = 0.5  # who still speaks, and tells of its own trouble, is not silent
_AFTER_NS = 15 * MINUTE_NS  # an impact may be dated too early, by a failure that came by chance
_FINE_NS = 5 * MINUTE_NS
_TOGETHER_NS = 20 * MINUTE_NS
_FIRST_DECAY_NS = 15 * MINUTE_NS
_CAUSES = ("hardware", "load", "telemetry")
_SURE, _LIKELY = 0.5, 0.3
_SURE_SUPPORT = 0.7
_CLEAR_LEAD, _LEAD = 1.4, 1.1


def rank_suspects(
    evidence: Evidence, registry: Registry, *, entity: str, impact_ns: int, end_ns: int
) -> list[Suspect]:
    """Return the suspects for an incident on `entity` that began to hurt at `impact_ns`, best first.

    `end_ns` closes the evidence: the moment of asking, or the end of the incident.
    """
    return list(investigate(evidence, registry, entity=entity, impact_ns=impact_ns, end_ns=end_ns).suspects)


def investigate(evidence: Evidence, registry: Registry, *, entity: str, impact_ns: int, end_ns: int) -> Ranking:
    """Return the same with the reason where there is nobody to name."""
    topology = evidence.read_topology()
    distances = topology.distances_upstream(entity)
    relevant = frozenset(distances).union(*(topology.downstream(name) for name in distances))
    findings = read_findings(evidence, registry, relevant=relevant, impact_ns=impact_ns, end_ns=end_ns)
    if not findings.has_past:
        return Ranking(suspects=(), reason=words.NO_PAST)
    first_ns = _first_effect(findings, entity, impact_ns)
    window = Window(start_ns=first_ns - SEARCH_NS, end_ns=min(impact_ns + _AFTER_NS, end_ns))
    upstream = {name: frozenset(topology.distances_upstream(name)) for name in relevant}
    telling = [
        f for f in findings.moved if not is_driven(f, findings.moved, reach=upstream.get(f.entity, frozenset()))
    ]
    responses = judge_changes(
        {
            change: [f for f in telling if _may_tell(f, change.entity, distances, upstream)]
            for change in evidence.read_changes(window)
            if change.entity in distances
        },
        since_ns=window.start_ns,
        impact_ns=impact_ns,
    )
    found = [
        *_series_suspects(findings, topology, distances, responses, first_ns=first_ns, impact_ns=impact_ns),
        *_change_suspects(responses, distances),
        *_silence_suspects(findings, topology, distances),
    ]
    best = _best(s for s in found if s.score >= LOWEST_SCORE)
    if not best:
        return Ranking(suspects=(), reason=words.NOTHING_MOVED)
    return Ranking(suspects=tuple(_with_confidence(best)))


def _may_tell(
    finding: Finding, changed: str, distances: Mapping[str, int], upstream: Mapping[str, frozenset[str]]
) -> bool:
    """Return whether a finding can tell of a change: on the way from there to what hurts, or told of it by others."""
    on_the_way = finding.entity in distances and changed in upstream[finding.entity]
    return on_the_way or changed in finding.part.split(", ")


def _first_effect(findings: Findings, hurt: str, impact_ns: int) -> int:
    """Return since when what hurts has been ill, which is the impact at the latest."""
    effects = [f for f in findings.moved if f.entity == hurt and is_strong(f) and f.lasts and f.kind != "mix"]
    return min([impact_ns, *(f.onset_ns for f in effects)])


def _series_suspects(
    findings: Findings,
    topology: Topology,
    distances: dict[str, int],
    responses: Sequence[Response],
    *,
    first_ns: int,
    impact_ns: int,
) -> Iterator[Suspect]:
    overdue = {f.entity for f in findings.moved if f.overdue}
    hurt = next(iter(distances))
    own = [f for f in findings.moved if f.entity in distances and f.definition.role in _CAUSES]
    for finding in own:
        parts = weigh(finding, distance=distances[finding.entity], first_ns=first_ns, impact_ns=impact_ns)
        reach = frozenset(topology.distances_upstream(finding.entity))
        parts |= judge_mechanism(finding, findings.moved, reach=reach, topology=topology)
        if distances[finding.entity]:
            parts |= judge_dose(finding, findings, hurt=hurt, topology=topology)
        excuse = explained(finding, responses, reach)
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
            score=_product(parts),
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


def _change_suspects(responses: Iterable[Response], distances: dict[str, int]) -> Iterator[Suspect]:
    for response in responses:
        change = response.change
        if response.support < _LEAST_SUPPORT:
            continue
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
            score=_product(parts),
            size=0.0,
            parts=parts,
            text=words.tell_change(change, response.followed),
            refutation=words.refute_change(change),
        )


def _silence_suspects(findings: Findings, topology: Topology, distances: dict[str, int]) -> Iterator[Suspect]:
    """Yield who speaks for all that fell silent; failing that, the silent entity itself."""
    watched = {
        name: {e.target for e in topology.edges if e.source == name and e.relation is Relation.WATCHES} | {name}
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
            score=_product(parts),
            size=0.0,
            parts=parts,
            text=words.tell_silence(name, loudest, len(silent)),
            refutation=words.refute_silence(name),
        )


def _loudness(heard: Heard) -> tuple[bool, float, str]:
    """Return what makes a silence unmistakable: how many things were counted a minute, of what is always tried."""
    definition = heard.definition
    counts = definition.role == "load" and definition.instrument == "counter" and definition.unit.startswith("{")
    return (counts, heard.usual, definition.name)


def _product(parts: dict[str, float]) -> float:
    score = 1.0
    for part in parts.values():
        score *= part
    return score


def _best(found: Iterable[Suspect]) -> list[Suspect]:
    best: dict[tuple[str, str, str], Suspect] = {}
    for suspect in found:
        key = (suspect.kind, suspect.entity, suspect.metric)
        if key not in best or best[key].score < suspect.score:
            best[key] = suspect
    ordered = sorted(best.values(), key=lambda s: (-s.score, s.onset_ns, s.entity, s.metric))
    return ordered[:_MOST_SUSPECTS]


def _with_confidence(suspects: Sequence[Suspect]) -> Iterator[Suspect]:
    """Yield the suspects with a word for how sure they are: only the first can be more than a possibility."""
    for rank, suspect in enumerate(suspects):
        rivals = [s.score for s in suspects if s.entity != suspect.entity]
        lead = suspect.score / max(rivals, default=LOWEST_SCORE)
        sure = suspect.score >= _SURE and lead >= _CLEAR_LEAD and rank == 0
        if suspect.kind == "change":
            sure = sure and suspect.parts["support"] >= _SURE_SUPPORT and "path" not in suspect.parts
        likely = suspect.score >= _LIKELY and lead >= _LEAD and rank == 0
        yield replace(suspect, confidence="high" if sure else "medium" if likely else "low")
