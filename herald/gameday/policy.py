"""What watches on a game day: objectives with their budgets, rules without one, and what both make of true events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from alert_rules import (
    Change,
    ConditionChange,
    ConditionRule,
    burn_alert,
    condition_alert,
    load_rules,
    load_shipped_objectives,
    replay,
    route_for,
)
from herald.book import Book
from herald.condition_watch import CONDITION_TIER
from herald.evidence import entity_of
from herald.ground_truth import RecordedSource
from herald.impact import impact_of
from model.names import ATTR_HERALD_DOMAIN
from model.queries import Group
from model.windows import Window
from slo import PAGE, TICKET, Objective, compute_minutes
from store import AlertRow, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An alert that the policy raises about an entity; `resolved_ns` is None while it fires."""

    entity: str
    severity: str
    fired_ns: int
    resolved_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All that is judged. What mutes others, reminds of what is over or sums up incidents tells nobody."""

    objectives: Sequence[Objective]
    rules: Sequence[ConditionRule]

    def tells(self, alert: AlertRow) -> bool:
        """Return whether an alert tells people of something that is the matter, and that nobody told them before."""
        return alert.severity in (PAGE, TICKET) and not self._recalls(alert)

    def route_of(self, alert: AlertRow) -> str:
        """Return where an alert goes: to a person at once, or to a list."""
        if alert.tier == CONDITION_TIER:
            rule = self._rule(alert.objective)
            return route_for(condition_alert(rule, group=alert.labels, fired_ns=alert.fired_ns).labels)
        labelled = burn_alert(
            objective=alert.objective,
            service=self._objective(alert.objective).service,
            group=alert.labels,
            tier=alert.tier,
            severity=alert.severity,
            fired_ns=alert.fired_ns,
        )
        return route_for(labelled.labels)

    def impact_of(self, store: Store, alert: AlertRow) -> int:
        """Return since when what an alert is about had been the matter."""
        find = self._rule if alert.tier == CONDITION_TIER else self._objective
        return impact_of(store, find(alert.objective), alert)

    def due(self, truth: RecordedSource, window: Window) -> Iterator[Due]:
        """Yield the alerts of the policy on the simulator's own events, with no delay and no telemetry between."""
        book = Book(self.objectives)
        for objective in self.objectives:
            book.put(objective.name, compute_minutes(objective, truth, window))
        for entity, objective, ledger in book:
            for each in replay(objective, ledger, window):
                yield Due(
                    entity=entity_of(dict(entity.group)),
                    severity=each.tier.severity,
                    fired_ns=each.fired_ns,
                    resolved_ns=each.resolved_ns,
                )
        for rule in self.rules:
            if rule.severity in (PAGE, TICKET) and not rule.is_reminder:
                yield from _intervals(rule, rule.transitions(truth, window))

    def _recalls(self, alert: AlertRow) -> bool:
        """Return whether an alert speaks of pages or incidents, which have told of what broke already."""
        if alert.tier == CONDITION_TIER:
            return self._rule(alert.objective).is_reminder
        return ATTR_HERALD_DOMAIN in self._objective(alert.objective).group_by

    def _rule(self, name: str) -> ConditionRule:
        return next(rule for rule in self.rules if rule.name == name)

    def _objective(self, name: str) -> Objective:
        return next(objective for objective in self.objectives if objective.name == name)


@cache
def shipped_policy() -> Policy:
    """Return the shipped objectives and rules, read once in each process: that takes as long as to judge a day."""
    return Policy(objectives=tuple(load_shipped_objectives()), rules=load_rules())


def _intervals(rule: ConditionRule, changes: Sequence[ConditionChange]) -> Iterator[Due]:
    """Yield what fired, each with its end; `changes` are in the order of time."""
    ends: dict[Group, int] = {}
    for change in reversed(changes):
        if change.change is Change.RESOLVED:
            ends[change.group] = change.at_ns
        else:
            entity = entity_of(dict(change.group))
            ended_ns = ends.pop(change.group, None)
            yield Due(entity=entity, severity=rule.severity, fired_ns=change.at_ns, resolved_ns=ended_ns)
