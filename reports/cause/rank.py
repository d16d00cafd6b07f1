"""Rank what most likely caused an incident, and say how sure that is.

Series of role hardware, load and telemetry that left their own past, changes that were followed at once by what
moved, and telemetry that stopped are suspects. Series of role outcome are effects and never suspects; they tell
whether a change did anything. The score is a product of parts, shown with every suspect.

Where nobody is sure there are leads as well, marked as such: where to look first, which is no evidence.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from model.clock import MINUTE_NS
from model.registry import Registry
from model.topology import Topology
from model.windows import Window
from reports.cause import words
from reports.cause.accuse import Scene, suspect_changes, suspect_series, suspect_silence, suspect_unmeasured
from reports.cause.changes import SEARCH_NS, judge_changes
from reports.cause.dose import is_driven
from reports.cause.finding import Finding
from reports.cause.findings import Findings, read_faint, read_findings
from reports.cause.suspect import Ranking, Suspect
from reports.cause.weigh import is_strong
from reports.evidence import ChangeEvent, Evidence

LOWEST_SCORE = 0.1
"""Below this it is not enough evidence to name anybody: a lead at most."""
_LOWEST_LEAD = 0.01
"""Below this it is not worth a look."""
_WITH_LEADS = 3
"""Where nobody is sure, so many are worth a look, however little speaks for them."""
_CHANCE = 0.3
"""How much less speaks for what moved no farther than some series always do by chance."""
_MOST_SUSPECTS = 20
_AFTER_NS = 15 * MINUTE_NS  # an impact may be dated too early, by a failure that came by chance
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
    affected = _affected(evidence.read_changes(window), findings, topology, distances)
    scene = Scene(
        findings=findings,
        topology=topology,
        distances=distances,
        responses=judge_changes(affected, since_ns=window.start_ns, impact_ns=impact_ns),
        first_ns=first_ns,
        impact_ns=impact_ns,
    )
    found = [*suspect_series(scene, findings.moved), *suspect_changes(scene), *suspect_silence(scene)]
    found += suspect_unmeasured(scene)
    named = list(_with_confidence(_best(s for s in found if s.score >= LOWEST_SCORE), impact_ns))
    missing = 0 if any(s.confidence == "high" for s in named) else max(_WITH_LEADS - len(named), 0)
    leads = _leads(scene, found)[:missing] if missing else []
    return Ranking(suspects=(*named, *leads), reason="" if named else words.NOTHING_MOVED)


def _leads(scene: Scene, found: Iterable[Suspect]) -> list[Suspect]:
    """Return what is worth a look though it may be chance, best first."""
    faint = [_as_chance(s) for s in suspect_series(scene, read_faint(scene.findings, scene.distances))]
    weak = [s for s in found if s.score < LOWEST_SCORE]
    worth = [s for s in [*weak, *faint] if s.score > _LOWEST_LEAD]
    return [replace(s, lead=True) for s in _best(worth)]


def _as_chance(suspect: Suspect) -> Suspect:
    """Return it with its score as a lead: it may be chance."""
    return replace(suspect, score=_CHANCE * suspect.score, parts={**suspect.parts, "chance": _CHANCE})


def _affected(
    changes: Iterable[ChangeEvent], findings: Findings, topology: Topology, distances: Mapping[str, int]
) -> dict[ChangeEvent, list[Finding]]:
    """Return the changes of what hurts or acts on it, each with what can tell of it."""
    upstream = {name: frozenset(topology.distances_upstream(name)) for name in {f.entity for f in findings.moved}}
    telling = [f for f in findings.moved if not is_driven(f, findings.moved, reach=upstream[f.entity])]
    return {
        change: [f for f in telling if _may_tell(f, change.entity, distances, upstream)]
        for change in changes
        if change.entity in distances
    }


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


def _best(found: Iterable[Suspect]) -> list[Suspect]:
    best: dict[tuple[str, str, str], Suspect] = {}
    for suspect in found:
        key = (suspect.kind, suspect.entity, suspect.metric)
        if key not in best or best[key].score < suspect.score:
            best[key] = suspect
    ordered = sorted(best.values(), key=lambda s: (-s.score, s.onset_ns, s.entity, s.metric))
    return ordered[:_MOST_SUSPECTS]


def _with_confidence(suspects: Sequence[Suspect], impact_ns: int) -> Iterator[Suspect]:
    """Yield the suspects with a word for how sure they are: only the first can be more than a possibility."""
    for rank, suspect in enumerate(suspects):
        rivals = [s.score for s in suspects if s.entity != suspect.entity]
        lead = suspect.score / max(rivals, default=LOWEST_SCORE)
        sure = suspect.score >= _SURE and lead >= _CLEAR_LEAD and rank == 0
        if suspect.kind == "change":
            before = suspect.onset_ns <= impact_ns + MINUTE_NS  # else one of the two is dated wrong
            sure = sure and before and suspect.parts["support"] >= _SURE_SUPPORT and "path" not in suspect.parts
        likely = suspect.score >= _LIKELY and lead >= _LEAD and rank == 0
        yield replace(suspect, confidence="high" if sure else "medium" if likely else "low")
