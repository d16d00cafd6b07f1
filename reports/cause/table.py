"""Many series of one metric as rows of one table, so that statistics run over all of them at once.

A row is a numerator and a denominator per minute, because means need weights: counts per minute of observation,
failures per try, values per sample. A block of minutes has the value sum / sum, and a noise floor that follows from
the denominator.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.clock import MINUTE_NS
from model.registry import MetricDefinition
from model.units import ZERO_CELSIUS_K
from model.windows import Window
from reports.evidence import EvidenceSeries

Float64s = NDArray[np.float64]
GOOD_OUTCOMES = frozenset({"success"})
NUMBERED = frozenset({"slot", "qubit", "qubits"})
"""Columns that number the like parts of one thing."""
WHOLE = "all"
"""The part that is the sum of all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of one metric: `over` and `under` are (rows, minutes), `under` 0 where nothing was said.

    `kind` is what the rows are: `level` (gauges, means of samples), `count` (per minute), `share` (of tries that
    failed) or `mix` (of tries that were of a kind).
    `families` say which parts are of a kind: what is left of their labels without those that number things.
    """

    definition: MetricDefinition
    kind: str
    entities: tuple[str, ...]
    parts: tuple[str, ...]
    families: tuple[str, ...]
    over: Float64s
    under: Float64s


def build_table(
    definition: MetricDefinition, series: Sequence[EvidenceSeries], window: Window, *, outcome_column: str
) -> Table:
    """Return the series of one metric as a table over the window's minutes.

    A counter that is split by outcome becomes the share of each bad outcome, and where its successes are split too
    the share of each kind of try: what fails is a matter of quality, how much is tried a matter of load.
    """
    values = _align(series, window)
    if definition.instrument != "counter":
        shift = ZERO_CELSIUS_K if definition.unit == "Cel" else 0.0
        told = ~np.isnan(values)
        return _table(definition, "level", series, np.where(told, values + shift, 0.0), told.astype(np.float64))
    values = _fill_idle(values, series)
    told = ~np.isnan(values)
    counts = np.where(told, values, 0.0)
    outcomes = [dict(each.labels).get(outcome_column, "") for each in series]
    if not any(outcomes):
        return _table(definition, "count", series, counts, told.astype(np.float64))
    bad = [row for row, outcome in enumerate(outcomes) if outcome not in GOOD_OUTCOMES]
    totals = _totals(series, outcomes, counts)
    return _table(definition, "share", [series[row] for row in bad], counts[bad], totals[bad])


def build_mix(
    definition: MetricDefinition, series: Sequence[EvidenceSeries], window: Window, *, outcome_column: str
) -> Table | None:
    """Return of what kinds the tries of a counter were, whatever came of them; None where there is one kind only.

    New software, say, shows in the versions that run before anything fails.
    """
    if definition.instrument != "counter" or not any(outcome_column in dict(each.labels) for each in series):
        return None
    counts = np.nan_to_num(_align(series, window))
    kinds: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, each in enumerate(series):
        labels = [value for column, value in each.labels if column not in (outcome_column, "error_type")]
        kinds[each.entity, ", ".join(labels)].append(row)
    several = [key for key in kinds if sum(entity == key[0] for entity, _ in kinds) > 1]
    if not several:
        return None
    of_entity = {
        entity: counts[[row for row, each in enumerate(series) if each.entity == entity]].sum(axis=0)
        for entity in {entity for entity, _ in several}
    }
    return Table(
        definition=definition,
        kind="mix",
        entities=tuple(entity for entity, _ in several),
        parts=tuple(f"{kind} of all" for _, kind in several),
        families=("",) * len(several),
        over=np.array([counts[kinds[key]].sum(axis=0) for key in several]),
        under=np.array([of_entity[entity] for entity, _ in several]),
    )


def build_tries(
    definition: MetricDefinition, series: Sequence[EvidenceSeries], window: Window, *, outcome_column: str
) -> Table | None:
    """Return how often each entity tried what a counter with outcomes counts; None for other metrics."""
    if definition.instrument != "counter" or not any(outcome_column in dict(each.labels) for each in series):
        return None
    values = _align(series, window)
    told = (~np.isnan(values)).astype(np.float64)
    return add_up(_table(definition, "count", series, np.nan_to_num(values), told))


def add_up(table: Table) -> Table:
    """Return the counts of each entity as one row, whatever they are split by."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, entity in enumerate(table.entities):
        rows[entity].append(row)
    return Table(
        definition=table.definition,
        kind="count",
        entities=tuple(rows),
        parts=tuple(WHOLE if len(parts) > 1 else table.parts[parts[0]] for parts in rows.values()),
        families=("",) * len(rows),
        over=np.array([table.over[parts].sum(axis=0) for parts in rows.values()]),
        under=np.array([table.under[parts].max(axis=0) for parts in rows.values()]),
    )


def select_rows(table: Table, which: Sequence[int]) -> Table:
    """Return some rows of a table."""
    return Table(
        definition=table.definition,
        kind=table.kind,
        entities=tuple(table.entities[row] for row in which),
        parts=tuple(table.parts[row] for row in which),
        families=tuple(table.families[row] for row in which),
        over=table.over[list(which)],
        under=table.under[list(which)],
    )


def _table(
    definition: MetricDefinition, kind: str, series: Sequence[EvidenceSeries], over: Float64s, under: Float64s
) -> Table:
    return Table(
        definition=definition,
        kind=kind,
        entities=tuple(each.entity for each in series),
        parts=tuple(each.part for each in series),
        families=tuple(", ".join(v for c, v in each.labels if c not in NUMBERED) for each in series),
        over=over,
        under=under,
    )


def _align(series: Sequence[EvidenceSeries], window: Window) -> Float64s:
    """Return the values on the window's minutes, not a number where there is none."""
    first = window.start_ns // MINUTE_NS
    minutes = -(-window.end_ns // MINUTE_NS) - first
    values = np.full((len(series), minutes), np.nan)
    for row, each in enumerate(series):
        at = each.minute_ns // MINUTE_NS - first
        inside = (at >= 0) & (at < minutes)
        values[row, at[inside]] = each.value[inside]
    return values


def _fill_idle(values: Float64s, series: Sequence[EvidenceSeries]) -> Float64s:
    """Return counts that are 0 where another part of the same entity was heard: it counted nothing, it lives."""
    of_entity: Mapping[str, list[int]] = defaultdict(list)
    for row, each in enumerate(series):
        of_entity[each.entity].append(row)
    filled = values.copy()
    for rows in of_entity.values():
        if len(rows) > 1:
            heard = ~np.isnan(values[rows]).all(axis=0)
            filled[rows] = np.where(heard & np.isnan(values[rows]), 0.0, values[rows])
    return filled


def _totals(series: Sequence[EvidenceSeries], outcomes: Sequence[str], counts: Float64s) -> Float64s:
    """Return, for each row, what was tried: the sum over outcomes and over what only failures are split by."""
    good = [dict(each.labels) for each, outcome in zip(series, outcomes, strict=True) if outcome in GOOD_OUTCOMES]
    columns = {column for labels in good for column in labels} or {"outcome"}
    keys = [
        (each.entity, *(pair for pair in each.labels if pair[0] in columns and pair[1] != outcome))
        for each, outcome in zip(series, outcomes, strict=True)
    ]
    sums: dict[tuple[object, ...], Float64s] = {}
    for key, row in zip(keys, counts, strict=True):
        sums[key] = sums.get(key, 0.0) + row
    return np.array([sums[key] for key in keys]).reshape(counts.shape)
