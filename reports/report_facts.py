"""What an SLO report tells beside the objectives: alerts, incidents, corrections, months, and what tenants used."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean

from model.clock import SECOND_NS

SIGNIFICANT = 0.01
"""The share of a report's budget from which on an alert was about something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAlert:
    """One alert that fired inside the window; `resolved_ns` is None while it fires.

    `spent` is the share of the window's budget that went from the start of the alert's long window until it resolved,
    None where it follows no budget.
    """

    objective: str
    entity: str
    tier: str
    severity: str
    fired_ns: int
    resolved_ns: int | None
    spent: float | None = None

    @property
    def is_precise(self) -> bool | None:
        """Return whether it was about a real loss of budget; None where that cannot be said."""
        return None if self.spent is None else self.spent >= SIGNIFICANT


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportIncident:
    """One incident that was detected inside the window; `acknowledged_ns` is when a person took it, if one did."""

    incident_id: int
    title: str
    domain: str
    detected_ns: int
    acknowledged_ns: int | None
    acknowledged_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """How the incidents of a domain were taken: how many of them, and after how many seconds from detection."""

    domain: str
    incidents: int
    acknowledged: int
    mean_s: float | None
    longest_s: float | None


def acknowledgement_by_domain(incidents: Iterable[ReportIncident]) -> tuple[Acknowledgement, ...]:
    """Return how incidents were acknowledged, domain by domain; those of no domain last.

    What nobody took counts in the share and not in the times: it has none.
    """
    by_domain: dict[str, list[ReportIncident]] = defaultdict(list)
    for incident in incidents:
        by_domain[incident.domain].append(incident)
    return tuple(
        _acknowledgement(domain, by_domain[domain]) for domain in sorted(by_domain, key=lambda d: (not d, d))
    )


def _acknowledgement(domain: str, incidents: list[ReportIncident]) -> Acknowledgement:
    took_s = [(i.acknowledged_ns - i.detected_ns) / SECOND_NS for i in incidents if i.acknowledged_ns is not None]
    return Acknowledgement(
        domain=domain,
        incidents=len(incidents),
        acknowledged=len(took_s),
        mean_s=mean(took_s) if took_s else None,
        longest_s=max(took_s, default=None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What an entity's objective counted in a calendar month, or in the part of it that is known; e.g. `2026-10`."""

    label: str
    good: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a correction did to one objective of one entity: good and all events of the window before and after."""

    objective: str
    entity: str
    before: tuple[int, int]
    after: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Something that changed a number afterwards: an exclusion, late telemetry, a new definition."""

    at_ns: int
    kind: str
    who: str
    what: str
    why: str
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """How much of something a tenant used on a device; `amount` in `unit` (UCUM)."""

    tenant: str
    device: str
    metric: str
    amount: float
    unit: str
