"""Telemetry that stopped: who fell silent, since when, and who speaks for all that did.

Only what used to speak nearly every minute can be said to be silent. What speaks seldom may not have spoken yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from model.registry import MetricDefinition
from reports.cause.table import Table

REGULAR_SHARE = 0.8
SILENT_MINUTES = 4
_FEWEST_MEASURED = 3
_FEW = 2  # measurements: what one tells began before it, and what moves slowly is within the scatter of the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A regular speaker: for how many minutes it has been silent, and how much it used to say per minute."""

    definition: MetricDefinition
    entity: str
    silent_minutes: int
    usual: float

    @property
    def is_silent(self) -> bool:
        """Return whether it has not been heard for longer than any delay explains."""
        return self.silent_minutes >= SILENT_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmeasured:
    """What is measured every `usual_minutes`, was last in a minute of the tables, and `again` so many times since."""

    definition: MetricDefinition
    usual_minutes: float
    last_minute: int
    again: int


def find_unmeasured(tables: Iterable[Table], entity: str, since: int) -> list[Unmeasured]:
    """Return the measurements of an entity that were repeated twice at most since a minute of the tables."""
    minutes: dict[str, tuple[MetricDefinition, list[int]]] = {}
    for table in tables:
        rows = [row for row, name in enumerate(table.entities) if name == entity]
        told = np.flatnonzero((table.under[rows] > 0).any(axis=0)).tolist()
        if table.kind == "level" and len(told) >= _FEWEST_MEASURED:
            minutes.setdefault(table.definition.name, (table.definition, told))
    found = [
        Unmeasured(
            definition=definition,
            usual_minutes=float(np.median(np.diff(told))),
            last_minute=max((minute for minute in told if minute < since), default=told[0]),
            again=sum(minute >= since for minute in told),
        )
        for definition, told in minutes.values()
    ]
    return [each for each in found if each.again <= _FEW and each.usual_minutes > SILENT_MINUTES]


def last_heard(table: Table, past: int) -> list[Heard]:
    """Return the regular speakers of a table, one for each entity."""
    heard = []
    for entity in dict.fromkeys(table.entities):
        rows = [row for row, name in enumerate(table.entities) if name == entity]
        told = np.asarray(table.under[rows] > 0).any(axis=0).reshape(-1)
        known = np.flatnonzero(told[:past])
        if not len(known) or told[known[0] : past].mean() < REGULAR_SHARE:
            continue
        silent = len(told) - 1 - int(np.flatnonzero(told)[-1])
        counts = table.over if table.kind == "count" else table.under
        usual = float(counts[rows, :past].sum() / max(past - known[0], 1)) if table.kind != "level" else 0.0
        heard.append(Heard(definition=table.definition, entity=entity, silent_minutes=silent, usual=usual))
    return heard
