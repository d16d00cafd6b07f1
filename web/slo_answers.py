"""The JSON that the SLO pages read: objectives worst first, one objective with its entities, alerts.

Numbers go out unrounded, sentences ready to show. A ratio stays 0..1.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from model.clock import DAY_NS, MINUTE_NS, format_time
from model.errors import HeraldError
from model.windows import Window, render_duration
from slo import PAGE, TICKET, WORST_FIRST, Objective, Rule, State, Tier
from slo.status import AT_RISK_BELOW
from web.boards import Board
from web.runbooks import Runbooks
from web.sentences import count_allowed, name_events, render_budget, render_entity, render_limit, render_state
from web.sources import AlertRecord, BudgetPoint, EntityStatus, SloSource

_ALERTS_SHOWN = 500
_AROUND_NS = 30 * MINUTE_NS


class UnknownObjectiveError(HeraldError):
    """No objective has this name."""

    remedy = "see the list of objectives at /"


@dataclass(frozen=True, slots=True, kw_only=True)
class SloAnswers:
    """Builds answers from what the engine stored and what the objectives promise."""

    source: SloSource
    objectives: Mapping[str, Objective]
    runbooks: Runbooks
    boards: Mapping[str, Board]

    def list_objectives(self, now_ns: int) -> dict[str, object]:
        """Return one row per objective and entity, worst first."""
        return {"as_of": format_time(now_ns), "objectives": self.list_rows()}

    def list_rows(self) -> list[dict[str, Any]]:
        """Return the rows alone."""
        statuses = [each for each in self.source.read_statuses() if each.objective in self.objectives]
        silent = self.objectives.keys() - {each.objective for each in statuses}
        return [self._row(each) for each in _sort_worst_first([*statuses, *map(_unknown, sorted(silent))])]

    def describe(self, name: str, now_ns: int) -> dict[str, object]:
        """Return one objective: its promise, its entities with their burn-down, its alerts and its runbook."""
        objective = self.objectives.get(name)
        if objective is None:
            raise UnknownObjectiveError(f"there is no objective {name[:100]!r}")
        window = objective.budget_period(now_ns)
        statuses = [each for each in self.source.read_statuses() if each.objective == name]
        budgets = self.source.read_budgets(name, window)
        alerts = [each for each in self.source.read_alerts(window) if each.objective == name]
        return {
            "as_of": format_time(now_ns),
            "window": {"from": window.start_ns // 1_000_000, "to": window.end_ns // 1_000_000},
            "objective": self._promise(objective),
            "entities": [
                {**self._row(each), "budget": _burn_down(each.labels, budgets)}
                for each in _sort_worst_first(statuses)
            ],
            "alerts": self.describe_alerts(alerts),
        }

    def list_alerts(self, now_ns: int, days: int) -> dict[str, object]:
        """Return the alerts of the past days: firing ones first, then the newest; and how many are left out.

        What reaches nobody, as it only mutes others, is listed while it does so.
        """
        window = Window(start_ns=now_ns - days * DAY_NS, end_ns=now_ns)
        found = [each for each in self.source.read_alerts(window) if each.resolved_ns is None or reaches_people(each)]
        rows = self.describe_alerts(found)
        return {"as_of": format_time(now_ns), "days": days, "alerts": rows, "left_out": len(found) - len(rows)}

    def _promise(self, objective: Objective) -> dict[str, object]:
        return {
            "name": objective.name,
            "display_name": objective.display_name or objective.name,
            "description": objective.description,
            "service": objective.service,
            "domain": objective.domain,
            "target": float(objective.target),
            "window": objective.window_name,
            "at_risk_below": float(AT_RISK_BELOW),
            "events": name_events(objective),
            "catalogue_id": objective.catalogue_id,
            "owner": objective.owner,
            "runbook_url": self.runbooks.address_of(objective.runbook),
            "runbook": self.runbooks.text(objective.runbook),
            "tiers": [_describe_tier(tier, objective.window_ns) for tier in objective.tiers],
        }

    def _row(self, status: EntityStatus) -> dict[str, Any]:
        objective = self.objectives[status.objective]
        return {
            "objective": objective.name,
            "display_name": objective.display_name or objective.name,
            "domain": objective.domain,
            "service": objective.service,
            "owner": objective.owner,
            "target": float(objective.target),
            "window": objective.window_name,
            "group": dict(status.labels),
            "entity": render_entity(status.labels),
            "state": status.state,
            "state_word": render_state(status.state),
            "good": status.good,
            "total": status.total,
            "bad": status.total - status.good,
            "allowed": count_allowed(objective, status),
            "sli": status.sli,
            "coverage": status.coverage,
            "budget_remaining": status.remaining,
            "burn": dict(status.burn),
            "sentence": render_budget(objective, status),
            "boards": [
                {"title": board.title, "url": _address(board, status.labels)} for board in self._boards_of(objective)
            ],
            "evaluated_at": status.time_ns // 1_000_000 or None,
            "last_data_at": None if status.last_data_ns is None else status.last_data_ns // 1_000_000,
        }

    def describe_alerts(self, alerts: Iterable[AlertRecord]) -> list[dict[str, object]]:
        """Return alerts, firing ones first, then the newest."""
        ordered = sorted(
            alerts,
            key=lambda each: (each.resolved_ns is not None, not reaches_people(each), -each.fired_ns, each.alert_id),
        )
        return [self._alert(each) for each in ordered[:_ALERTS_SHOWN]]

    def _alert(self, alert: AlertRecord) -> dict[str, object]:
        objective = self.objectives.get(alert.objective)
        return {
            "id": alert.alert_id,
            "incident_id": alert.incident_id,
            "objective": alert.objective,
            "display_name": (objective.display_name if objective else "") or alert.objective,
            "entity": render_entity(alert.labels),
            "tier": alert.tier,
            "severity": alert.severity,
            "mutes": not reaches_people(alert),
            "fired_at": alert.fired_ns // 1_000_000,
            "resolved_at": None if alert.resolved_ns is None else alert.resolved_ns // 1_000_000,
            "burn_long": alert.burn_long,
            "burn_short": alert.burn_short,
            "threshold": alert.threshold,
            "rule": alert.annotations.get("burn_rule", ""),
            "long": alert.long_window,
            "short": alert.short_window,
            "board_url": self._board_at(objective, alert) if objective else None,
            "summary": alert.annotations.get("summary", ""),
            "description": alert.annotations.get("description", ""),
        }

    def _boards_of(self, objective: Objective) -> list[Board]:
        return [self.boards[uid] for uid in objective.dashboards if uid in self.boards]

    def _board_at(self, objective: Objective, alert: AlertRecord) -> str | None:
        """Return the address of the first board of the objective around the time of the alert."""
        boards = self._boards_of(objective)
        end_ns = alert.resolved_ns
        until = "now" if end_ns is None else str((end_ns + _AROUND_NS) // 1_000_000)
        start = str((alert.fired_ns - _AROUND_NS) // 1_000_000)
        return _address(boards[0], alert.labels, start, until) if boards else None


def reaches_people(alert: AlertRecord) -> bool:
    """Return whether an alert tells somebody; the others, such as of a calibration, only mute what it explains."""
    return alert.severity in (PAGE, TICKET)


def _describe_tier(tier: Tier, window_ns: int) -> dict[str, object]:
    """Return a tier; what it judges by something else than the burn rate alone has no threshold."""
    return {
        "name": tier.name,
        "severity": tier.severity,
        "threshold": float(tier.factor(window_ns)) if tier.rule is Rule.RATE else None,
        "limit": render_limit(tier, window_ns),
        "long": render_duration(tier.long_ns),
        "short": render_duration(tier.short_ns),
    }


def _address(board: Board, labels: Mapping[str, str], *span: str) -> str:
    """Return a board's address with the entity chosen in the variables that the board has."""
    names = {variable.name for variable in board.variables}
    chosen = [(f"var-{key}", value) for key, value in sorted(labels.items()) if key in names]
    query = urlencode([*zip(("from", "to"), span, strict=False), *chosen])
    return f"/d/{board.uid}?{query}" if query else f"/d/{board.uid}"


def _sort_worst_first(statuses: Iterable[EntityStatus]) -> list[EntityStatus]:
    def badness(status: EntityStatus) -> tuple[int, float, str, str]:
        left = status.remaining if status.remaining is not None else 1.0
        place = WORST_FIRST.get(status.state, WORST_FIRST[State.NO_DATA])
        return place, left, status.objective, render_entity(status.labels)

    return sorted(statuses, key=badness)


def _unknown(objective: str) -> EntityStatus:
    """Return the status of an objective that the engine has not evaluated yet."""
    return EntityStatus(
        objective=objective,
        labels={},
        time_ns=0,
        good=0,
        total=0,
        coverage=None,
        sli=None,
        remaining=None,
        burn={},
        state="no_data",
    )


def _burn_down(labels: Mapping[str, str], points: Sequence[BudgetPoint]) -> dict[str, list[object]]:
    own = [point for point in points if dict(point.labels) == dict(labels)]
    return {
        "time": [point.time_ns // 1_000_000 for point in own],
        "remaining": [point.remaining for point in own],
    }
