"""Every fault of the catalogue moves its signal and the ground truth while it is on, and lets both return."""

from functools import cache

import pytest

from hwsim import load_faults
from tests.unit.hwsim.fault_courses import Course, follow

FAULTS = list(load_faults())


@cache
def course_of(fault_id: str) -> Course:
    return follow(load_faults()[fault_id], seed=3)


@pytest.mark.parametrize("fault_id", FAULTS)
def test_a_fault_moves_its_signal_by_more_than_five_times_the_scatter(fault_id):
    course = course_of(fault_id)
    assert course.moved > 5 * course.scatter
    assert course.moved > 0


@pytest.mark.parametrize("fault_id", FAULTS)
def test_the_signal_returns_after_the_fault(fault_id):
    course, domain = course_of(fault_id), fault_id.partition(".")[0]
    tenth, scatter = 0.1 * course.moved, course.scatter
    rests = {"memory": tenth, "community": max(2 * scatter, tenth), "scaleup": 3 * scatter}
    assert abs(course.left) <= rests.get(domain, max(3 * scatter, tenth))


@pytest.mark.parametrize("fault_id", FAULTS)
def test_what_is_really_so_leaves_its_range_with_the_fault_only(fault_id):
    course = course_of(fault_id)
    assert course.onset_ns < course.abnormal_ns.min() <= course.end_ns
    assert course.abnormal_ns.max() <= course.settled_ns
