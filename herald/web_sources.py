"""What the web page reads, from the store; fits `web.WebSources`."""

from collections.abc import Sequence

from model.topology import Topology
from model.windows import Window
from store import AlertRow, BudgetRow, QueryRunner, Store
from web import AlertRecord, BudgetPoint, Column, ColumnKind, EntityStatus, Heard, Table

_READERS = 4


class StoredSources:
    """Reads panels as the SELECT-only role, and verdicts over a connection of its own."""

    def __init__(self, url: str) -> None:
        self._store = Store(url)
        self._queries = QueryRunner(url, connections=_READERS)

    def read_table(self, sql: str, *, row_limit: int, timeout_s: float) -> Table:
        """Run one statement in a read-only transaction."""
        answer = self._queries.read_table(sql, row_limit=row_limit, timeout_s=timeout_s)
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
        return [_alert(row) for row in self._store.read_alerts(window)]

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


def _alert(row: AlertRow) -> AlertRecord:
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
    )
