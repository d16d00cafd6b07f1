"""What the queries of schema `postmortem` say about an incident, as a postmortem tells it.

They are the same functions as `herald query` asks; what they find in the rollups is there once those minutes are
rolled up.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from herald.timeline_lines import Line, join_lines
from model.clock import MINUTE_NS, to_ns
from model.registry import load_registry
from model.windows import Window
from reports.postmortem import Moment
from reports.postmortem_facts import FidelityBucket, StateChange, StateSnapshot, TelemetryGap, TenantLoss
from store import Store, list_postmortem_queries, run_readonly

_MOVED = 10
"""How many series that left their past are told of each column of the timeline; `herald query moved` tells all."""

_ALIKE = 3
"""Of how many entities the timeline tells that one metric moved: the twentieth link says no more than the third."""

_LEAST_CHANGE = 0.1
_AGEING = (".uptime", ".age")
_GAPS = 20
_OUTAGE_NS = 3 * MINUTE_NS
_MOST_ROWS = 1_000_000
"""A thousand slots are measured 72,000 times a day; the newest come first, and what was before must not be cut."""

_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PostmortemRecord:
    """The record behind `url`; `store` reads from the same database.

    Whom a question is `about` stands in it one a line, as the queries have it; empty is the whole fleet.
    """

    store: Store
    url: str

    def moments(
        self, window: Window, incident: Window, about: str, *, besides: Collection[tuple[str, str]]
    ) -> Iterator[Moment]:
        """Yield events of a window, budgets that crossed a line, and series that left their past in the incident.

        `besides` are (entity, metric) that are told elsewhere.
        """
        yield from self._events(window, about)
        yield from join_lines(self._crossings(window, about))
        yield from self._moved(incident, about, besides)

    def gaps(self, incident: Window, about: str) -> list[TelemetryGap]:
        """Return where telemetry was missing, the longest first."""
        gaps = [
            TelemetryGap(
                entity=row["entity"],
                start_ns=to_ns(row["from_time"]),
                end_ns=to_ns(row["until"]),
                metrics=row["metrics"],
                examples=row["examples"],
            )
            for row in self._ask("telemetry_gaps", incident, about)
        ]
        return [gap for gap in gaps if gap.end_ns - gap.start_ns >= _OUTAGE_NS][:_GAPS]

    def tenants(self, incident: Window, about: str) -> Iterator[TenantLoss]:
        """Yield whose jobs ended on what was hurt, those who lost most first."""
        for row in self._ask("failures_by_tenant", incident, about):
            yield TenantLoss(
                tenant=row["tenant"] or "",
                backend=row["backend"] or "",
                failed=row["failed"],
                share_before=row["share_before"],
                share_during=row["share_during"],
            )

    def fidelities(self, incident: Window, entities: Collection[str]) -> Iterator[FidelityBucket]:
        """Yield the buckets of the fidelities measured on what was hurt; the before is as long as the incident."""
        for row in self._ask("fidelity_histogram", incident, "\n".join(sorted(entities))):
            if row["entity"] in entities:
                yield FidelityBucket(**{key: row[key] for key in FidelityBucket.__slots__})

    def states(self, incident: Window, about: str) -> Iterator[StateChange]:
        """Yield of each slot the worst snapshot of the incident and the last before it, of the same state if any."""
        by_slot: dict[tuple[str, str], dict[str, list[_Row]]] = {}
        for row in self._ask("tomography", incident, about):
            by_slot.setdefault((row["entity"], row["slot"] or "-"), {}).setdefault(row["phase"], []).append(row)
        for _, phases in sorted(by_slot.items()):
            if phases.keys() == {"before", "during"}:
                worst = min(phases["during"], key=lambda row: row["fidelity"])
                same = [row for row in phases["before"] if row["state"] == worst["state"]]
                yield StateChange(before=_snapshot((same or phases["before"])[0]), during=_snapshot(worst))

    def _events(self, window: Window, about: str) -> Iterator[Moment]:
        events = load_registry().events
        for row in self._ask("timeline", window, about):
            if row["source"] in events:
                yield Moment(
                    at_ns=to_ns(row["at"]),
                    kind="event",
                    source=row["source"],
                    text=row["what"] or f"{row['source']} of {row['entity']}",
                    layer=row["layer"],
                )

    def _crossings(self, window: Window, about: str) -> Iterator[Line]:
        for row in self._ask("burn_crossings", window, about):
            was, became = (str(row[state]).replace("_", " ") for state in ("was", "became"))
            yield Line(
                at_ns=to_ns(row["at"]),
                kind="budget",
                source="budget",
                before=f"budget of {row['objective']} of ",
                name=", ".join(filter(None, (row["entity"], row["part"]))),
                after=f": {was} → {became}",
            )

    def _moved(self, incident: Window, about: str, besides: Collection[tuple[str, str]]) -> Iterator[Moment]:
        told: Counter[bool | str] = Counter()
        seen = set(besides)
        for row in self._ask("moved", incident, about):
            name, metric, column = (row["entity"], row["metric"]), row["metric"], row["layer"] == "quantum"
            if name in seen or told[column] >= _MOVED or told[metric] >= _ALIKE or not _tells(row):
                continue
            seen.add(name)
            told.update((column, metric))
            part = f" ({row['part']})" if row["part"] else ""
            text = f"{metric} of {row['entity']}{part} leaves its past: {row['before']:.3g} → {row['during']:.3g}"
            yield Moment(at_ns=to_ns(row["onset_at"]), kind="moved", source=metric, text=text, layer=row["layer"])

    def _ask(self, name: str, window: Window, about: str) -> list[_Row]:
        query = next(query for query in list_postmortem_queries() if query.name == name)
        answer = run_readonly(self.url, query.ask(window, about), row_limit=_MOST_ROWS)
        columns = [column.name for column in answer.columns]
        return [dict(zip(columns, row, strict=True)) for row in answer.rows]


def _tells(row: _Row) -> bool:
    """Return whether it tells a reader something that a series left its past: by a tenth, and not by its age."""
    if row["sigmas"] is None or row["metric"].endswith(_AGEING):
        return False
    before, during = float(row["before"]), float(row["during"])
    return abs(during - before) >= _LEAST_CHANGE * abs(before)


def _snapshot(row: _Row) -> StateSnapshot:
    measured: datetime = row["at"]
    parts = np.array(json.loads(row["matrix"]), dtype=float)
    return StateSnapshot(
        at_ns=to_ns(measured),
        entity=row["entity"],
        slot=row["slot"] or "-",
        state=row["state"] or "-",
        fidelity=row["fidelity"],
        error=row["error"],
        matrix=parts[..., 0] + 1j * parts[..., 1],
    )
