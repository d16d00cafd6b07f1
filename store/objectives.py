"""Objectives, the entities they are measured for, and their SLI minutes.

A recount is one transaction: the dirty minutes it takes and the SLI minutes it replaces stay or go together, so that
a crash in the middle loses neither a late event nor a count.
"""

import contextlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from model.clock import MINUTE_NS, SECOND_NS, to_datetime
from model.queries import Group
from model.windows import Window
from store.pgcopy import Columns, from_pg_us, to_pg_us
from store.rows import CountedMinute, ObjectiveRow, SliColumns
from store.session import Row, Session, minute_param, window_params
from store.statements import load_statements

_SQL = load_statements("slo")
_SLI_TYPES = {"entity": "i8", "minute": "i8", "good": "i8", "total": "i8"}


class ObjectiveStore(Session):
    """Reads and writes objectives, entities and SLI minutes."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._entities: dict[tuple[str, Group], int] = {}

    def sync_objectives(self, objectives: Iterable[ObjectiveRow], *, now_ns: int) -> None:
        """Make the table hold exactly these; what was counted for one that goes is kept for its return."""
        rows = list(objectives)
        with self.transaction():
            for row in rows:
                self._rows(_SQL["upsert_objective"], _objective_params(row, now_ns))
            self._rows(_SQL["delete_other_objectives"], {"names": [row.name for row in rows]})

    def read_objectives(self) -> list[ObjectiveRow]:
        """Return the objectives in force, by name."""
        return [_objective(row) for row in self._rows(_SQL["read_objectives"])]

    def entity_ids(self, objective: str, groups: Iterable[Group]) -> dict[Group, int]:
        """Return the id of each group's entity; unknown ones are created."""
        wanted = set(groups)
        if missing := {group for group in wanted if (objective, group) not in self._entities}:
            labels = sorted(json.dumps(dict(group)) for group in missing)
            with self.transaction():
                self._rows(_SQL["add_entities"], {"objective": objective, "labels": labels})
                self._load_entities(objective)
        return {group: self._entities[objective, group] for group in wanted}

    def read_entities(self, objective: str) -> dict[Group, int]:
        """Return the known entities of an objective."""
        self._load_entities(objective)
        return {group: number for (name, group), number in self._entities.items() if name == objective}

    @contextlib.contextmanager
    def recount(self, limit: int = 100_000) -> Iterator[dict[str, list[int]]]:
        """Begin a transaction and yield the dirty minutes (starts, ascending) by metric, at most `limit` log entries.

        They stop being dirty when the block ends well. What it reads and replaces through this store belongs to the
        same transaction. One recount runs at a time; another process waits.
        """
        with self.transaction():
            self._rows(_SQL["lock_recount"])
            dirty: dict[str, list[int]] = defaultdict(list)
            for metric, minute in self._rows(_SQL["take_dirty"], {"limit": limit}):
                dirty[metric].append(minute * MINUTE_NS)
            yield dict(dirty)

    def replace_sli(self, objective: str, minutes_ns: Sequence[int], counted: Iterable[CountedMinute]) -> None:
        """Replace what is known of these minutes: minutes without a count no longer have data.

        `minutes_ns` are the starts of the minutes that were recounted, and cover those of `counted`.
        """
        rows = list(counted)
        with self.transaction():
            ids = self.entity_ids(objective, {row.group for row in rows})
            columns = _sli_columns(rows, ids)
            if minutes_ns and self._has_sli(objective, minutes_ns):
                self._rows(_SQL["make_temporary"])
                self._copy_in(_SQL["copy_new_sli"], columns, len(rows))
                minutes = [minute_param(minute_ns) for minute_ns in minutes_ns]
                self._rows(_SQL["delete_vanished_sli"], {"objective": objective, "minutes": minutes})
                self._rows(_SQL["upsert_sli"])
            else:
                self._copy_in(_SQL["copy_sli"], columns, len(rows))

    def read_sli(self, objective: str, window: Window) -> list[SliColumns]:
        """Return the minutes that start inside the window, its end excluded, per entity with data."""
        entities = {number: group for group, number in self.read_entities(objective).items()}
        params = {"ids": sorted(entities), **window_params(window)}
        columns = self._columns(_SQL["read_sli"], params, **_SLI_TYPES)
        ids, first = np.unique(columns["entity"], return_index=True)
        minutes, good, total = (np.split(columns[name], first[1:]) for name in ("minute", "good", "total"))
        return [
            SliColumns(group=entities[number], minute_ns=from_pg_us(minutes[i]), good=good[i], total=total[i])
            for i, number in enumerate(ids.tolist())
        ]

    def _has_sli(self, objective: str, minutes_ns: Sequence[int]) -> bool:
        first, last = minute_param(min(minutes_ns)), minute_param(max(minutes_ns))
        return bool(self._rows(_SQL["has_sli"], {"objective": objective, "first": first, "last": last})[0][0])

    def _load_entities(self, objective: str) -> None:
        for number, name, labels in self._rows(_SQL["read_entities"], {"objectives": [objective]}):
            self._entities[name, group_of(labels)] = number

    def _forget(self) -> None:
        self._entities.clear()


def group_of(labels: Mapping[str, str]) -> Group:
    """Return labels as the group they stand for."""
    return tuple(sorted(labels.items()))


_OBJECTIVE_COLUMNS = (
    "name", "display_name", "description", "service", "domain", "target", "window_ns", "budgeting_method",
    "catalogue_id", "owner", "runbook", "definition",
)  # fmt: skip


def _objective(row: Row) -> ObjectiveRow:
    values = dict(zip(_OBJECTIVE_COLUMNS, row, strict=True))
    return ObjectiveRow(**{**values, "window_ns": values["window_ns"] * SECOND_NS})


def _objective_params(row: ObjectiveRow, now_ns: int) -> dict[str, object]:
    columns = {name: getattr(row, name) for name in _OBJECTIVE_COLUMNS if name != "window_ns"}
    return {
        **columns,
        "window_seconds": row.window_ns // SECOND_NS,
        "definition": json.dumps(dict(row.definition)),
        "updated_at": to_datetime(now_ns),
    }


def _sli_columns(rows: Sequence[CountedMinute], ids: Mapping[Group, int]) -> Columns:
    minute_ns = np.array([row.minute_ns for row in rows], dtype=np.int64)
    return {
        "entity_id": np.array([ids[row.group] for row in rows], dtype=np.int32),
        "minute": to_pg_us(minute_ns),
        "good": np.array([row.good for row in rows], dtype=np.int64),
        "total": np.array([row.total for row in rows], dtype=np.int64),
    }
