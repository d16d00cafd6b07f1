"""What is known of an incident wherever it is told: whom it hurts, and who did what when."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFacts:
    """The facts of an incident. `impact_ns` is the start of its first bad minute; a time of None has not come yet."""

    title: str
    impact_ns: int
    detected_ns: int
    opened_ns: int
    opened_by: str
    domain: str = ""
    entities: tuple[str, ...] = ()
    alert_ids: tuple[int, ...] = ()
    acknowledged_ns: int | None = None
    acknowledged_by: str | None = None
    mitigated_ns: int | None = None
    mitigated_by: str | None = None
    resolved_ns: int | None = None
    resolved_by: str | None = None
