"""An incident as JSON and as words, for the command line."""

from collections.abc import Sequence
from typing import Any

from model.clock import MINUTE_NS, format_time
from model.windows import render_duration
from store import AlertRow, IncidentRow


def describe_incident(row: IncidentRow, alerts: Sequence[AlertRow] | None = None) -> dict[str, Any]:
    """Return the incident as one JSON object; times are ISO 8601, durations seconds, null where not there yet."""
    moments = ("impact", "detected", "opened", "acknowledged", "mitigated", "resolved", "closed")
    return {
        "id": row.incident_id,
        "state": row.state,
        "title": row.title,
        "domain": row.domain or None,
        "entities": list(row.entities),
        **{moment: _moment(getattr(row, f"{moment}_ns")) for moment in moments},
        **{f"{moment}_by": getattr(row, f"{moment}_by") for moment in moments[2:-1]},
        **{f"seconds_to_{what}": seconds for what, seconds in row.seconds_to.items()},
        "notes": [{"at": format_time(n.at_ns), "author": n.author, "text": n.text} for n in row.notes],
        "alert_ids": list(row.alert_ids),
        **({} if alerts is None else {"alerts": list(map(_alert, alerts))}),
    }


def render_length(length_ns: int) -> str:
    """Return how long something took, in whole minutes."""
    return render_duration(max(MINUTE_NS, length_ns // MINUTE_NS * MINUTE_NS))


def _alert(alert: AlertRow) -> dict[str, Any]:
    return {
        "id": alert.alert_id,
        "objective": alert.objective,
        "group": alert.labels,
        "tier": alert.tier,
        "severity": alert.severity,
        "fired_at": format_time(alert.fired_ns),
        "resolved_at": _moment(alert.resolved_ns),
    }


def _moment(when_ns: int | None) -> str | None:
    return None if when_ns is None else format_time(when_ns)
