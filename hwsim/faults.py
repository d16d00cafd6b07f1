"""Faults as data, and the schedule of when which one strikes what.

The schedule is shared by all devices of a fleet and may grow while they run: a live injection is one more
entry. Devices ask it; it never touches a device.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock

from hwsim.documents import Reader, read_document
from model.clock import format_time
from model.errors import InvalidInputError

MEMORY_F7 = "memory.F7"
LINK_F1 = "link.F1"
_SHIPPED = Path(__file__).parent / "faults.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A quantity of the ground truth that a fault drives out of its nominal range."""

    kind: str
    quantity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One entry of the fault catalogue; `kind` is the kind of entity that it strikes."""

    id: str
    title: str
    kind: str
    magnitude_meaning: str
    typical_magnitude: float
    minimum_magnitude: float
    maximum_magnitude: float
    cause_kind: str
    cause_metric: str
    route: str
    effects: tuple[Effect, ...]

    def true_cause(self, entity_id: str) -> dict[str, str]:
        """Return what an investigation should name when this fault struck `entity_id`."""
        return {"kind": self.cause_kind, "entity": entity_id, "metric": self.cause_metric}


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """A fault at work on an entity during `(start_ns, end_ns]`; without end until it is cleared."""

    fault_id: str
    entity_id: str
    start_ns: int
    end_ns: int | None = None
    magnitude: float

    def is_active(self, when_ns: int) -> bool:
        """Return whether the fault is at work at a moment."""
        return self.start_ns < when_ns and (self.end_ns is None or when_ns <= self.end_ns)


@cache
def load_faults(path: Path | None = None) -> Mapping[str, Fault]:
    """Return the fault catalogue by id; `None` is the shipped one."""
    path = path or _SHIPPED
    reader = Reader(read_document(path), place=str(path))
    faults = [_read_fault(entry) for entry in reader.entries("faults")]
    reader.finish()
    return {fault.id: fault for fault in faults}


def _read_fault(entry: Reader) -> Fault:
    magnitude, cause = entry.entry("magnitude"), entry.entry("cause")
    return Fault(
        id=entry.text("id"),
        title=entry.text("title"),
        kind=entry.text("kind"),
        magnitude_meaning=magnitude.text("meaning"),
        typical_magnitude=magnitude.number("typical"),
        minimum_magnitude=magnitude.number("minimum"),
        maximum_magnitude=magnitude.number("maximum"),
        cause_kind=cause.text("kind"),
        cause_metric=cause.text("metric"),
        route=entry.text("route"),
        effects=tuple(
            Effect(kind=effect.text("kind"), quantity=effect.text("quantity")) for effect in entry.entries("effects")
        ),
    )


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
        fault = load_faults().get(injection.fault_id)
        if fault is None:
            known = ", ".join(load_faults())
            raise InvalidInputError(f"unknown fault {injection.fault_id!r}", remedy=f"choose one of {known}")
        if not fault.minimum_magnitude <= injection.magnitude <= fault.maximum_magnitude:
            raise InvalidInputError(
                f"{fault.id}: magnitude {injection.magnitude:g} is out of range",
                remedy=f"give a {fault.magnitude_meaning}, "
                f"{fault.minimum_magnitude:g} to {fault.maximum_magnitude:g}",
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
                injection
                for injection in self.of(fault_id, entity_id)
                if injection.start_ns < end_ns and (injection.end_ns is None or injection.end_ns > end_ns)
            ]
            self._injections = tuple(replace(i, end_ns=end_ns) if i in hit else i for i in self._injections)
        return len(hit)

    def of(self, fault_id: str, entity_id: str) -> Iterator[Injection]:
        """Yield the injections of one fault into one entity."""
        return (i for i in self._injections if i.fault_id == fault_id and i.entity_id == entity_id)

    def magnitude(self, fault_id: str, entity_id: str, when_ns: int) -> float | None:
        """Return the largest magnitude at work at a moment, or None."""
        return max((i.magnitude for i in self.of(fault_id, entity_id) if i.is_active(when_ns)), default=None)

    def edges(self, fault_id: str, entity_id: str) -> list[int]:
        """Return the moments at which the fault begins or ends on the entity, in order."""
        times = {i.start_ns for i in self.of(fault_id, entity_id)}
        return sorted(times | {i.end_ns for i in self.of(fault_id, entity_id) if i.end_ns is not None})
