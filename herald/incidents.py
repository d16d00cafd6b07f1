"""The life of an incident: open, acknowledged, mitigated, resolved, and sometimes open again.

Each step is a function from a row to a row, whether a person takes it or the engine. What retention must keep for an
incident follows from the row as well.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, format_time
from model.errors import HeraldError, InvalidInputError
from store import IncidentRow, NoteRow, PinRow, Store

ENGINE = "engine"


class IncidentStateError(HeraldError):
    """The incident is not in a state from which this can be done."""

    remedy = "herald incident show tells its state"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPolicy:
    """When incidents end, and what is kept for them.

    An incident that the engine opened resolves once all of its pages have been over for `quiet_ns`, and opens again
    if one of them fires within `reopen_ns` after that. Telemetry is kept from `pin_before_ns` before its impact,
    which covers what causes are compared with, to `pin_after_ns` after its end; and that until `keep_ns` after it was
    closed.
    """

    quiet_ns: int = 15 * MINUTE_NS
    reopen_ns: int = HOUR_NS
    pin_before_ns: int = 30 * HOUR_NS
    pin_after_ns: int = 6 * HOUR_NS
    keep_ns: int = 180 * DAY_NS

    def pin(self, row: IncidentRow) -> PinRow:
        """Return what retention must keep for an incident."""
        start_ns = row.impact_ns - self.pin_before_ns
        if row.closed_ns is None:
            return PinRow(start_ns=start_ns, end_ns=None, until_ns=None)
        return PinRow(
            start_ns=start_ns, end_ns=row.closed_ns + self.pin_after_ns, until_ns=row.closed_ns + self.keep_ns
        )


def acknowledge(row: IncidentRow, now_ns: int, actor: str) -> IncidentRow:
    """Return the incident with somebody who looks after it. Raises IncidentStateError."""
    _refuse(row, row.state != "open")
    return replace(row, acknowledged_ns=now_ns, acknowledged_by=actor)


def mitigate(row: IncidentRow, now_ns: int, actor: str) -> IncidentRow:
    """Return the incident as one that hurts nobody any more; who did that has looked after it."""
    _refuse(row, row.state in ("mitigated", "resolved"))
    looked_after = row if row.acknowledged_ns is not None else acknowledge(row, now_ns, actor)
    return replace(looked_after, mitigated_ns=now_ns, mitigated_by=actor)


def resolve(row: IncidentRow, closed_ns: int, actor: str, *, resolved_ns: int | None = None) -> IncidentRow:
    """Return the incident closed; it was over at `resolved_ns`, or just now, but after all that was done."""
    _refuse(row, row.state == "resolved")
    steps = (row.detected_ns, row.acknowledged_ns or 0, row.mitigated_ns or 0)
    over_ns = closed_ns if resolved_ns is None else max(resolved_ns, *steps)
    return replace(row, resolved_ns=over_ns, resolved_by=actor, closed_ns=closed_ns)


def reopen(row: IncidentRow) -> IncidentRow:
    """Return a closed incident open again: what was done about it did not last."""
    return replace(row, mitigated_ns=None, mitigated_by=None, resolved_ns=None, resolved_by=None, closed_ns=None)


def add_note(row: IncidentRow, now_ns: int, author: str, text: str) -> IncidentRow:
    """Return the incident with one more note. Raises InvalidInputError for an empty one."""
    if not text.strip():
        raise InvalidInputError("a note says something", remedy='e.g. herald note 12 "pump restarted"')
    return replace(row, notes=(*row.notes, NoteRow(at_ns=now_ns, author=author, text=text.strip())))


def read_incident(store: Store, incident_id: int, *, locked: bool = False) -> IncidentRow:
    """Return an incident. Raises InvalidInputError if there is none of this number."""
    row = store.read_incident(incident_id, locked=locked)
    if row is None:
        raise InvalidInputError(f"there is no incident {incident_id}", remedy="herald incident list shows them")
    return row


def change_incident(
    store: Store,
    incident_id: int,
    change: Callable[[IncidentRow], IncidentRow],
    *,
    actor: str,
    policy: IncidentPolicy,
) -> IncidentRow:
    """Change an incident as somebody; nobody else does at the same time."""
    with store.acting(actor):
        row = change(read_incident(store, incident_id, locked=True))
        store.save_incident(row, policy.pin(row))
    return row


def _refuse(row: IncidentRow, refused: bool) -> None:
    if refused:
        since_ns = row.closed_ns or row.mitigated_ns or row.acknowledged_ns or row.opened_ns
        raise IncidentStateError(f"incident {row.incident_id} is {row.state} since {format_time(since_ns)}")
