"""What is really the case in the simulated hardware, free of noise and of any measurement.

Game days compare it with what the telemetry showed: a fault bites from the first minute at which one of
these values leaves its nominal range.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """A physical quantity of an entity at a moment, in SI units, and the range in which all is well."""

    entity: str
    kind: str
    quantity: str
    value: float
    low: float
    high: float

    @property
    def is_nominal(self) -> bool:
        """Return whether the value lies in its nominal range, ends included."""
        return self.low <= self.value <= self.high
