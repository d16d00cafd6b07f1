"""What came of a game day, and how it is told."""

from dataclasses import dataclass
from typing import Any

from herald.gameday.plan import Plan
from model.clock import MINUTE_NS, SECOND_NS, format_time
from reports.cause import Suspect
from store import AlertRow

_TO_THE_DESK_NS = 10 * MINUTE_NS


def asked_ns(plan: Plan, detection: AlertRow) -> int:
    """Return when somebody asks for the cause: ten minutes after the alert, or while the fault lasts at the latest.

    By then whoever was called sits at the desk, and what devices measure every ten minutes has been measured once.
    """
    return max(detection.fired_ns, min(detection.fired_ns + _TO_THE_DESK_NS, plan.cleared_ns))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a plan."""

    plan: Plan
    impact_ns: int | None
    detection: AlertRow | None
    theoretical_ns: int | None
    theoretical_resolved_ns: int | None
    alerts: tuple[AlertRow, ...]
    false_alerts: tuple[AlertRow, ...]
    suspects: tuple[Suspect, ...]
    route: str | None

    @property
    def true_cause_rank(self) -> int | None:
        """Return the place of the true cause among the suspects, from 1; None if it is not among them."""
        cause = self.plan.fault.true_cause(self.plan.entity)
        for rank, suspect in enumerate(self.suspects, start=1):
            if {"kind": suspect.kind, "entity": suspect.entity, "metric": suspect.metric} == cause:
                return rank
        return None

    @property
    def resolved_ns(self) -> int | None:
        """Return when the last alert that the fault raised resolved; None while one fires, and where none did."""
        ends = [alert.resolved_ns for alert in self.alerts if alert.resolved_ns is not None]
        return max(ends) if ends and self.resolved else None

    @property
    def resolved(self) -> bool:
        """Return whether every alert that the fault raised has resolved since it was cleared."""
        return all(alert.resolved_ns is not None for alert in self.alerts)

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome as `herald gameday run --json` prints it."""
        plan, cause = self.plan, self.plan.fault.true_cause(self.plan.entity)
        about = (cause["entity"], cause["metric"])
        moved = any((s.entity, s.metric) == about and not s.lead for s in self.suspects)
        return {
            "fault": plan.fault.id,
            "entity": plan.entity,
            "seed": plan.seed,
            "magnitude": plan.magnitude,
            "injected_at": format_time(plan.injected_ns),
            "impact_at": _time(self.impact_ns),
            "cleared_at": format_time(plan.cleared_ns),
            "detected": self.detection is not None,
            "detected_at": _time(self.detection.fired_ns if self.detection else None),
            "detection_seconds": self._seconds_after_injection(self.detection.fired_ns if self.detection else None),
            "theoretical_minimum_seconds": self._seconds_after_injection(self.theoretical_ns),
            "expected_route": plan.fault.route,
            "route": self.route,
            "resolved": self.resolved,
            "resolve_seconds": self._seconds_after_clearing(self.resolved_ns),
            "theoretical_resolve_seconds": self._seconds_after_clearing(self.theoretical_resolved_ns),
            "alerts": [describe_alert(alert) for alert in self.alerts],
            "asked_at": _time(asked_ns(plan, self.detection) if self.detection else None),
            "signal": {"metric": cause["metric"], "moved": moved},
            "suspects": [suspect.as_dict(rank) for rank, suspect in enumerate(self.suspects, start=1)],
            "true_cause": cause,
            "true_cause_rank": self.true_cause_rank,
            "false_alerts": [describe_alert(alert) for alert in self.false_alerts],
        }

    def _seconds_after_injection(self, when_ns: int | None) -> float | None:
        return None if when_ns is None else (when_ns - self.plan.injected_ns) / SECOND_NS

    def _seconds_after_clearing(self, when_ns: int | None) -> float | None:
        return None if when_ns is None else (when_ns - self.plan.cleared_ns) / SECOND_NS


def _time(when_ns: int | None) -> str | None:
    return None if when_ns is None else format_time(when_ns)


def describe_alert(alert: AlertRow) -> dict[str, Any]:
    """Return an alert as game days print it."""
    return {
        "objective": alert.objective,
        "group": dict(alert.labels),
        "tier": alert.tier,
        "severity": alert.severity,
        "fired_at": format_time(alert.fired_ns),
        "resolved_at": _time(alert.resolved_ns),
    }
