"""What a game day does: which fault strikes what, when, and how hard. All times are virtual."""

from dataclasses import dataclass

from hwsim import Fault, FleetSpec, choose_target, find_fault, load_fleet
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from model.errors import InvalidInputError

START_NS = 1_772_409_600 * SECOND_NS
"""2026-03-02 00:00 UTC: a fixed virtual past, so that a seed gives the same day again."""

WARM_UP_NS = 8 * HOUR_NS
_CALIBRATED_WARM_UP_NS = DAY_NS + 170 * MINUTE_NS
"""All devices have been calibrated once, and from 03:00 on will be again: that one falls out shows only then."""
_USUAL_HOURS = {"page": 2.0, "ticket": 12.0}
"""How long a fault lasts, by where it should go: what burns slowly enough for a ticket is due only after hours."""

_RECOVERY_HOURS = {"page": 14, "ticket": 24}
"""How long the day goes on after it: half a day of jobs that are too long takes 15 hours to work off, and the longest
short window of the policies another six."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One fault, when it strikes what, and how hard. All times are virtual."""

    fault: Fault
    fleet: FleetSpec
    entity: str
    seed: int
    magnitude: float
    injected_ns: int
    cleared_ns: int

    @property
    def start_ns(self) -> int:
        """Return when the fleet starts, hours before anything happens."""
        return self.injected_ns - _warm_up_ns(self.fault)

    @property
    def end_ns(self) -> int:
        """Return when the day ends, hours after the fault was cleared."""
        return self.cleared_ns + _RECOVERY_HOURS[self.fault.route] * HOUR_NS

    @property
    def strength(self) -> str:
        """Return how the catalogue calls a fault of this magnitude, or the magnitude itself."""
        known = self.fault.magnitude
        names = {known.faint: "faint", known.gross: "gross", known.typical: "typical"}
        return names.get(self.magnitude, f"{self.magnitude:g}")


def make_plan(
    fault_id: str,
    *,
    seed: int,
    magnitude: float | None,
    hours: float | None = None,
    entity: str | None = None,
    fleet: FleetSpec | None = None,
) -> Plan:
    """Return the plan for a fault of the catalogue; it strikes the first entity that it fits, of the default fleet.

    It lasts two hours if it should page, and twelve if it should make a ticket, unless told otherwise.
    Raises InvalidInputError for an unknown fault, an entity that it does not fit, or a duration that makes no sense.
    """
    fault = find_fault(fault_id)
    hours = _USUAL_HOURS[fault.route] if hours is None else hours
    if not 0 < hours <= 72:
        raise InvalidInputError(
            f"a fault of {hours:g} hours is no game day", remedy="give more than 0 and at most 72"
        )
    injected_ns = START_NS + _warm_up_ns(fault)
    fleet = fleet or load_fleet()
    return Plan(
        fault=fault,
        fleet=fleet,
        entity=choose_target(fault, fleet.entities, entity),
        seed=seed,
        magnitude=fault.magnitude.typical if magnitude is None else magnitude,
        injected_ns=injected_ns,
        cleared_ns=injected_ns + round(hours * HOUR_NS / MINUTE_NS) * MINUTE_NS,
    )


def _warm_up_ns(fault: Fault) -> int:
    return _CALIBRATED_WARM_UP_NS if fault.skips_calibrations else WARM_UP_NS
