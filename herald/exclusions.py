"""Exclusions between the database and the arithmetic, and those that the fleet's own events make."""

from collections.abc import Iterable, Iterator

from model import names
from model.clock import MINUTE_NS, SECOND_NS
from slo import Excluded, Exclusion
from store import EventRow, ExclusionRow

CALIBRATION_NS = 10 * MINUTE_NS
"""How long a calibration took whose event does not say so: it tells when the new set came into force."""

_KINDS = {names.EVENT_CALIBRATION: "calibration"}
TELLING_EVENTS = tuple(_KINDS)
"""The events that exclusions are made of."""


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


def rows_of_events(events: Iterable[EventRow], *, now_ns: int) -> Iterator[ExclusionRow]:
    """Yield an exclusion for each event that tells of time that should not count, and names what it was about."""
    for event in events:
        matchers = {
            column: value
            for column in ("device", "link", "backend")
            if (value := getattr(event, column)) and event.name in _KINDS
        }
        if matchers:
            entity = ",".join(f"{column}={value}" for column, value in sorted(matchers.items()))
            yield ExclusionRow(
                kind=_KINDS[event.name],
                matchers=matchers,
                start_ns=event.time_ns - _duration_ns(event),
                end_ns=event.time_ns,
                rule="",
                zone="UTC",
                mode=None,
                who="telemetry",
                why=event.body or event.name,
                source=f"{event.name} {entity} {event.time_ns}",
                created_ns=now_ns,
            )


def _duration_ns(event: EventRow) -> int:
    told = event.attributes.get(names.METRIC_CALIBRATION_DURATION)
    return round(told * SECOND_NS) if isinstance(told, int | float) and told > 0 else CALIBRATION_NS
