"""What Alertmanager is told: everything that fires and what resolved lately, again and again, read from the database.

Maintenance that is going on is told with it, so that it mutes the alerts of what is maintained.

The tiers of one severity of one objective and entity are one incident, and go out as one alert: it keeps the name
of the tier that fired first until the last of them has resolved, so that a faster tier that calms down while a slower
one goes on neither resolves the page nor sends another.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from alert_rules import RESEND_NS, Alert, AlertmanagerClient, ConditionRule, burn_alert, condition_alert
from alert_rules.alertmanager import RESOLVED_FOR_NS
from alert_rules.policy import NO_DATA_TIER
from herald.condition_watch import CONDITION_TIER
from herald.engine_numbers import EngineNumbers
from herald.exclusions import exclusion_of
from herald.maintenance import maintenance_alerts
from herald.output import say
from model.queries import Group
from model.windows import Window
from slo import PAGE, TICKET, Objective
from store import AlertRow, Store

_Incident = tuple[str, Group, str, bool]


class Notifier:
    """Repeats to every Alertmanager what it must know; the database is its memory."""

    def __init__(
        self,
        client: AlertmanagerClient,
        objectives: Sequence[Objective],
        numbers: EngineNumbers | None = None,
        *,
        rules: Sequence[ConditionRule] = (),
    ) -> None:
        self._client = client
        self._services = {objective.name: objective.service for objective in objectives}
        self._rules = {rule.name: rule for rule in rules}
        self._numbers = numbers or EngineNumbers()
        self._told_ns = 0
        self._problems: dict[str, str] = {}

    def tell(self, store: Store, now_ns: int, *, changed: bool) -> None:
        """Send a round if something changed or the last one is a minute old; a replica that fails is named once."""
        if not changed and now_ns - self._told_ns < RESEND_NS:
            return
        self._told_ns = now_ns
        known = [self._alert(row) for row in join_tiers(read_recent(store, now_ns)) if self._knows(row)]
        known += maintenance_alerts(map(exclusion_of, store.read_exclusions()), now_ns)
        # What mutes goes first: Alertmanager must know it before it sees what is muted.
        for severities in ((), (PAGE,), (TICKET,)):
            alerts = [alert for alert in known if _is_of(alert, severities)]
            if alerts:
                self._send(alerts, now_ns)

    def _knows(self, row: AlertRow) -> bool:
        return row.objective in (self._rules if row.tier == CONDITION_TIER else self._services)

    def _alert(self, row: AlertRow) -> Alert:
        if row.tier == CONDITION_TIER:
            return condition_alert(
                self._rules[row.objective],
                group=row.labels,
                fired_ns=row.fired_ns,
                resolved_ns=row.resolved_ns,
                annotations=row.annotations,
                tags=row.tags,
            )
        return burn_alert(
            objective=row.objective,
            service=self._services[row.objective],
            group=row.labels,
            tier=row.tier,
            severity=row.severity,
            fired_ns=row.fired_ns,
            resolved_ns=row.resolved_ns,
            annotations=row.annotations,
            tags=row.tags,
        )

    def _send(self, alerts: Sequence[Alert], now_ns: int) -> None:
        for delivery in self._client.send(alerts, now_ns):
            if delivery.problem:
                self._numbers.undelivered.inc()
            if delivery.problem and delivery.problem != self._problems.get(delivery.url):
                say(f"Alertmanager: {delivery.problem}")
            self._problems[delivery.url] = delivery.problem


def _is_of(alert: Alert, severities: Sequence[str]) -> bool:
    severity = alert.labels["severity"]
    return severity in severities if severities else severity not in (PAGE, TICKET)


def read_recent(store: Store, now_ns: int) -> list[AlertRow]:
    """Return the alerts that fire or resolved lately, with those before that overlap them."""
    since_ns = now_ns - RESOLVED_FOR_NS
    while True:
        rows = store.read_alerts(Window(start_ns=since_ns, end_ns=now_ns))
        earliest_ns = min((row.fired_ns for row in rows), default=since_ns)
        if earliest_ns >= since_ns:
            return rows
        since_ns = earliest_ns


def join_tiers(rows: Iterable[AlertRow]) -> list[AlertRow]:
    """Return the last incident of each objective, entity and severity, as an alert of the tier that fired first.

    Alertmanager knows an alert by its labels: an older one that has resolved would resolve the one that fires.
    """
    incidents: dict[_Incident, list[AlertRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.fired_ns, row.alert_id)):
        incidents[row.objective, row.group, row.severity, row.tier == NO_DATA_TIER.name].append(row)
    return [_last_incident(of_incident) for of_incident in incidents.values()]


def _last_incident(rows: Sequence[AlertRow]) -> AlertRow:
    first, *others = rows
    for row in others:
        if first.resolved_ns is not None and row.fired_ns > first.resolved_ns:
            first = row  # the one before was over
        elif first.resolved_ns is not None:
            over_ns = None if row.resolved_ns is None else max(first.resolved_ns, row.resolved_ns)
            first = replace(first, resolved_ns=over_ns)
    return first
