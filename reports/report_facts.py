"""What an SLO report tells beside the objectives: its basis, alerts, corrections, months, and what tenants used."""

from dataclasses import dataclass

from model.windows import Window

SIGNIFICANT = 0.01
"""The share of a report's budget from which on an alert was about something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a report rests on.

    It speaks of `window`, the part until `as_of_ns` of a period that ends at `period_end_ns` and is told on the
    clocks of `zone`. What happened after `as_of_ns`, the end of the last minute that had been judged, it does not
    know. `configuration` is a digest of the objectives by which its numbers were counted and judged.
    """

    window: Window
    period_end_ns: int
    as_of_ns: int
    zone: str
    configuration: str
    version: str

    @property
    def is_complete(self) -> bool:
        """Return whether the whole period has been judged."""
        return self.window.end_ns == self.period_end_ns


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
