"""A series that left its past, put together from what its parts show."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from model.clock import MINUTE_NS
from model.registry import MetricDefinition
from model.windows import Window
from reports.cause.shifts import Shift
from reports.cause.table import WHOLE, Table

_FLOOR = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A series that left its past: `sigmas` is signed, `before` and `after` in the metric's unit.

    It may have begun up to `resolution_ns` earlier or `latitude_ns` later than `onset_ns`; it `lasts` if not over.
    What is `overdue` went from the seconds within which it was renewed to those since it was.
    """

    definition: MetricDefinition
    entity: str
    part: str
    kind: str
    onset_ns: int
    resolution_ns: int
    latitude_ns: int = 0
    sigmas: float
    before: float
    after: float
    parts_moved: int = 1
    lasts: bool = True
    overdue: bool = False

    @property
    def effect(self) -> float:
        """Return |ln(after/before)|, how much of a factor it was, at most 10; from nothing counts as all.

        Of a level that falls and is usually nearer to 1 than to 0 it is the factor of what it lacks: a fidelity that
        falls from 0.98 to 0.96 is twice as bad. A tank that was filled again lacks nothing.
        """
        return min(abs(math.log(self._size(self.after) / self._size(self.before))), 10.0)

    def _size(self, value: float) -> float:
        of_one = self.kind == "level" and self.definition.unit == "1"
        fell_from_near_one = of_one and 0.5 < self.before < 1.0 and self.after < self.before
        return abs(1.0 - value if fell_from_near_one else value) + _FLOOR


def describe_shifts(table: Table, window: Window, shifts: Iterable[Shift]) -> list[Finding]:
    """Return the shifts of a table's rows as findings."""
    return [
        Finding(
            definition=table.definition,
            entity=table.entities[shift.row],
            part=table.parts[shift.row],
            kind=table.kind,
            onset_ns=window.start_ns + shift.onset * MINUTE_NS,
            resolution_ns=shift.resolution * MINUTE_NS,
            latitude_ns=shift.latitude * MINUTE_NS,
            sigmas=shift.sigmas,
            before=shift.before,
            after=shift.after,
            lasts=shift.lasts,
        )
        for shift in shifts
    ]


def join_parts(moved: Iterable[Finding]) -> list[Finding]:
    """Return one finding for each entity and metric: the part that moved most, with the sharpest clear onset.

    How tries are mixed is a matter of its own: a new version that is tried must not hide that the one before failed.
    Where the sum of the parts moved clearly, its onset counts: the parts pass their thresholds by chance, one by one.
    """
    best: dict[tuple[str, str, bool], list[Finding]] = {}
    for finding in moved:
        best.setdefault((finding.entity, finding.definition.name, finding.kind == "mix"), []).append(finding)
    return [_strongest(parts) for parts in best.values()]


def _strongest(parts: list[Finding]) -> Finding:
    strongest = max(parts, key=lambda f: (abs(f.sigmas) * min(f.effect, 1.0), f.part))
    clear = [f for f in parts if abs(f.sigmas) >= 0.3 * abs(strongest.sigmas)]
    sharpest = min(clear, key=lambda f: (f.part != WHOLE, f.resolution_ns + f.latitude_ns, f.onset_ns))
    return Finding(
        definition=strongest.definition,
        entity=strongest.entity,
        part=strongest.part,
        kind=strongest.kind,
        onset_ns=sharpest.onset_ns,
        resolution_ns=sharpest.resolution_ns,
        latitude_ns=sharpest.latitude_ns,
        sigmas=strongest.sigmas,
        before=strongest.before,
        after=strongest.after,
        parts_moved=len(parts),
        lasts=any(f.lasts for f in clear),
    )
