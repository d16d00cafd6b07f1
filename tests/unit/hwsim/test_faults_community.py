"""Each fault of the community domain moves its signal and the ground truth while it is on, and lets both return."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from hwsim import FaultSchedule, FleetSpec, Injection, TruthTrack, build_sites, load_faults, load_fleet
from hwsim.signal import Float64s
from model.clock import HOUR_NS, MINUTE_NS, SECOND_NS

FLEETS = Path(__file__).parent / "fleets"
START_NS = 1_800_000_000 * SECOND_NS
CELL_NS = 10 * MINUTE_NS
FAULTS = [fault.id for fault in load_faults().values() if fault.domain == "community"]
HOURS = {"community.F2": (24, 96, 30), "orchestrator": (4, 2, 6)}
"""How long before, while and after a fault is on: calibrations are daily, queues drain slowly."""
USUAL_HOURS = (4, 3, 4)


@dataclass(frozen=True, kw_only=True)
class Course:
    """A signal, positive where the fault drives it, before, while and well after the fault is on; and truths."""

    before: Float64s
    during: Float64s
    after: Float64s
    truths: list[TruthTrack]
    onset_ns: int
    end_ns: int


@cache
def course_of(fault_id: str) -> Course:
    """Return what a fault of typical strength does to the first entity that it can strike."""
    fault = load_faults()[fault_id]
    fleet, entity = struck(fault.strikes)
    before_h, on_h, after_h = HOURS.get(fault_id, HOURS.get(fault.strikes, USUAL_HOURS))
    onset_ns = START_NS + before_h * HOUR_NS
    end_ns, until_ns = onset_ns + on_h * HOUR_NS, onset_ns + (on_h + after_h) * HOUR_NS
    injection = Injection(
        fault_id=fault_id, entity_id=entity, start_ns=onset_ns, end_ns=end_ns, magnitude=fault.magnitude.typical
    )
    sites = build_sites(fleet, seed=3, start_ns=START_NS, faults=FaultSchedule([injection]))
    signal = fault.signal.read([site.record(until_ns, CELL_NS) for site in sites], entity) * fault.signal.direction
    ends_ns = START_NS + CELL_NS * np.arange(1, len(signal) + 1)
    return Course(
        before=signal[ends_ns <= onset_ns],
        during=signal[(ends_ns > onset_ns) & (ends_ns <= end_ns)],
        after=signal[ends_ns > until_ns - min(after_h, 24) * HOUR_NS // 2],
        truths=[track for site in sites for track in site.truths()],
        onset_ns=onset_ns,
        end_ns=end_ns,
    )


def struck(kind: str) -> tuple[FleetSpec, str]:
    """Return the first fleet with an entity of a kind, and that entity; a processor runs alone."""
    fleets = [load_fleet(FLEETS / name) for name in ("community.yaml", "scaleup.yaml")]
    fleet, name = next((fleet, name) for fleet in fleets for name, known in fleet.entities.items() if known == kind)
    device = fleet.by_id[name]
    return (FleetSpec(sites=(device.site,), devices=(device,)) if kind == "processor" else fleet), name


@pytest.mark.parametrize("fault_id", FAULTS)
def test_a_fault_moves_its_signal_by_more_than_five_times_the_scatter(fault_id):
    course = course_of(fault_id)
    moved = np.nanmean(course.during) - np.nanmean(course.before)
    assert moved > 5 * np.nanstd(course.before)
    assert moved > 0


@pytest.mark.parametrize("fault_id", FAULTS)
def test_the_signal_returns_after_the_fault(fault_id):
    course = course_of(fault_id)
    moved = np.nanmean(course.during) - np.nanmean(course.before)
    left = np.nanmean(course.after) - np.nanmean(course.before)
    assert left < max(2 * np.nanstd(course.before), 0.1 * moved)


@pytest.mark.parametrize("fault_id", FAULTS)
def test_what_is_really_so_leaves_its_range_with_the_fault_and_not_before(fault_id):
    course = course_of(fault_id)
    abnormal_ns = np.concatenate([track.abnormal_ns() for track in course.truths])
    assert course.onset_ns < abnormal_ns.min() <= course.end_ns
