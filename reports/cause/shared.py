"""Dose and response across entities: what the broken ones share and the healthy ones lack.

A quantity that fell on every link of one bank, and on no other link, speaks of the bank. If the bank's own series of
the same dimension moved too, the bank is named with the quantity that all it feeds have lost.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from model.clock import MINUTE_NS
from model.topology import Relation, Topology
from reports.cause.findings import Finding, Findings
from reports.cause.weigh import is_strong

_TOGETHER_NS = 40 * MINUTE_NS


def find_shared(findings: Findings, topology: Topology) -> Iterator[tuple[Finding, int]]:
    """Yield findings moved to the entity that all who show them share, each with how many own series agree."""
    hardware = [f for f in findings.moved if f.definition.role == "hardware" and is_strong(f)]
    for source in dict.fromkeys(edge.source for edge in topology.edges if edge.relation is Relation.FEEDS):
        own = [f for f in hardware if f.entity == source and f.kind == "level"]
        fed = {e.target for e in topology.edges if e.source == source and e.relation is Relation.FEEDS}
        for metric in dict.fromkeys(f.definition.name for f in hardware):
            carriers = findings.carriers[metric] & fed
            shown = [f for f in hardware if f.definition.name == metric and f.entity in carriers]
            if not carriers or {f.entity for f in shown} != carriers or source in findings.carriers[metric]:
                continue
            agree = _agreeing(own, shown)
            if agree:
                yield _moved_to(source, shown, agree), len(agree)


def _agreeing(own: Iterable[Finding], shown: list[Finding]) -> list[Finding]:
    unit, onset_ns = shown[0].definition.unit, min(f.onset_ns for f in shown)
    return [
        f
        for f in own
        if f.definition.unit == unit
        and f.sigmas * shown[0].sigmas > 0
        and abs(f.onset_ns - onset_ns) <= _TOGETHER_NS + f.resolution_ns
    ]


def _moved_to(source: str, shown: list[Finding], agree: list[Finding]) -> Finding:
    strongest = max(shown, key=lambda f: abs(f.sigmas))
    return replace(
        strongest,
        entity=source,
        part=", ".join(sorted(f.entity for f in shown)),
        onset_ns=min(f.onset_ns for f in [*shown, *agree]),
        resolution_ns=max(f.resolution_ns for f in shown),
        sigmas=max((f.sigmas for f in [strongest, *agree]), key=abs),
    )
