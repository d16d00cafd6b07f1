"""Whether a series explains what else moved: by what drives what, and by what the broken share and the healthy lack.

The vocabulary says which metric follows which, as pressure follows temperature: of two that moved the driver is the
better suspect. Something upstream acts on all that is below it: where like entities there are well it is a worse one.
"""

from collections.abc import Iterable

from model.clock import HOUR_NS
from model.topology import Topology
from reports.cause.finding import Finding
from reports.cause.findings import Findings
from reports.cause.weigh import is_strong

DRIVER, _FOLLOWER = 1.2, 0.7
_LEAST_DOSE = 0.6


def judge_mechanism(
    finding: Finding, moved: Iterable[Finding], *, reach: frozenset[str], topology: Topology
) -> dict[str, float]:
    """Return what speaks for a series that drives others which moved too, and against one that follows such."""
    strong = [other for other in moved if is_strong(other)]
    if any(f.entity in reach and f.definition.name in finding.definition.follows for f in strong):
        return {"mechanism": _FOLLOWER}
    below = topology.downstream(finding.entity) | {finding.entity}
    if any(f.entity in below and finding.definition.name in f.definition.follows for f in strong):
        return {"mechanism": DRIVER}
    return {}


def is_driven(finding: Finding, moved: Iterable[Finding], *, reach: frozenset[str]) -> bool:
    """Return whether something that moved within the hour before, on the entity or upstream of it, drives it.

    Of when anything else began it says nothing, as a wait for a processor that is calibrated.
    """
    drivers = [
        f for f in moved if f.definition.name in finding.definition.follows and f.entity in reach and is_strong(f)
    ]
    return any(
        f.onset_ns - f.resolution_ns <= finding.onset_ns + finding.latitude_ns
        and finding.onset_ns <= f.onset_ns + HOUR_NS
        for f in drivers
    )


def judge_dose(finding: Finding, findings: Findings, *, hurt: str, topology: Topology) -> dict[str, float]:
    """Return how much less speaks for something upstream of what hurts where the likes of that are well."""
    kinds = {entity.id: entity.kind for entity in topology.entities}
    heard = frozenset().union(*findings.carriers.values())
    likes = {name for name in topology.downstream(finding.entity) & heard if kinds.get(name) == kinds.get(hurt)}
    if len(likes) < 2:
        return {}
    ill = {
        f.entity
        for f in findings.moved
        if is_strong(f) and abs(f.onset_ns - finding.onset_ns) < HOUR_NS + f.resolution_ns
    }
    return {"dose": _LEAST_DOSE + (1 - _LEAST_DOSE) * len(likes & (ill | {hurt})) / len(likes)}
