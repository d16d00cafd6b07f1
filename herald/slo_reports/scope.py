"""What a report speaks of: the whole fleet, or the alerts, incidents and metering of one service."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from alert_rules import load_rules
from model.registry import MetricDefinition
from slo import Objective
from store import AlertRow, IncidentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportScope:
    """The objectives and rules of one service, and its domains; None stands for all there are."""

    watched: Collection[str] | None = None
    domains: Collection[str] = ()

    @classmethod
    def of(cls, objectives: Collection[Objective]) -> Self:
        """Return what belongs to these objectives, with the rules of their domains."""
        domains = {objective.domain for objective in objectives}
        rules = {rule.name for rule in load_rules() if rule.domain in domains}
        return cls(watched={objective.name for objective in objectives} | rules, domains=domains)

    def of_alert(self, alert: AlertRow) -> bool:
        """Return whether an alert is of an objective or a rule that the report speaks of."""
        return self.watched is None or alert.objective in self.watched

    def of_incident(self, incident: IncidentRow, its_alerts: Collection[int]) -> bool:
        """Return whether it is told: it is of the report's domains, or of none, or one of `its_alerts` is in it.

        One incident has one domain, that of the first page, and may hurt several services.
        """
        domains = ("", *self.domains)
        return (
            self.watched is None or incident.domain in domains or not set(its_alerts).isdisjoint(incident.alert_ids)
        )

    def of_metric(self, metric: MetricDefinition) -> bool:
        """Return whether a metric is one of a domain that the report speaks of."""
        return self.watched is None or not metric.domains.isdisjoint(self.domains)
