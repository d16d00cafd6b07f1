"""A source of made-up answers, for tests of the web application and of whoever mounts it.

Answers are chosen by a piece of the SQL, so a test says what a panel gets without a database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from model.cancellation import Cancellation
from model.errors import HeraldError
from model.topology import Topology
from model.windows import Window
from web.sources import AlertRecord, BudgetPoint, EntityStatus, Heard, IncidentRecord, Table

EMPTY = Table(columns=(), rows=())


@dataclass(kw_only=True)
class MemorySources:
    """Fits `WebSources`. `tables` maps a piece of SQL to its answer or its error; `asked` keeps the SQL."""

    tables: Mapping[str, Table | HeraldError] = field(default_factory=dict)
    statuses: Sequence[EntityStatus] = ()
    budgets: Mapping[str, Sequence[BudgetPoint]] = field(default_factory=dict)
    alerts: Sequence[AlertRecord] = ()
    incidents: Sequence[IncidentRecord] = ()
    last_data_ns: int | None = None
    topology: Topology = field(default_factory=Topology)
    heard: Sequence[Heard] = ()
    outage: HeraldError | None = None
    asked: list[str] = field(default_factory=list)

    def read_table(
        self, sql: str, *, row_limit: int, timeout_s: float, cancellation: Cancellation | None = None
    ) -> Table:
        """Return the answer whose key is part of the statement; nothing for an unknown one."""
        del timeout_s, cancellation
        self._fail_in_outage()
        self.asked.append(sql)
        found = next((answer for key, answer in self.tables.items() if key in sql), EMPTY)
        if isinstance(found, HeraldError):
            raise found
        return Table(columns=found.columns, rows=found.rows[:row_limit], truncated=len(found.rows) > row_limit)

    def read_statuses(self) -> Sequence[EntityStatus]:
        """Return the statuses given."""
        self._fail_in_outage()
        return self.statuses

    def read_budgets(self, objective: str, window: Window) -> Sequence[BudgetPoint]:
        """Return the snapshots of the objective inside the window."""
        self._fail_in_outage()
        own = self.budgets.get(objective, ())
        return [point for point in own if window.start_ns < point.time_ns <= window.end_ns]

    def read_alerts(self, window: Window) -> Sequence[AlertRecord]:
        """Return the alerts that fired inside the window or were firing in it."""
        self._fail_in_outage()
        return [
            alert
            for alert in self.alerts
            if alert.fired_ns <= window.end_ns and (alert.resolved_ns is None or alert.resolved_ns > window.start_ns)
        ]

    def read_alerts_of(self, alert_ids: Sequence[int]) -> Sequence[AlertRecord]:
        """Return those of the alerts given."""
        self._fail_in_outage()
        return [alert for alert in self.alerts if alert.alert_id in alert_ids]

    def read_incidents(self, window: Window) -> Sequence[IncidentRecord]:
        """Return the incidents that were opened by the end of the window."""
        self._fail_in_outage()
        return [incident for incident in self.incidents if incident.opened_ns <= window.end_ns]

    def read_incident(self, incident_id: int) -> IncidentRecord | None:
        """Return one of the incidents given."""
        self._fail_in_outage()
        return next((incident for incident in self.incidents if incident.incident_id == incident_id), None)

    def read_last_data_ns(self) -> int | None:
        """Return the time given."""
        self._fail_in_outage()
        return self.last_data_ns

    def read_topology(self) -> Topology:
        """Return the topology given."""
        self._fail_in_outage()
        return self.topology

    def read_heard(self) -> Sequence[Heard]:
        """Return the times given."""
        self._fail_in_outage()
        return self.heard

    def _fail_in_outage(self) -> None:
        if self.outage is not None:
            raise self.outage
