"""What a scenario wants to be looked at, in figures: before, while and after the fault that moved it most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from herald.evidence import StoredEvidence
from hwsim import Injection
from hwsim.scenario import Observation
from model.clock import HOUR_NS, MINUTE_NS
from model.names import ATTR_OUTCOME
from model.registry import Registry
from model.windows import Window
from reports.cause.table import Float64s, Table, build_table
from store import Store

_BLOCK_MINUTES = 15
"""Blocks of minutes whose means tell how much something scatters by itself."""

_LEAST_SCATTER = 0.01  # of the mean: what never moves is not infinitely sure
_UNITS = {"count": "1/min", "share": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was seen of an observation; `part` of the entity, in `unit`; None where nothing was told.

    `fault_id` is the one that moved it most. Of an event, how often an hour, and the times at which it happened.
    """

    observation: Observation
    fault_id: str
    part: str = ""
    unit: str = ""
    before: float | None = None
    during: float | None = None
    after: float | None = None
    times_ns: tuple[int, ...] = ()


def observe(
    observations: Iterable[Observation],
    strikes: Sequence[Injection],
    store: Store,
    registry: Registry,
    window: Window,
) -> list[Observed]:
    """Return what the store tells of each observation; every strike must have an end within the window."""
    evidence = StoredEvidence(store, registry)
    return [
        _in_figures(each, strikes, evidence, registry, window)
        if each.telemetry in registry.metrics
        else _in_times(each, strikes, store, window)
        for each in observations
    ]


def _in_times(observation: Observation, strikes: Sequence[Injection], store: Store, window: Window) -> Observed:
    times = tuple(
        event.time_ns
        for event in store.read_events(window, [observation.telemetry])
        if observation.entity in (event.link, event.device, event.backend, *event.attributes.values())
    )
    if not strikes:
        return Observed(observation=observation, fault_id="", times_ns=times)
    first_ns = min(strike.start_ns for strike in strikes)
    last_ns = max(strike.end_ns or window.end_ns for strike in strikes)
    before, during, after = (
        _hourly(times, start_ns, end_ns)
        for start_ns, end_ns in pairwise([window.start_ns, first_ns, last_ns, window.end_ns])
    )
    return Observed(
        observation=observation,
        fault_id=strikes[0].fault_id,
        unit="1/h",
        before=before,
        during=during,
        after=after,
        times_ns=times,
    )


def _hourly(times_ns: Iterable[int], start_ns: int, end_ns: int) -> float | None:
    """Return how many an hour fall into `[start, end)`, None where that is no time at all."""
    length_ns = end_ns - start_ns
    return sum(start_ns <= time_ns < end_ns for time_ns in times_ns) * HOUR_NS / length_ns if length_ns > 0 else None


def _in_figures(
    observation: Observation,
    strikes: Sequence[Injection],
    evidence: StoredEvidence,
    registry: Registry,
    window: Window,
) -> Observed:
    definition = registry.metrics[observation.telemetry]
    series = [
        each
        for _, found in evidence.read_evidence([observation.telemetry], window)
        for each in found
        if observation.entity in (each.entity, *(label for _, label in each.labels))
    ]
    table = build_table(definition, series, window, outcome_column=registry.column(ATTR_OUTCOME)) if series else None
    if table is None or not table.parts or not strikes:
        return Observed(observation=observation, fault_id="")
    past = (min(strike.start_ns for strike in strikes) - window.start_ns) // MINUTE_NS
    scatter = _scatter(table, past)

    def moved(choice: tuple[int, Injection]) -> float:
        row, strike = choice
        before, during = _mean(table, row, slice(past)), _mean(table, row, slice(*_minutes(strike, window)))
        if before is None and table.kind != "level":
            before = 0.0  # of a version that was not there, nothing failed
        return 0.0 if before is None or during is None else abs(during - before) / float(scatter[row])

    row, strike = max(((row, strike) for row in range(len(table.parts)) for strike in strikes), key=moved)
    first, last = _minutes(strike, window)
    following = min((_minutes(s, window)[0] for s in strikes if s.start_ns > strike.start_ns), default=None)
    return Observed(
        observation=observation,
        fault_id=strike.fault_id,
        part=table.parts[row],
        unit=_UNITS.get(table.kind, definition.unit),
        before=_mean(table, row, slice(past)),
        during=_mean(table, row, slice(first, last)),
        after=_mean(table, row, slice(last, following)),
    )


def _minutes(strike: Injection, window: Window) -> tuple[int, int]:
    """Return the first minute that lies in the strike, and the first one after it."""
    end_ns = window.end_ns if strike.end_ns is None else strike.end_ns
    return (strike.start_ns - window.start_ns) // MINUTE_NS, -(-(end_ns - window.start_ns) // MINUTE_NS)


def _mean(table: Table, row: int, minutes: slice) -> float | None:
    under = float(table.under[row, minutes].sum())
    return float(table.over[row, minutes].sum()) / under if under else None


def _scatter(table: Table, past: int) -> Float64s:
    """Return by how much the means of quarters of an hour differ, per row, over the first `past` minutes."""
    blocks = past // _BLOCK_MINUTES
    shape = (len(table.parts), blocks, _BLOCK_MINUTES)
    over = table.over[:, : blocks * _BLOCK_MINUTES].reshape(shape).sum(axis=2)
    under = table.under[:, : blocks * _BLOCK_MINUTES].reshape(shape).sum(axis=2)
    means = np.divide(over, under, out=np.zeros_like(over), where=under > 0)
    return np.asarray(np.maximum(means.std(axis=1), _LEAST_SCATTER * np.abs(means).mean(axis=1)) + 1e-12)
