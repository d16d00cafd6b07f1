"""The schedule of when which fault strikes what.

It is shared by all devices of a fleet and may grow while they run: a live injection is one more entry. Devices ask
it through `Conditions`; it never touches a device.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from threading import Lock

from hwsim.fault import find_fault
from model.clock import format_time
from model.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """A fault at work on an entity during `(start_ns, end_ns]`; without end until it is cleared.

    A `harmless` one is only the change with which the fault would arrive: a version without the regression.
    """

    fault_id: str
    entity_id: str
    start_ns: int
    end_ns: int | None = None
    magnitude: float
    harmless: bool = False

    def is_active(self, when_ns: int) -> bool:
        """Return whether the fault is at work at a moment."""
        return self.start_ns < when_ns and (self.end_ns is None or when_ns <= self.end_ns)


class FaultSchedule:
    """Who is struck by what and when. Every change makes a new tuple of injections; threads may share it."""

    def __init__(self, injections: Iterable[Injection] = ()) -> None:
        self._injections: tuple[Injection, ...] = ()
        self._lock = Lock()
        for injection in injections:
            self.add(injection)

    @property
    def injections(self) -> tuple[Injection, ...]:
        """Return all injections, past and future."""
        return self._injections

    def add(self, injection: Injection) -> None:
        """Schedule an injection; devices that run notice it at their next step.

        Raises InvalidInputError for an unknown fault, a magnitude out of range or an end before the start.
        """
        fault = find_fault(injection.fault_id)
        magnitude = fault.magnitude
        if not magnitude.minimum <= injection.magnitude <= magnitude.maximum:
            raise InvalidInputError(
                f"{fault.id}: magnitude {injection.magnitude:g} is out of range",
                remedy=f"give a {magnitude.meaning}, {magnitude.minimum:g} to {magnitude.maximum:g}",
            )
        if injection.end_ns is not None and injection.end_ns <= injection.start_ns:
            raise InvalidInputError(
                f"{fault.id}: the injection ends at {format_time(injection.end_ns)}, not after its start",
                remedy="give a later end",
            )
        with self._lock:
            self._injections = (*self._injections, injection)

    def clear(self, fault_id: str, entity_id: str, *, end_ns: int) -> int:
        """End what is at work on the entity at `end_ns`; return how many injections that ended."""
        with self._lock:
            hit = [
                i
                for i in self._injections
                if (i.fault_id, i.entity_id) == (fault_id, entity_id)
                and i.start_ns < end_ns
                and (i.end_ns is None or i.end_ns > end_ns)
            ]
            self._injections = tuple(replace(i, end_ns=end_ns) if i in hit else i for i in self._injections)
        return len(hit)
