"""Exclusions between the database and the arithmetic, and those that the fleet's own events make."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from model import names
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from slo import Excluded, Exclusion
from store import EventRow, ExclusionRow


@dataclass(frozen=True, slots=True)
class _Told:
    """How the fleet tells of one kind: by an event at its end, before which one at its start may stand.

    `longest_ns` after a start its end is not believed any more: an event in between was lost. `usual_ns` is how long
    it took where nothing says so; None excludes nothing then.
    """

    kind: str
    start: str
    longest_ns: int
    usual_ns: int | None


_TOLD = {
    names.EVENT_CALIBRATION: _Told("calibration", names.EVENT_CALIBRATION_START, 4 * HOUR_NS, 10 * MINUTE_NS),
    names.EVENT_MAINTENANCE_END: _Told("maintenance", names.EVENT_MAINTENANCE_START, 7 * DAY_NS, None),
}
LONGEST_NS = max(told.longest_ns for told in _TOLD.values())
"""How far before its end the start of an exclusion is looked for."""


def exclusion_of(row: ExclusionRow) -> Exclusion:
    """Return an exclusion as the arithmetic knows it."""
    return Exclusion(
        exclusion_id=row.exclusion_id,
        kind=row.kind,
        matchers=tuple(sorted(row.matchers.items())),
        start_ns=row.start_ns,
        end_ns=row.end_ns,
        rule=row.rule,
        zone=row.zone,
        mode=Excluded(row.mode) if row.mode else None,
        who=row.who,
        why=row.why,
        source=row.source,
        created_ns=row.created_ns,
        revoked_ns=row.revoked_ns,
    )


def ending_events(kinds: Collection[str]) -> list[str]:
    """Return the events at which exclusions of some kinds are made."""
    return [name for name, told in _TOLD.items() if told.kind in kinds]


def telling_events(kinds: Collection[str]) -> list[str]:
    """Return the events of which exclusions of some kinds are made."""
    return [name for end, told in _TOLD.items() if told.kind in kinds for name in (end, told.start)]


def source_of(event: EventRow) -> str:
    """Return the name of the exclusion that an event makes; empty where it is about nobody, and makes none."""
    entity = ",".join(f"{column}={value}" for column, value in sorted(_matchers(event).items()))
    return f"{event.name} {entity} {event.time_ns}" if entity else ""


def rows_of_events(events: Iterable[EventRow], *, now_ns: int) -> Iterator[ExclusionRow]:
    """Yield an exclusion for each stretch of time that should not count, of which the events, ascending, tell."""
    kind_of_start = {told.start: told.kind for told in _TOLD.values()}
    begun: dict[tuple[str, frozenset[tuple[str, str]]], int] = {}
    for event in events:
        whose = frozenset(_matchers(event).items())
        if event.name in kind_of_start:
            begun[kind_of_start[event.name], whose] = event.time_ns
        elif whose and (told := _TOLD.get(event.name)):
            start_ns = _start_ns(event, told, begun.pop((told.kind, whose), None))
            if start_ns is not None:
                yield _row(event, told.kind, start_ns, now_ns)


def _matchers(event: EventRow) -> dict[str, str]:
    """Return whom an event is about."""
    named = {"device": event.device, "link": event.link, "backend": event.backend}
    return {column: value for column, value in named.items() if value}


def _start_ns(event: EventRow, told: _Told, begun_ns: int | None) -> int | None:
    """Return when that began which the event ended; None where it is not known."""
    if begun_ns is not None and event.time_ns - begun_ns <= told.longest_ns:
        return begun_ns
    lasted = event.attributes.get(names.METRIC_CALIBRATION_DURATION)
    if isinstance(lasted, int | float) and lasted > 0:
        return event.time_ns - round(lasted * SECOND_NS)
    return None if told.usual_ns is None else event.time_ns - told.usual_ns


def _row(event: EventRow, kind: str, start_ns: int, now_ns: int) -> ExclusionRow:
    return ExclusionRow(
        kind=kind,
        matchers=_matchers(event),
        start_ns=start_ns,
        end_ns=event.time_ns,
        rule="",
        zone="UTC",
        mode=None,
        who="telemetry",
        why=event.body or event.name,
        source=source_of(event),
        created_ns=now_ns,
    )
