"""Incidents: rows that the engine and people open, change and close; each has a pin that retention respects.

Who changes one reads it locked, inside the same transaction, so that the engine and a person do not undo each other.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from model.clock import to_datetime, to_ns
from model.incidents import IncidentFacts
from model.windows import Window
from store.rows import AlertRow
from store.session import Row, optional_ns, window_params
from store.statements import load_statements
from store.verdicts import VerdictStore, alert_of_row

_SQL = load_statements("incidents")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """What somebody wrote down."""

    at_ns: int
    author: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow(IncidentFacts):
    """One incident; what its columns mean stands with the table. `incident_id` is 0 before it is stored."""

    closed_ns: int | None = None
    settled_ns: int | None = None
    notes: tuple[NoteRow, ...] = ()
    incident_id: int = 0

    @property
    def state(self) -> str:
        """Return open, acknowledged, mitigated or resolved."""
        if self.closed_ns is not None:
            return "resolved"
        if self.mitigated_ns is not None:
            return "mitigated"
        return "open" if self.acknowledged_ns is None else "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinRow:
    """What retention must keep: to the present and beyond without an end, for ever without `until_ns`."""

    start_ns: int
    end_ns: int | None
    until_ns: int | None


class IncidentStore(VerdictStore):
    """Reads and writes incidents."""

    def add_incident(self, row: IncidentRow, pin: PinRow) -> int:
        """Store a new incident with its pin and return its id."""
        with self.transaction():
            number = int(self._rows(_SQL["add_incident"], _params(row))[0][0])
            self._pin(number, pin)
        return number

    def save_incident(self, row: IncidentRow, pin: PinRow) -> None:
        """Store an incident as it is now, and its pin."""
        with self.transaction():
            self._rows(_SQL["save_incident"], _params(row))
            self._pin(row.incident_id, pin)

    def read_incident(self, incident_id: int, *, locked: bool = False) -> IncidentRow | None:
        """Return one incident, None if there is no such; nobody else changes a locked one in this transaction."""
        rows = self._rows(_SQL["lock_incident" if locked else "read_incident"], {"id": incident_id})
        return _incident(rows[0]) if rows else None

    def read_incidents(self, window: Window) -> list[IncidentRow]:
        """Return those that are not closed, newest first, then those that were open at some moment of the window."""
        return [_incident(row) for row in self._rows(_SQL["read_incidents"], window_params(window))]

    def lock_unsettled(self) -> list[IncidentRow]:
        """Return, locked and by id, the incidents that are open or may open again."""
        return [_incident(row) for row in self._rows(_SQL["lock_unsettled"])]

    def find_incidents_of(self, alert_ids: Iterable[int]) -> dict[int, int]:
        """Return the incident of each of these alerts that is in one."""
        wanted = set(alert_ids)
        rows = self._rows(_SQL["find_incidents_of"], {"alerts": sorted(wanted)})
        return {alert: incident for alert, incident in rows if alert in wanted}

    def read_loose_alerts(self, window: Window, severities: Sequence[str]) -> list[AlertRow]:
        """Return the alerts in no incident that fire at the end of the window or fired in it, oldest first."""
        params = {"severities": list(severities), **window_params(window)}
        return [alert_of_row(row) for row in self._rows(_SQL["read_loose_alerts"], params)]

    def read_alerts_of(self, alert_ids: Iterable[int]) -> list[AlertRow]:
        """Return these alerts, oldest first."""
        return [alert_of_row(row) for row in self._rows(_SQL["read_alerts_of"], {"alerts": sorted(alert_ids)})]

    def _pin(self, incident_id: int, pin: PinRow) -> None:
        params = {
            "reason": f"incident {incident_id}",
            "start": to_datetime(pin.start_ns),
            "end": _optional(pin.end_ns),
            "until": _optional(pin.until_ns),
        }
        if not self._rows(_SQL["move_pin"], params):
            self._rows(_SQL["add_pin"], params)


_MOMENTS = ("impact", "detected", "opened", "acknowledged", "mitigated", "resolved", "closed", "settled")
_TEXTS = ("title", "domain", "opened_by", "acknowledged_by", "mitigated_by", "resolved_by", "state")


def _params(row: IncidentRow) -> Mapping[str, object]:
    return {
        "id": row.incident_id,
        "entities": list(row.entities),
        "alert_ids": list(row.alert_ids),
        "notes": json.dumps(
            [{"at": to_datetime(n.at_ns).isoformat(), "author": n.author, "text": n.text} for n in row.notes]
        ),
        **{name: getattr(row, name) for name in _TEXTS},
        **{f"{moment}_at": _optional(getattr(row, f"{moment}_ns")) for moment in _MOMENTS},
    }


def _optional(when_ns: int | None) -> object:
    return None if when_ns is None else to_datetime(when_ns)


def _incident(row: Row) -> IncidentRow:
    number, title, domain, entities, alert_ids, impact_at, detected_at, opened_at, opened_by, *rest = row
    acknowledged_at, acknowledged_by, mitigated_at, mitigated_by, resolved_at, resolved_by, *rest = rest
    closed_at, settled_at, notes = rest
    return IncidentRow(
        incident_id=number,
        title=title,
        domain=domain,
        entities=tuple(entities),
        alert_ids=tuple(alert_ids),
        impact_ns=to_ns(impact_at),
        detected_ns=to_ns(detected_at),
        opened_ns=to_ns(opened_at),
        opened_by=opened_by,
        acknowledged_ns=optional_ns(acknowledged_at),
        acknowledged_by=acknowledged_by,
        mitigated_ns=optional_ns(mitigated_at),
        mitigated_by=mitigated_by,
        resolved_ns=optional_ns(resolved_at),
        resolved_by=resolved_by,
        closed_ns=optional_ns(closed_at),
        settled_ns=optional_ns(settled_at),
        notes=tuple(_note(note) for note in notes),
    )


def _note(note: Mapping[str, str]) -> NoteRow:
    return NoteRow(at_ns=to_ns(datetime.fromisoformat(note["at"])), author=note["author"], text=note["text"])
