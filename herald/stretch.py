"""A stretch of time that somebody wants a postmortem of, whether anybody was told of something in it or not."""

from herald.evidence import entity_of
from herald.whom import check_named
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, format_time
from model.errors import InvalidInputError
from model.windows import Window
from reports.postmortem import Incident
from slo.burn import PAGE
from store import Store

_AROUND_NS = HOUR_NS
_LONGEST_NS = 31 * DAY_NS


def find_stretch(store: Store, window: Window, *, judged_ns: int, entity: str | None = None) -> Incident:
    """Return an incident for a stretch of time, on the entity that somebody names or what was paged about first.

    Raises InvalidInputError for a name or a time of which nothing is known, and as `describe_stretch` does.
    """
    known = _known_part(store, window, judged_ns)
    if entity is None:
        return describe_stretch(first_hurt(store, known), known)
    check_named(store, entity)
    return describe_stretch(entity, known)


def describe_stretch(entity: str, window: Window) -> Incident:
    """Return an incident for a stretch of time that somebody names by hand; its impact begins with it.

    Raises InvalidInputError for a stretch that is too short, or too long for its minutes to be looked through.
    """
    if not MINUTE_NS <= window.length_ns <= _LONGEST_NS:
        raise InvalidInputError(
            "a postmortem is about a minute at least and 31 days at most",
            place="--from, --to",
            remedy="choose other times",
        )
    around = Window(start_ns=window.start_ns - _AROUND_NS, end_ns=window.end_ns)
    return Incident(
        title=f"What happened to {entity}",
        entity=entity,
        window=around,
        impact_ns=window.start_ns,
        detected_ns=None,
        resolved_ns=window.end_ns,
    )


def _known_part(store: Store, window: Window, judged_ns: int) -> Window:
    """Return the part of a window of which minutes can have been judged."""
    first_ns = store.read_first_sli_ns()
    if first_ns is None:
        raise InvalidInputError(
            "no minute is judged yet", remedy="is this the right database, and an engine at work?"
        )
    if window.end_ns <= first_ns or window.start_ns >= judged_ns:
        raise InvalidInputError(
            f"nothing is known of the time from {format_time(window.start_ns)} to {format_time(window.end_ns)}",
            place="--from, --to",
            remedy=f"choose times between {format_time(first_ns)} and {format_time(judged_ns)}",
        )
    return Window(start_ns=max(window.start_ns, first_ns), end_ns=min(window.end_ns, judged_ns))


def first_hurt(store: Store, window: Window) -> str:
    """Return what the first page of a stretch of time was about, or else the first ticket.

    Raises InvalidInputError where nobody was told of anything.
    """
    alerts = [alert for alert in store.read_alerts(window) if entity_of(alert.labels)]
    if not alerts:
        raise InvalidInputError(
            "nobody was told of anything in that time", remedy="say whom it is about with --device"
        )
    return entity_of(min(alerts, key=lambda alert: (alert.severity != PAGE, alert.fired_ns, alert.alert_id)).labels)
