"""The entities that objectives are measured for, their SLI minutes, and what those said before they were corrected.

A recount is one transaction: the dirty minutes it takes and the SLI minutes it replaces stay or go together, so that
a crash in the middle loses neither a late event nor a count.
"""

import contextlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import numpy as np

from model.clock import MINUTE_NS, SECOND_NS, to_datetime, to_ns
from model.queries import Group
from model.windows import Window
from store.pgcopy import Columns, from_pg_us, to_pg_us
from store.rows import CountedMinute, Judgement, SliColumns, SliRevision
from store.session import Session, minute_param, optional_ns, window_params
from store.statements import load_statements

_SQL = load_statements("sli")
_SLI_TYPES = {"entity": "i8", "minute": "i8", "good": "i8", "total": "i8"}


class SliStore(Session):
    """Reads and writes entities and SLI minutes."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._entities: dict[tuple[str, Group], int] = {}

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

    def replace_sli(
        self,
        objective: str,
        minutes_ns: Sequence[int],
        counted: Iterable[CountedMinute],
        *,
        judged: Judgement | None = None,
    ) -> None:
        """Replace what is known of these minutes: minutes without a count no longer have data.

        `minutes_ns` are the starts of the minutes that were recounted, and cover those of `counted`. Of those
        that were `judged` before, what they said until now is kept.
        """
        rows = list(counted)
        judged = judged if judged and minutes_ns and min(minutes_ns) < judged.to_ns else None
        with self.transaction():
            ids = self.entity_ids(objective, {row.group for row in rows})
            columns = _sli_columns(rows, ids)
            if minutes_ns and (judged or self._has_sli(objective, minutes_ns)):
                self._rows(_SQL["make_temporary"])
                self._copy_in(_SQL["copy_new_sli"], columns, len(rows))
                minutes = [minute_param(minute_ns) for minute_ns in minutes_ns]
                if judged:
                    times = {"judged": to_datetime(judged.to_ns), "now": to_datetime(judged.now_ns)}
                    self._rows(_SQL["note_revisions"], {"objective": objective, "minutes": minutes, **times})
                self._rows(_SQL["delete_vanished_sli"], {"objective": objective, "minutes": minutes})
                self._rows(_SQL["upsert_sli"])
            else:
                self._copy_in(_SQL["copy_sli"], columns, len(rows))

    def read_sli(
        self,
        objective: str,
        window: Window,
        *,
        known_at_ns: int | None = None,
        groups: Collection[Group] | None = None,
    ) -> list[SliColumns]:
        """Return the minutes that start inside the window, its end excluded, per entity with data.

        `groups` asks for some entities only. With `known_at_ns`, as they stood at that moment, before what came later
        corrected them.
        """
        known = self.read_entities(objective)
        entities = {number: group for group, number in known.items() if groups is None or group in groups}
        params = {"ids": sorted(entities), **window_params(window)}
        if known_at_ns is None:
            columns = self._columns(_SQL["read_sli"], params, **_SLI_TYPES)
        else:
            params["known"] = to_datetime(known_at_ns)
            columns = self._columns(_SQL["read_sli_known_at"], params, **_SLI_TYPES)
        ids, first = np.unique(columns["entity"], return_index=True)
        minutes, good, total = (np.split(columns[name], first[1:]) for name in ("minute", "good", "total"))
        return [
            SliColumns(group=entities[number], minute_ns=from_pg_us(minutes[i]), good=good[i], total=total[i])
            for i, number in enumerate(ids.tolist())
        ]

    def read_first_sli_ns(self, objective: str | None = None) -> int | None:
        """Return the first minute that is stored of an objective, or of any, None where there is none."""
        return optional_ns(self._rows(_SQL["read_first_sli"], {"objective": objective})[0][0])

    def sum_sli(self, objective: str, edges_ns: Sequence[int]) -> dict[Group, list[tuple[int, int]]]:
        """Return good and all events between each two of ascending edges, per entity with data there."""
        entities = {number: group for group, number in self.read_entities(objective).items()}
        params = {"ids": sorted(entities), "edges": list(map(to_datetime, edges_ns))}
        sums: dict[Group, list[tuple[int, int]]] = {}
        for number, place, good, total in self._rows(_SQL["sum_sli"], params):
            cells = sums.setdefault(entities[number], [(0, 0)] * (len(edges_ns) - 1))
            cells[place - 1] = good, total
        return sums

    def read_usual_events(
        self, objective: str, groups: Iterable[Group], *, window_ns: int, end_ns: int
    ) -> dict[Group, float]:
        """Return how many events a window up to `end_ns` has of each group, at the rate at which they came in it.

        Groups of which nothing was counted up to then are left out.
        """
        entities = {self._entities[objective, group]: group for group in groups}
        params = {"ids": sorted(entities), "window_s": window_ns // SECOND_NS, "end": to_datetime(end_ns)}
        rows = self._rows(_SQL["read_usual_events"], params)
        return {entities[number]: events for number, events in rows if events is not None}

    def read_revisions(self, objective: str, *, limit: int = 20) -> list[SliRevision]:
        """Return the newest corrections of minutes that had been judged, the newest first."""
        found = self._rows(_SQL["read_revisions"], {"objective": objective, "limit": limit})
        return [
            SliRevision(
                group=group_of(labels),
                minute_ns=to_ns(minute),
                corrected_ns=to_ns(known_until),
                before=None if good is None else (good, total),
                after=None if good_after is None else (good_after, total_after),
            )
            for labels, minute, known_until, good, total, good_after, total_after in found
        ]

    def expect_entities(self, objective: str, groups: Iterable[Group], *, since_ns: int) -> None:
        """Note that telemetry of these is expected, from now on where it was not before."""
        ids = self.entity_ids(objective, groups)
        self._rows(_SQL["expect_entities"], {"ids": sorted(ids.values()), "since": to_datetime(since_ns)})

    def read_expected(self, objective: str) -> dict[Group, int]:
        """Return since when telemetry of each entity is expected."""
        rows = self._rows(_SQL["read_entities"], {"objectives": [objective]})
        return {
            group_of(labels): since_ns for _, _, labels, since in rows if (since_ns := optional_ns(since)) is not None
        }

    def _has_sli(self, objective: str, minutes_ns: Sequence[int]) -> bool:
        ids = sorted(self.read_entities(objective).values())
        first, last = to_datetime(min(minutes_ns)), to_datetime(max(minutes_ns))
        return bool(self._rows(_SQL["has_sli"], {"ids": ids, "first": first, "last": last})[0][0])

    def _load_entities(self, objective: str) -> None:
        for number, name, labels, _ in self._rows(_SQL["read_entities"], {"objectives": [objective]}):
            self._entities[name, group_of(labels)] = number

    def _forget(self) -> None:
        self._entities.clear()


def group_of(labels: Mapping[str, str]) -> Group:
    """Return labels as the group they stand for."""
    return tuple(sorted(labels.items()))


def _sli_columns(rows: Sequence[CountedMinute], ids: Mapping[Group, int]) -> Columns:
    minute_ns = np.array([row.minute_ns for row in rows], dtype=np.int64)
    return {
        "entity_id": np.array([ids[row.group] for row in rows], dtype=np.int32),
        "minute": to_pg_us(minute_ns),
        "good": np.array([row.good for row in rows], dtype=np.int64),
        "total": np.array([row.total for row in rows], dtype=np.int64),
    }
