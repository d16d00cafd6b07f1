"""The JSON of incidents: those that are open first, and one with its alerts and all that was done about it."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from model.clock import DAY_NS, HOUR_NS, SECOND_NS, format_time
from model.errors import HeraldError
from model.windows import Window
from web.boards import Board
from web.reports import ReportFolder
from web.slo_answers import SloAnswers
from web.sources import AlertRecord, EntityStatus, IncidentRecord, SloSource

BOARD = "herald-incident"
_AROUND_NS = HOUR_NS
_STEPS = ("impact", "detected", "acknowledged", "mitigated", "resolved")
_SHOWN = 200


class UnknownIncidentError(HeraldError):
    """No incident has this number."""

    remedy = "see the list of incidents at /incidents"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAnswers:
    """Builds answers from what the engine and people wrote down."""

    source: SloSource
    slos: SloAnswers
    boards: Mapping[str, Board]
    reports: ReportFolder

    def list_incidents(self, now_ns: int, days: int) -> dict[str, object]:
        """Return the incidents of the past days: those that are not resolved first, then the newest."""
        found = self.source.read_incidents(Window(start_ns=now_ns - days * DAY_NS, end_ns=now_ns))[:_SHOWN]
        alerts = self._alerts_of(found)
        statuses = self._statuses() if found else {}
        return {
            "as_of": format_time(now_ns),
            "days": days,
            "incidents": [{**_row(each), **_spent(alerts[each.incident_id], statuses)} for each in found],
        }

    def describe(self, incident_id: int, now_ns: int) -> dict[str, object]:
        """Return one incident: its times, alerts, timeline and the ways to its board and its postmortem."""
        incident = self.source.read_incident(incident_id)
        if incident is None:
            raise UnknownIncidentError(f"there is no incident {incident_id}")
        alerts = self._alerts_of([incident])[incident_id]
        return {
            "as_of": format_time(now_ns),
            "incident": {**_row(incident), **_spent(alerts, self._statuses())},
            "alerts": self.slos.describe_alerts(alerts),
            "timeline": [
                {"at": at_ns // 1_000_000, "kind": kind, "who": who, "text": text}
                for at_ns, kind, who, text in sorted(_timeline(incident, alerts))
            ],
            "board_url": self._board_url(incident),
            "postmortems": self.reports.list_postmortems(incident_id),
            "postmortem": f"herald postmortem --incident {incident_id} --into {shlex.quote(str(self._folder))}",
        }

    @property
    def _folder(self) -> Path:
        return self.reports.path or Path("reports")

    def _alerts_of(self, incidents: Iterable[IncidentRecord]) -> dict[int, list[AlertRecord]]:
        wanted = list(incidents)
        ids = {alert_id for each in wanted for alert_id in each.alert_ids}
        known = {alert.alert_id: alert for alert in self.source.read_alerts_of(sorted(ids))} if ids else {}
        return {each.incident_id: [known[i] for i in each.alert_ids if i in known] for each in wanted}

    def _statuses(self) -> dict[object, EntityStatus]:
        return {_whose(each): each for each in self.source.read_statuses()}

    def _board_url(self, incident: IncidentRecord) -> str | None:
        if BOARD not in self.boards:
            return None
        until = "now" if incident.resolved_ns is None else str((incident.resolved_ns + _AROUND_NS) // 1_000_000)
        span = [("from", str((incident.impact_ns - _AROUND_NS) // 1_000_000)), ("to", until)]
        return f"/d/{BOARD}?{urlencode([*span, *(('var-site', site) for site in incident.sites)])}"


def _row(incident: IncidentRecord) -> dict[str, object]:
    times = {step: getattr(incident, f"{step}_ns") for step in _STEPS}
    return {
        "id": incident.incident_id,
        "title": incident.title,
        "state": incident.state,
        "domain": incident.domain,
        "entities": list(incident.entities),
        "alerts": len(incident.alert_ids),
        "opened_by": incident.opened_by,
        **{f"{step}_at": None if when is None else when // 1_000_000 for step, when in times.items()},
        "seconds_to_detect": (incident.detected_ns - incident.impact_ns) / SECOND_NS,
        "seconds_to_repair": (
            None if incident.resolved_ns is None else (incident.resolved_ns - incident.detected_ns) / SECOND_NS
        ),
    }


def _spent(alerts: Iterable[AlertRecord], statuses: Mapping[object, EntityStatus]) -> dict[str, object]:
    """Return the worst that the budgets behind the alerts say now: what is left, and how fast it goes."""
    hurt = [statuses[_whose(alert)] for alert in alerts if _whose(alert) in statuses]
    burns = [burn for each in hurt if (burn := each.burn.get("1h")) is not None]
    left = [each.remaining for each in hurt if each.remaining is not None]
    return {"burn_1h": max(burns, default=None), "budget_remaining": min(left, default=None)}


def _whose(record: AlertRecord | EntityStatus) -> object:
    return record.objective, tuple(sorted(record.labels.items()))


def _timeline(incident: IncidentRecord, alerts: Iterable[AlertRecord]) -> Iterator[tuple[int, str, str, str]]:
    """Yield what happened: when, of what kind, by whom, in words."""
    yield incident.impact_ns, "impact", "", "the first bad minute begins"
    yield incident.opened_ns, "step", incident.opened_by, "opened the incident"
    for step in ("acknowledged", "mitigated", "resolved"):
        when_ns, who = getattr(incident, f"{step}_ns"), getattr(incident, f"{step}_by")
        if when_ns is not None:
            yield when_ns, "step", who or "", f"{step} it"
    for alert in alerts:
        what = f"{alert.severity} {alert.objective} {', '.join(alert.labels.values())} ({alert.tier})"
        yield alert.fired_ns, "alert", "", f"{what} fires"
        if alert.resolved_ns is not None:
            yield alert.resolved_ns, "alert", "", f"{what} resolves"
    for at_ns, author, text in incident.notes:
        yield at_ns, "note", author, text
