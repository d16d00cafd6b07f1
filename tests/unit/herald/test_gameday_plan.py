"""A plan refuses what cannot be played and leaves time before and after."""

import pytest

from herald.gameday.plan import make_plan
from model.clock import HOUR_NS
from model.errors import InvalidInputError


def test_a_fault_strikes_the_first_entity_that_it_fits_with_its_typical_strength():
    plan = make_plan("memory.F7", seed=1, magnitude=None, hours=2)
    assert (plan.entity, plan.magnitude) == ("cryo-delft", plan.fault.magnitude.typical)


def test_there_are_hours_before_and_after_the_fault():
    plan = make_plan("link.F1", seed=1, magnitude=20, hours=1.5)
    lengths = (plan.injected_ns - plan.start_ns, plan.cleared_ns - plan.injected_ns, plan.end_ns - plan.cleared_ns)
    assert lengths == (8 * HOUR_NS, 1.5 * HOUR_NS, 14 * HOUR_NS)


def test_a_calibration_falls_out_for_those_who_have_seen_the_one_before():
    plan = make_plan("scaleup.F1", seed=1, magnitude=None)
    day = plan.injected_ns % (24 * HOUR_NS)
    assert plan.injected_ns - plan.start_ns > 24 * HOUR_NS
    assert day < 3 * HOUR_NS < day + HOUR_NS


@pytest.mark.parametrize(("fault", "hours", "then"), [("link.F1", 2, 14), ("scaleup.F1", 12, 24)])
def test_what_should_make_a_ticket_lasts_and_is_followed_longer_than_what_should_page(
    fault: str, hours: int, then: int
):
    plan = make_plan(fault, seed=1, magnitude=None)
    assert (plan.cleared_ns - plan.injected_ns, plan.end_ns - plan.cleared_ns) == (hours * HOUR_NS, then * HOUR_NS)


@pytest.mark.parametrize(
    ("fault", "options", "message"),
    [
        ("memory.F99", {}, "there is no fault 'memory.F99' — choose one of"),
        (
            "memory.F7",
            {"entity": "link-delft-local"},
            "cannot strike 'link-delft-local', which is no cryostat of the fleet — choose one of cryo-delft",
        ),
        ("memory.F7", {"hours": 0}, "a fault of 0 hours is no game day"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(fault, options, message):
    with pytest.raises(InvalidInputError, match=message):
        make_plan(fault, **{"seed": 1, "magnitude": None, "hours": 1.0, **options})
