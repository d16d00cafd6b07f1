"""Everything that moved, read metric by metric: the facts that the ranking weighs."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from model.clock import HOUR_NS, MINUTE_NS
from model.names import ATTR_OUTCOME
from model.registry import MetricDefinition, Registry
from model.windows import Window
from reports.cause.overdue import Overdue, find_overdue
from reports.cause.pooled import pool_parts
from reports.cause.shifts import Shift, find_shifts, find_shifts_and_steps
from reports.cause.silence import Heard, last_heard
from reports.cause.table import WHOLE, Table, build_mix, build_table, build_tries, select_rows
from reports.evidence import Evidence

PAST_NS = 24 * HOUR_NS
"""How much of a series' own past is its normal."""
SEARCH_NS = 6 * HOUR_NS
"""How long before the impact an onset may lie, at most; it is less when little is known of the past."""
_SEARCH_SHARE = 0.4
_LEAST_PAST_NS = HOUR_NS // 2
_FLOOR = 1e-12
_AGE = ".age"
"""How the ages of what is renewed are called; those that follow what renews them speak of that."""
_COMPANIONS = (".error", ".samples", ".calibrated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A series that left its past: `sigmas` is signed, `before` and `after` in the metric's unit.

    It may have begun up to `resolution_ns` earlier or `latitude_ns` later than `onset_ns`; it `lasts` if not over.
    What is `overdue` went from the seconds within which it was renewed to those since it was.
    """

    definition: MetricDefinition
    entity: str
    part: str
    kind: str
    onset_ns: int
    resolution_ns: int
    latitude_ns: int = 0
    sigmas: float
    before: float
    after: float
    parts_moved: int = 1
    lasts: bool = True
    overdue: bool = False

    @property
    def effect(self) -> float:
        """Return |ln(after/before)|, how much of a factor it was, at most 10; from nothing counts as all.

        Of levels up to 1 it is the factor of the odds: a fidelity that falls from 0.98 to 0.96 is twice as bad.
        """
        return min(abs(math.log(self._size(self.after) / self._size(self.before))), 10.0)

    def _size(self, value: float) -> float:
        bounded = self.kind == "level" and self.definition.unit == "1" and max(self.before, self.after) < 1.0
        return abs(value / (1.0 - value) if bounded else value) + _FLOOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What moved, and which series were heard until when; `carriers` are all entities that have a metric."""

    window: Window
    moved: tuple[Finding, ...]
    heard: tuple[Heard, ...]
    carriers: Mapping[str, frozenset[str]]
    has_past: bool


def read_findings(
    evidence: Evidence, registry: Registry, *, relevant: frozenset[str], impact_ns: int, end_ns: int
) -> Findings:
    """Return what is known about `relevant` entities between a day before the impact and `end_ns`."""
    window = Window(
        start_ns=(impact_ns - SEARCH_NS - PAST_NS) // MINUTE_NS * MINUTE_NS,
        end_ns=-(-end_ns // MINUTE_NS) * MINUTE_NS,
    )
    tables: list[Table] = []
    mixes: list[Table | None] = []
    tries: list[Table | None] = []
    carriers: dict[str, frozenset[str]] = {}
    overdue: list[Finding] = []
    wanted = [name for name in registry.metrics if not _is_companion(name, registry)]
    for metric, found in evidence.read_evidence(wanted, window):
        definition = registry.metrics[metric]
        series = [each for each in found if len(each.minute_ns)]
        carriers[definition.name] = frozenset(each.entity for each in series)
        kept = [each for each in series if each.entity in relevant]
        if definition.name.endswith(_AGE):
            renewal = registry.metrics[definition.follows[0]] if definition.follows else definition
            overdue += [_overdue(renewal, o) for o in find_overdue(series) if o.entity in relevant]
        elif kept:
            column = registry.column(ATTR_OUTCOME)
            tables.append(build_table(definition, kept, window, outcome_column=column))
            mixes.append(build_mix(definition, kept, window, outcome_column=column))
            tries.append(build_tries(definition, kept, window, outcome_column=column))
    told = [table for table in [*tables, *mixes] if table]
    first = min((_first_minute(table) for table in told), default=0)
    start_ns = window.start_ns + first * MINUTE_NS
    past = (impact_ns - _search_ns(impact_ns - start_ns) - window.start_ns) // MINUTE_NS
    pools = [pool_parts(table, past) for table in tables]
    firsts = [_never_before(table, past) for table in tries if table]
    moved = [f for table in told for f in _found(table, window, find_shifts_and_steps(table, past=past))]
    moved += [f for table in [*pools, *firsts] if table for f in _found(table, window, find_shifts(table, past=past))]
    return Findings(
        window=window,
        moved=(*_joined(moved), *overdue),
        heard=tuple(h for table in tables for h in last_heard(table, past)),
        carriers=carriers,
        has_past=bool(told) and (past - first) * MINUTE_NS >= _LEAST_PAST_NS,
    )


def _is_companion(name: str, registry: Registry) -> bool:
    return name.endswith(_COMPANIONS) and name.rpartition(".")[0] in registry.metrics


def _first_minute(table: Table) -> int:
    told = np.flatnonzero((table.under > 0).any(axis=0))
    return int(told[0]) if len(told) else table.under.shape[1]


def _never_before(tries: Table, past: int) -> Table | None:
    """Return the rows of what was not tried at all in the past: then no share tells that it is tried now."""
    rows = np.flatnonzero(tries.over[:, :past].sum(axis=1) == 0).tolist()
    return select_rows(tries, rows) if rows else None


def _search_ns(known_ns: int) -> int:
    return min(SEARCH_NS, int(_SEARCH_SHARE * max(known_ns, 0))) // MINUTE_NS * MINUTE_NS


def _found(table: Table, window: Window, shifts: Iterable[Shift]) -> list[Finding]:
    return [
        Finding(
            definition=table.definition,
            entity=table.entities[shift.row],
            part=table.parts[shift.row],
            kind=table.kind,
            onset_ns=window.start_ns + shift.onset * MINUTE_NS,
            resolution_ns=shift.resolution * MINUTE_NS,
            latitude_ns=shift.latitude * MINUTE_NS,
            sigmas=shift.sigmas,
            before=shift.before,
            after=shift.after,
            lasts=shift.lasts,
        )
        for shift in shifts
    ]


def _joined(moved: list[Finding]) -> list[Finding]:
    """Return one finding for each entity and metric: the part that moved most, with the sharpest clear onset.

    How tries are mixed is a matter of its own: a new version that is tried must not hide that the one before failed.
    Where the sum of the parts moved clearly, its onset counts: the parts pass their thresholds by chance, one by one.
    """
    best: dict[tuple[str, str, bool], list[Finding]] = {}
    for finding in moved:
        best.setdefault((finding.entity, finding.definition.name, finding.kind == "mix"), []).append(finding)
    return [_strongest(parts) for parts in best.values()]


def _strongest(parts: list[Finding]) -> Finding:
    strongest = max(parts, key=lambda f: (abs(f.sigmas) * min(f.effect, 1.0), f.part))
    clear = [f for f in parts if abs(f.sigmas) >= 0.3 * abs(strongest.sigmas)]
    sharpest = min(clear, key=lambda f: (f.part != WHOLE, f.resolution_ns + f.latitude_ns, f.onset_ns))
    return Finding(
        definition=strongest.definition,
        entity=strongest.entity,
        part=strongest.part,
        kind=strongest.kind,
        onset_ns=sharpest.onset_ns,
        resolution_ns=sharpest.resolution_ns,
        latitude_ns=sharpest.latitude_ns,
        sigmas=strongest.sigmas,
        before=strongest.before,
        after=strongest.after,
        parts_moved=len(parts),
        lasts=any(f.lasts for f in clear),
    )


def _overdue(definition: MetricDefinition, overdue: Overdue) -> Finding:
    return Finding(
        definition=definition,
        entity=overdue.entity,
        part=overdue.part,
        kind="level",
        onset_ns=overdue.since_ns,
        resolution_ns=MINUTE_NS,
        sigmas=overdue.sigmas,
        before=overdue.usual_s,
        after=overdue.age_s,
        overdue=True,
    )
