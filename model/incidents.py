"""What is known of an incident wherever it is told: whom it hurts, and who did what when."""

from dataclasses import dataclass

from model.clock import SECOND_NS


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

    @property
    def seconds_to(self) -> dict[str, float | None]:
        """Return how long it took to detect, acknowledge, recover and repair, None where it has not come yet.

        Detection and recovery run from the impact, acknowledgement and repair from detection.
        """
        recovered_ns = self.resolved_ns if self.mitigated_ns is None else self.mitigated_ns
        return {
            "detect": _seconds(self.impact_ns, self.detected_ns),
            "acknowledge": _seconds(self.detected_ns, self.acknowledged_ns),
            "recover": _seconds(self.impact_ns, recovered_ns),
            "repair": _seconds(self.detected_ns, self.resolved_ns),
        }


def _seconds(start_ns: int, end_ns: int | None) -> float | None:
    return None if end_ns is None else (end_ns - start_ns) / SECOND_NS
