"""A fault of the catalogue, lived through by the site of the shipped fleet that it strikes: before, during and after.

Scatter is that of the cells before the fault. A cell is as long as what the signal counts needs: ten minutes as a
rule, half an hour for what wanders by the hour (rooms, control pulses) or rests on few pairs (lifetimes), an hour
where jobs and test runs come by the hundred a day.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim import (
    Fault,
    FaultSchedule,
    FleetSpec,
    Injection,
    SiteSimulation,
    build_sites,
    choose_target,
    load_fleet,
)
from model.clock import HOUR_NS, MINUTE_NS, SECOND_NS

START_NS = 1_800_000_000 * SECOND_NS

Float64s = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """How long to look before, while and after a fault is on, and the length of a cell."""

    before: int
    during: int
    after: int
    cell_ns: int


_LABORATORY = Hours(before=4, during=2, after=2, cell_ns=10 * MINUTE_NS)
_WANDERING = Hours(before=12, during=2, after=4, cell_ns=30 * MINUTE_NS)
_JOBS = Hours(before=24, during=4, after=10, cell_ns=HOUR_NS)
_BY_KIND = {"memory": _WANDERING, "environment": _WANDERING, "orchestrator": _JOBS, "processor": _JOBS, "ci": _JOBS}
_BY_FAULT = {"community.F2": Hours(before=48, during=96, after=48, cell_ns=HOUR_NS)}  # calibrations are daily


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A signal, positive where the fault drives it, before and while the fault is on and when it has settled after.

    `abnormal_ns` are the moments at which any truth of the site lay outside its range.
    """

    before: Float64s
    during: Float64s
    settled: Float64s
    abnormal_ns: NDArray[np.int64]
    onset_ns: int
    end_ns: int
    settled_ns: int

    @property
    def scatter(self) -> float:
        """Return the standard deviation of a nominal cell."""
        return float(np.nanstd(self.before, ddof=1))

    @property
    def moved(self) -> float:
        """Return how far the fault moved the mean of the signal."""
        return float(np.nanmean(self.during) - np.nanmean(self.before))

    @property
    def left(self) -> float:
        """Return what of it is left after the fault."""
        return float(np.nanmean(self.settled) - np.nanmean(self.before))


def follow(fault: Fault, seed: int) -> Course:
    """Return what a fault of typical strength does to the first entity of the shipped fleet that it can strike."""
    hours = _BY_FAULT.get(fault.id, _BY_KIND.get(fault.strikes, _LABORATORY))
    fleet = load_fleet()
    entity = choose_target(fault, fleet.entities)
    onset_ns = START_NS + hours.before * HOUR_NS
    end_ns = onset_ns + hours.during * HOUR_NS
    settled_ns, until_ns = (end_ns + hours.after * HOUR_NS // part for part in (2, 1))
    injection = Injection(
        fault_id=fault.id, entity_id=entity, start_ns=onset_ns, end_ns=end_ns, magnitude=fault.magnitude.typical
    )
    site = _site_of(_alone(fleet, entity) if fault.id in _BY_FAULT else fleet, entity, seed, injection)
    signal = fault.signal.read([site.record(until_ns, hours.cell_ns)], entity) * fault.signal.direction
    ends_ns = START_NS + hours.cell_ns * np.arange(1, len(signal) + 1)
    return Course(
        before=signal[ends_ns <= onset_ns],
        during=signal[(ends_ns > onset_ns) & (ends_ns <= end_ns)],
        settled=signal[ends_ns > settled_ns],
        abnormal_ns=np.concatenate([track.abnormal_ns() for track in site.truths()]),
        onset_ns=onset_ns,
        end_ns=end_ns,
        settled_ns=settled_ns,
    )


def _alone(fleet: FleetSpec, entity: str) -> FleetSpec:
    """Return a fleet of nothing but a processor: days of its life take a moment."""
    device = fleet.by_id[entity]
    return FleetSpec(sites=(device.site,), devices=(device,))


def _site_of(fleet: FleetSpec, entity: str, seed: int, injection: Injection) -> SiteSimulation:
    sites = build_sites(fleet, seed=seed, start_ns=START_NS, faults=FaultSchedule([injection]))
    return next(site for site in sites if site.site == fleet.by_id[entity].site)
