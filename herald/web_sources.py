"""What the web page reads, from the store; fits `web.WebSources`."""

from collections.abc import Sequence
from dataclasses import fields

from model.cancellation import Cancellation
from model.incidents import IncidentFacts
from model.topology import Topology
from model.windows import Window
from store import AlertRow, BudgetRow, IncidentRow, QueryRunner, Store
from web import AlertRecord, BudgetPoint, Column, ColumnKind, EntityStatus, Heard, IncidentRecord, Table

_READERS = 4


class StoredSources:
    """Reads panels as the SELECT-only role, and verdicts over a connection of its own."""

    def __init__(self, url: str) -> None:
        self._store = Store(url)
        self._queries = QueryRunner(url, connections=_READERS)

    def read_table(
        self, sql: str, *, row_limit: int, timeout_s: float, cancellation: Cancellation | None = None
    ) -> Table:
        """Run one statement in a read-only transaction."""
        answer = self._queries.read_table(sql, row_limit=row_limit, timeout_s=timeout_s, cancellation=cancellation)
        columns = [Column(column.name, ColumnKind(column.kind)) for column in answer.columns]
        return Table(columns=columns, rows=answer.rows, truncated=answer.truncated)

    def read_statuses(self) -> Sequence[EntityStatus]:
        """Return the newest status of every objective and entity."""
        return [_status(row) for row in self._store.read_statuses()]

    def read_budgets(self, objective: str, window: Window) -> Sequence[BudgetPoint]:
        """Return the budget snapshots of one objective inside the window."""
        return [
            BudgetPoint(labels=row.labels, time_ns=row.time_ns, remaining=row.remaining)
            for row in self._store.read_budgets(objective, window)
        ]

    def read_alerts(self, window: Window) -> Sequence[AlertRecord]:
        """Return every alert that was firing at some moment of the window."""
        return self._with_incidents(self._store.read_alerts(window))

    def read_alerts_of(self, alert_ids: Sequence[int]) -> Sequence[AlertRecord]:
        """Return these alerts, oldest first."""
        return self._with_incidents(self._store.read_alerts_of(alert_ids))

    def read_incidents(self, window: Window) -> Sequence[IncidentRecord]:
        """Return the incidents that are not resolved, then those that were open at some moment of the window."""
        return [_incident(row) for row in self._store.read_incidents(window)]

    def read_incident(self, incident_id: int) -> IncidentRecord | None:
        """Return one incident with its sites, None if there is no such."""
        row = self._store.read_incident(incident_id)
        if row is None:
            return None
        standing = [entity.site for entity in self._store.read_topology().entities if entity.id in row.entities]
        return _incident(row, tuple(sorted({*standing} - {""})))

    def _with_incidents(self, rows: Sequence[AlertRow]) -> Sequence[AlertRecord]:
        incidents = self._store.find_incidents_of(row.alert_id for row in rows)
        return [_alert(row, incidents.get(row.alert_id)) for row in rows]

    def read_last_data_ns(self) -> int | None:
        """Return the time of the newest point."""
        return self._store.read_last_data_ns()

    def read_topology(self) -> Topology:
        """Return what acts on what."""
        return self._store.read_topology()

    def read_heard(self) -> Sequence[Heard]:
        """Return when every entity was heard of last."""
        return [Heard(entity=entity, site=site, newest_ns=at_ns) for entity, site, at_ns in self._store.read_heard()]

    def close(self) -> None:
        """Close the connections."""
        self._store.close()
        self._queries.close()


def _status(row: BudgetRow) -> EntityStatus:
    return EntityStatus(
        objective=row.objective,
        labels=row.labels,
        time_ns=row.time_ns,
        good=row.good,
        total=row.total,
        coverage=row.coverage,
        sli=row.sli,
        remaining=row.remaining,
        burn=row.burn,
        state=row.state,
    )


def _alert(row: AlertRow, incident_id: int | None) -> AlertRecord:
    return AlertRecord(
        alert_id=row.alert_id,
        objective=row.objective,
        labels=row.labels,
        tier=row.tier,
        severity=row.severity,
        fired_ns=row.fired_ns,
        resolved_ns=row.resolved_ns,
        burn_long=row.burn_long,
        burn_short=row.burn_short,
        threshold=row.threshold,
        long_window=row.long_window,
        short_window=row.short_window,
        annotations=row.annotations,
        incident_id=incident_id,
    )


def _incident(row: IncidentRow, sites: tuple[str, ...] = ()) -> IncidentRecord:
    notes = tuple((note.at_ns, note.author, note.text) for note in row.notes)
    facts = {each.name: getattr(row, each.name) for each in fields(IncidentFacts)}
    return IncidentRecord(incident_id=row.incident_id, state=row.state, sites=sites, notes=notes, **facts)
