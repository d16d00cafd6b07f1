"""What the engine concludes: budget snapshots, alerts, and the little it must remember across a restart."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping

from model.clock import to_datetime, to_ns
from model.queries import Group
from model.windows import Window
from store.objectives import ObjectiveStore
from store.rows import BURN_WINDOWS, AlertRow, BudgetRow
from store.session import Row, optional_ns, window_params
from store.sli import group_of
from store.statements import load_statements

_SQL = load_statements("slo")


class VerdictStore(ObjectiveStore):
    """Reads and writes budgets, alerts and engine state."""

    def write_budgets(self, budgets: Iterable[BudgetRow]) -> None:
        """Store snapshots, of an entity and time only one; what was stored of the same before is replaced."""
        rows = list(budgets)
        if not rows:
            return
        groups: dict[str, set[Group]] = defaultdict(set)
        for row in rows:
            groups[row.objective].add(row.group)
        with self.transaction():
            ids = {name: self.entity_ids(name, of_objective) for name, of_objective in groups.items()}
            self._rows(
                _SQL["upsert_budgets"],
                {"budgets": json.dumps([_budget_record(row, ids[row.objective]) for row in rows])},
            )

    def read_statuses(self) -> list[BudgetRow]:
        """Return the newest snapshot of every entity whose objective is in force."""
        return [_budget(row) for row in self._rows(_SQL["read_statuses"])]

    def read_budgets(self, objective: str, window: Window) -> list[BudgetRow]:
        """Return the snapshots of one objective inside the window, ascending in time."""
        params = {"objective": objective, **window_params(window)}
        return [_budget(row) for row in self._rows(_SQL["read_budgets"], params)]

    def open_alert(self, alert: AlertRow) -> int:
        """Store an alert that fires and return its id; if the entity's tier fires already, that one's id."""
        entity_id = self.entity_ids(alert.objective, [alert.group])[alert.group]
        with self.transaction():
            params = _alert_params(alert) | {"entity_id": entity_id}
            rows = self._rows(_SQL["add_alert"], params) or self._rows(_SQL["find_open_alert"], params)
        return int(rows[0][0])

    def resolve_alert(self, alert_id: int, *, resolved_ns: int) -> bool:
        """Note that an alert no longer fires; False if it was resolved before, or never was."""
        return bool(self._rows(_SQL["resolve_alert"], {"id": alert_id, "resolved_at": to_datetime(resolved_ns)}))

    def read_open_alerts(self) -> list[AlertRow]:
        """Return the alerts that fire, newest first."""
        return [alert_of_row(row) for row in self._rows(_SQL["read_open_alerts"])]

    def read_alerts(self, window: Window) -> list[AlertRow]:
        """Return every alert that was firing at some moment of the window, newest first."""
        return [alert_of_row(row) for row in self._rows(_SQL["read_alerts"], window_params(window))]

    def read_alert(self, alert_id: int) -> AlertRow | None:
        """Return one alert, None if there is no such."""
        rows = self._rows(_SQL["read_alert"], {"id": alert_id})
        return alert_of_row(rows[0]) if rows else None

    def read_state(self, key: str) -> object:
        """Return the JSON value that the engine stored under `key`, None if there is none."""
        rows = self._rows(_SQL["read_state"], {"key": key})
        return rows[0][0] if rows else None

    def write_state(self, key: str, value: object) -> None:
        """Store a JSON value under `key`."""
        self._rows(_SQL["write_state"], {"key": key, "value": json.dumps(value)})


def _budget_record(row: BudgetRow, ids: Mapping[Group, int]) -> dict[str, object]:
    return {
        "time": to_datetime(row.time_ns).isoformat(),
        "entity_id": ids[row.group],
        **{f"burn_{window}": row.burn.get(window) for window in BURN_WINDOWS},
        **{name: getattr(row, name) for name in ("good", "total", "coverage", "sli", "remaining", "state")},
    }


def _budget(row: Row) -> BudgetRow:
    objective, labels, time, good, total, coverage, sli, remaining, *burn, state = row
    return BudgetRow(
        objective=objective,
        group=group_of(labels),
        time_ns=to_ns(time),
        good=good,
        total=total,
        coverage=coverage,
        sli=sli,
        remaining=remaining,
        burn=dict(zip(BURN_WINDOWS, burn, strict=True)),
        state=state,
    )


def _alert_params(alert: AlertRow) -> dict[str, object]:
    same = ("objective", "tier", "severity", "burn_long", "burn_short", "threshold", "long_window", "short_window")
    return {
        **{name: getattr(alert, name) for name in same},
        "labels": json.dumps(dict(alert.group)),
        "fired_at": to_datetime(alert.fired_ns),
        "resolved_at": None if alert.resolved_ns is None else to_datetime(alert.resolved_ns),
        "annotations": json.dumps(dict(alert.annotations)),
        "tags": json.dumps(dict(alert.tags)),
    }


def alert_of_row(row: Row) -> AlertRow:
    """Return an alert whose columns were selected as all statements here select them."""
    objective, labels, tier, severity, fired_at, threshold, long_window, short_window, *rest = row
    burn_long, burn_short, resolved_at, annotations, tags, alert_id = rest
    return AlertRow(
        objective=objective,
        group=group_of(labels),
        tier=tier,
        severity=severity,
        fired_ns=to_ns(fired_at),
        threshold=threshold,
        long_window=long_window,
        short_window=short_window,
        burn_long=burn_long,
        burn_short=burn_short,
        resolved_ns=optional_ns(resolved_at),
        annotations=annotations,
        tags=tags,
        alert_id=alert_id,
    )
