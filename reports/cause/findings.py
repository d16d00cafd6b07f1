"""Everything that moved, read metric by metric: the facts that the ranking weighs."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from model.clock import HOUR_NS, MINUTE_NS
from model.names import ATTR_OUTCOME
from model.registry import MetricDefinition, Registry
from model.windows import Window
from reports.cause.finding import Finding, describe_shifts, join_parts
from reports.cause.overdue import Overdue, find_overdue
from reports.cause.pooled import pool_parts
from reports.cause.shifts import FAINT, find_shifts, find_shifts_and_steps
from reports.cause.silence import Heard, last_heard
from reports.cause.table import Table, build_mix, build_table, build_tries, select_rows
from reports.evidence import Evidence

PAST_NS = 24 * HOUR_NS
"""How much of a series' own past is its normal."""
SEARCH_NS = 6 * HOUR_NS
"""How long before the impact an onset may lie, at most; it is less when little is known of the past."""
_SEARCH_SHARE = 0.4
_LEAST_PAST_NS = HOUR_NS // 2
_AGE = ".age"
"""How the ages of what is renewed are called; those that follow what renews them speak of that."""
_COMPANIONS = (".error", ".samples", ".calibrated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What moved, and which series were heard until when; `carriers` are all entities that have a metric.

    The `tables` are what it was found in, each with its `past` as its normal.
    """

    window: Window
    moved: tuple[Finding, ...]
    heard: tuple[Heard, ...]
    carriers: Mapping[str, frozenset[str]]
    has_past: bool
    tables: tuple[Table, ...]
    past: int


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
    sums = [table for table in [*pools, *firsts] if table]
    moved = [f for table in told for f in describe_shifts(table, window, find_shifts_and_steps(table, past=past))]
    moved += [f for table in sums for f in describe_shifts(table, window, find_shifts(table, past=past))]
    return Findings(
        window=window,
        moved=(*join_parts(moved), *overdue),
        heard=tuple(h for table in tables for h in last_heard(table, past)),
        carriers=carriers,
        has_past=bool(told) and (past - first) * MINUTE_NS >= _LEAST_PAST_NS,
        tables=(*told, *sums),
        past=past,
    )


def read_faint(findings: Findings, entities: Collection[str]) -> list[Finding]:
    """Return what may have moved too, though chance does that: of an entity's one series of a metric.

    Of a hundred slots one is always that far off.
    """
    faint = []
    for table in findings.tables:
        parts = Counter(table.entities)
        alone = [row for row, name in enumerate(table.entities) if parts[name] == 1 and name in entities]
        if alone and table.definition.role != "outcome":
            single = select_rows(table, alone)
            shifts = find_shifts_and_steps(single, past=findings.past, bar=FAINT)
            faint += describe_shifts(single, findings.window, shifts)
    known = {(f.entity, f.definition.name) for f in findings.moved}
    return [f for f in join_parts(faint) if (f.entity, f.definition.name) not in known]


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
