"""Objectives in force, and what they said from when on."""

import json
from collections.abc import Iterable

from model.clock import SECOND_NS, to_datetime, to_ns
from store.rows import GenerationRow, ObjectiveRow
from store.session import Row
from store.sli import SliStore
from store.statements import load_statements

_SQL = load_statements("slo")


class ObjectiveStore(SliStore):
    """Reads and writes objectives."""

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

    def note_generation(self, row: GenerationRow) -> None:
        """Note what an objective says from now on, if it is news; to count differently is a new generation."""
        params = {
            "objective": row.objective,
            "since": to_datetime(row.since_ns),
            "counting": row.counting,
            "definition": json.dumps(dict(row.definition), sort_keys=True),
        }
        self._rows(_SQL["note_generation"], params)

    def read_generations(self, objective: str | None = None) -> list[GenerationRow]:
        """Return what one objective, or each, has said so far, oldest first."""
        return [
            GenerationRow(
                objective=name, generation=generation, since_ns=to_ns(since), counting=counting, definition=definition
            )
            for name, generation, since, counting, definition in self._rows(
                _SQL["read_generations"], {"objective": objective}
            )
        ]


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
