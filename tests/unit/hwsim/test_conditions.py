"""Faults change parameters, one after the other; nothing else changes with them."""

import numpy as np
import pytest

from hwsim import FaultSchedule, Injection
from hwsim.conditions import Conditions
from hwsim.devices.cryostat import SAMPLE_TARGET
from model.clock import HOUR_NS, MINUTE_NS, SECOND_NS

START_NS = 1_800_000_000 * SECOND_NS


def warming(magnitude: float = 18.0, *, hours: float | None = 2, after_h: float = 0.0) -> Injection:
    start_ns = START_NS + round(after_h * HOUR_NS)
    return Injection(
        fault_id="memory.F7",
        entity_id="cryo-delft",
        magnitude=magnitude,
        start_ns=start_ns,
        end_ns=None if hours is None else start_ns + round(hours * HOUR_NS),
    )


def target_k(conditions: Conditions, after_h: float, entity: str = "cryo-delft") -> float:
    return conditions.value(entity, SAMPLE_TARGET, 5.0, START_NS + round(after_h * HOUR_NS))


@pytest.mark.parametrize(("after_h", "expected"), [(-0.1, 5.0), (0.0, 5.0), (0.1, 18.0), (2.0, 18.0), (2.1, 5.0)])
def test_a_parameter_is_off_while_the_fault_lasts(after_h, expected):
    assert target_k(Conditions(FaultSchedule([warming()])), after_h) == expected


def test_another_entity_is_left_alone():
    assert target_k(Conditions(FaultSchedule([warming()])), 1.0, entity="cryo-hague") == 5.0


def test_the_fault_that_struck_last_has_the_last_word():
    conditions = Conditions(FaultSchedule([warming(30.0, hours=1, after_h=0.5), warming(18.0)]))
    assert [target_k(conditions, h) for h in (0.25, 1.0, 1.75)] == [18.0, 30.0, 18.0]


def test_a_live_injection_is_noticed():
    schedule = FaultSchedule()
    conditions = Conditions(schedule)
    assert target_k(conditions, 1.0) == 5.0
    schedule.add(warming())
    assert target_k(conditions, 1.0) == 18.0


def test_a_stretch_is_disturbed_only_while_a_fault_lasts():
    conditions = Conditions(FaultSchedule([warming(hours=1)]))
    begins_ns = [START_NS + round(h * HOUR_NS) for h in (-1.0, 0.0, 0.5, 1.0)]
    disturbed = [
        conditions.disturbed("cryo-delft", SAMPLE_TARGET, begin_ns, begin_ns + HOUR_NS // 2) for begin_ns in begins_ns
    ]
    assert disturbed == [False, True, True, False]


def test_values_at_many_moments_are_those_at_each():
    conditions = Conditions(FaultSchedule([warming(hours=0.5)]))
    times_ns = START_NS + np.arange(-3, 60, 7) * MINUTE_NS
    at_once = conditions.values("cryo-delft", SAMPLE_TARGET, 5.0, times_ns)
    assert at_once.tolist() == [conditions.value("cryo-delft", SAMPLE_TARGET, 5.0, t) for t in times_ns.tolist()]
