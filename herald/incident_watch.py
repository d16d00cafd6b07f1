"""The engine's part in incidents: each judged minute it opens, joins, resolves and reopens them.

What it does follows from the alerts and their times alone, so that a long gap replayed in one go and the same time
stepped minute by minute say the same. People act on the same rows in between; see `herald/incidents.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from alert_rules import ConditionRule, FiredAlert, Kinship, KnownIncident, group_alerts
from herald.actor import name_actor
from herald.alert_context import AlertContext
from herald.evidence import entity_of
from herald.impact import impact_of
from herald.incident_times import telling_points
from herald.incidents import ENGINE, IncidentPolicy, add_note, reopen, resolve
from model.clock import MINUTE_NS
from model.registry import load_registry
from model.windows import Window
from slo import PAGE, TICKET, Objective
from store import AlertRow, IncidentRow, Store

_NEVER_NS = 2**62
_IMPACTS = 20
"""Of how many pages that come together the impact is looked for: a storm of them began at one time."""


class IncidentWatch:
    """Keeps the incidents in `store`; what objectives and rules are called and belong to names them."""

    def __init__(
        self,
        store: Store,
        objectives: Mapping[str, Objective],
        rules: Iterable[ConditionRule],
        context: AlertContext,
        policy: IncidentPolicy,
    ) -> None:
        self._store, self._objectives, self._context, self._policy = store, objectives, context, policy
        self._rules = {rule.name: rule for rule in rules}
        self._settles_ns = 0
        """The earliest time at which an incident may be over for good; 0 while nobody has looked."""

    def step(self, window: Window) -> None:
        """Bring the incidents from the start to the end of a window that has been judged."""
        unsettled = self._store.lock_unsettled()
        pages = self._store.read_loose_alerts(window, (PAGE,))
        if unsettled or pages:
            loose = [*pages, *self._store.read_loose_alerts(window, (TICKET,))]
            with self._store.acting(name_actor(ENGINE)):
                unsettled = self._advance(window, unsettled, loose)
        self._settles_ns = self._next_settling(unsettled)

    def settle(self, up_to_ns: int) -> None:
        """Tell the times of incidents that could have opened again until `up_to_ns` at the latest, and did not."""
        if up_to_ns < self._settles_ns:
            return
        with self._store.acting(name_actor(ENGINE)):
            unsettled = self._store.lock_unsettled()
            due = [row for row in unsettled if self._settling_ns(row) <= up_to_ns]
            for at_ns, rows in groupby(sorted(due, key=self._settling_ns), key=self._settling_ns):
                settled = [replace(row, settled_ns=at_ns) for row in rows]
                for point in telling_points(settled, load_registry(), at_ns=at_ns):
                    self._store.add_histogram(point)
                for row in settled:
                    self._store.save_incident(row, self._policy.pin(row))
        self._settles_ns = self._next_settling(row for row in unsettled if row not in due)

    def _next_settling(self, unsettled: Iterable[IncidentRow]) -> int:
        return min(map(self._settling_ns, unsettled), default=_NEVER_NS)

    def _settling_ns(self, row: IncidentRow) -> int:
        return _NEVER_NS if row.closed_ns is None else row.closed_ns + self._policy.reopen_ns

    def _advance(
        self, window: Window, unsettled: Sequence[IncidentRow], loose: Sequence[AlertRow]
    ) -> list[IncidentRow]:
        """Go through the moments at which something fired; return the incidents as they are stored then."""
        told = self._store.read_alerts_of(alert_id for row in unsettled for alert_id in row.alert_ids)
        rows = {row.incident_id: row for row in unsettled}
        alerts = {alert.alert_id: alert for alert in (*told, *loose)}
        kinship = Kinship(self._context.known_topology())
        fired = {alert.fired_ns for alert in loose if alert.fired_ns > window.start_ns}
        for moment_ns in sorted(fired | {window.end_ns}):
            rows |= {row.incident_id: row for row in self._over(rows.values(), alerts, moment_ns)}
            rows |= {row.incident_id: row for row in self._joined(rows.values(), alerts, moment_ns, kinship)}
        before = {row.incident_id: row for row in unsettled}
        for number, row in rows.items():
            if row != before.get(number):
                self._store.save_incident(row, self._policy.pin(row))
        return list(rows.values())

    def _over(
        self, rows: Iterable[IncidentRow], alerts: Mapping[int, AlertRow], moment_ns: int
    ) -> Iterator[IncidentRow]:
        """Yield, resolved, the incidents of the engine whose pages have all been over for long enough.

        Tickets hold none open: slow tiers fire for hours or days after the last failure, and `postmortem-due` until
        somebody has written one.
        """
        for row in rows:
            if row.closed_ns is None and row.opened_by == ENGINE:
                pages = [alert for alert_id in row.alert_ids if (alert := alerts[alert_id]).severity == PAGE]
                ends = [alert.resolved_ns or _NEVER_NS for alert in pages]
                closed_ns = max(ends) + self._policy.quiet_ns
                if closed_ns <= moment_ns:
                    yield resolve(row, closed_ns, ENGINE, resolved_ns=max(ends))

    def _joined(
        self, rows: Iterable[IncidentRow], alerts: Mapping[int, AlertRow], moment_ns: int, kinship: Kinship
    ) -> Iterator[IncidentRow]:
        """Yield the incidents that alerts joined or opened, with them."""
        known = [row for row in rows if row.closed_ns is None or moment_ns < self._settling_ns(row)]
        taken = {alert_id for row in rows for alert_id in row.alert_ids}
        new = [alert for alert in alerts.values() if alert.alert_id not in taken and _is_there(alert, moment_ns)]
        if not new:
            return
        grouping = group_alerts(map(_fired, new), [_known(row, alerts) for row in known], kinship)
        for row in known:
            if joining := grouping.joined.get(row.incident_id):
                yield self._join(row, [alerts[each.alert_id] for each in joining], moment_ns)
        for opening in grouping.opened:
            yield self._open([alerts[each.alert_id] for each in opening], moment_ns)

    def _join(self, row: IncidentRow, joining: Sequence[AlertRow], moment_ns: int) -> IncidentRow:
        if row.closed_ns is not None:
            first = next(alert for alert in joining if alert.severity == PAGE)
            row = add_note(reopen(row), moment_ns, ENGINE, f"opened again: {self._title(first)} fires again")
        impact_ns, detected_ns = self._began(joining)
        entities = (entity_of(alert.labels) for alert in joining)
        return replace(
            row,
            alert_ids=(*row.alert_ids, *(alert.alert_id for alert in joining)),
            entities=tuple(dict.fromkeys((*row.entities, *filter(None, entities)))),
            domain=row.domain or self._domain(joining[0]),
            impact_ns=min(row.impact_ns, impact_ns),
            detected_ns=min(row.detected_ns, detected_ns),
        )

    def _open(self, opening: Sequence[AlertRow], moment_ns: int) -> IncidentRow:
        first = next(alert for alert in opening if alert.severity == PAGE)
        row = self._join(
            IncidentRow(
                title=self._title(first),
                domain=self._domain(first),
                entities=tuple(filter(None, [entity_of(first.labels)])),
                impact_ns=first.fired_ns,
                detected_ns=first.fired_ns,
                opened_ns=moment_ns,
                opened_by=ENGINE,
            ),
            opening,
            moment_ns,
        )
        return replace(row, incident_id=self._store.add_incident(row, self._policy.pin(row)))

    def _began(self, alerts: Sequence[AlertRow]) -> tuple[int, int]:
        """Return the first bad minute before the pages among these, and when the first of them fired."""
        pages = [alert for alert in alerts if alert.severity == PAGE]
        impacts = [self._impact_ns(alert) for alert in pages[:_IMPACTS]]
        return min(impacts, default=_NEVER_NS), min((alert.fired_ns for alert in pages), default=_NEVER_NS)

    def _impact_ns(self, alert: AlertRow) -> int:
        watched = self._objectives.get(alert.objective) or self._rules.get(alert.objective)
        return impact_of(self._store, watched, alert) if watched else alert.fired_ns - MINUTE_NS

    def _domain(self, alert: AlertRow) -> str:
        named = self._objectives.get(alert.objective) or self._rules.get(alert.objective)
        return named.domain if named else ""

    def _title(self, alert: AlertRow) -> str:
        entity = entity_of(alert.labels)
        rule = self._rules.get(alert.objective)
        if rule is not None:
            title = rule.title.format(entity=entity or rule.domain)
            return title[:1].upper() + title[1:]
        objective = self._objectives.get(alert.objective)
        what = (objective.display_name if objective else "") or alert.objective
        return f"{what}: {entity}" if entity else what


def _is_there(alert: AlertRow, moment_ns: int) -> bool:
    """Return whether an alert fires at a moment, or did so just then."""
    over = alert.resolved_ns is not None and alert.resolved_ns <= moment_ns
    return alert.fired_ns == moment_ns or (alert.fired_ns < moment_ns and not over)


def _fired(alert: AlertRow) -> FiredAlert:
    return FiredAlert(
        alert_id=alert.alert_id,
        objective=alert.objective,
        group=alert.group,
        entity=entity_of(alert.labels),
        fired_ns=alert.fired_ns,
        pages=alert.severity == PAGE,
    )


def _known(row: IncidentRow, alerts: Mapping[int, AlertRow]) -> KnownIncident:
    return KnownIncident(
        incident_id=row.incident_id,
        entities=frozenset(row.entities),
        alerts=tuple(_fired(alerts[alert_id]) for alert_id in row.alert_ids),
        is_open=row.closed_ns is None,
    )
