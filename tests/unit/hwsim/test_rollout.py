"""Rollouts: canaries first, a gate that decides, nothing left behind after a roll-back."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim import FaultSchedule, build_sites, load_fleet
from hwsim.rollout import Rollout, RolloutPlan, Stage
from model.clock import MINUTE_NS, SECOND_NS
from model.errors import InvalidInputError
from model.names import ATTR_ERROR_TYPE, EVENT_SOFTWARE_CHANGE, METRIC_PROVIDER_RPCS

FLEET = Path(__file__).parent / "fleets" / "community.yaml"
START_NS = 1_800_000_000 * SECOND_NS
SOAK_S = 1800.0


def plan(**changed) -> RolloutPlan:
    usual = {
        "fault_id": "community.F8",
        "waves": (("backend-aurora",), ("backend-borealis",)),
        "start_ns": START_NS + 10 * MINUTE_NS,
        "soak_s": SOAK_S,
        "magnitude": 0.5,
    }
    return RolloutPlan(**{**usual, **changed})


def roll_out(rollout: Rollout, gate, minutes: int = 120) -> list[Stage]:
    return [rollout.proceed(START_NS + minute * MINUTE_NS, gate) for minute in range(minutes)]


def test_waves_follow_one_another_after_their_soak():
    schedule = FaultSchedule()
    stages = roll_out(Rollout(plan(), schedule), lambda _: True)
    starts = [(i.entity_id, (i.start_ns - START_NS) // MINUTE_NS) for i in schedule.injections]
    assert starts == [("backend-aurora", 10), ("backend-borealis", 40)]
    assert (stages[9], stages[69], stages[70]) == (Stage.PLANNED, Stage.RUNNING, Stage.DONE)


def test_a_gate_that_shuts_during_the_soak_spares_the_second_wave():
    schedule = FaultSchedule()
    rollout = Rollout(plan(), schedule)
    stages = roll_out(rollout, lambda now_ns: now_ns < START_NS + 15 * MINUTE_NS)
    (canary,) = schedule.injections
    assert (canary.entity_id, canary.end_ns) == ("backend-aurora", START_NS + 15 * MINUTE_NS + SECOND_NS)
    assert stages[-1] is Stage.ROLLED_BACK


@given(st.lists(st.booleans(), min_size=120, max_size=120))
def test_after_a_roll_back_no_change_is_in_force(answers):
    schedule = FaultSchedule()
    rollout = Rollout(plan(), schedule)
    roll_out(rollout, lambda now_ns: answers[(now_ns - START_NS) // MINUTE_NS])
    in_force = {i.entity_id for i in schedule.injections if i.is_active(START_NS + 200 * MINUTE_NS)}
    assert in_force == (set() if rollout.stage is Stage.ROLLED_BACK else set(rollout.reached))


@pytest.mark.parametrize(("harmless", "breaks"), [(False, True), (True, False)])
def test_a_rollout_shows_as_a_change_and_breaks_what_it_breaks(harmless, breaks):
    schedule = FaultSchedule()
    site = build_sites(load_fleet(FLEET), seed=1, start_ns=START_NS, faults=schedule)[0]
    Rollout(plan(start_ns=START_NS, harmless=harmless), schedule).proceed(START_NS + MINUTE_NS, lambda _: True)
    readings = site.advance(START_NS + 20 * MINUTE_NS)
    calls = [count for count in readings.counts if count.metric == METRIC_PROVIDER_RPCS]
    broken = sum(count.value for count in calls if (ATTR_ERROR_TYPE, "incompatible") in count.attributes)
    assert [h.body for h in readings.happenings if h.event == EVENT_SOFTWARE_CHANGE] == [
        "Software: 2.0.1 on backend-aurora"
    ]
    assert (broken > 0) is breaks


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"fault_id": "community.F99"}, "fault is not in the catalogue"),
        ({"fault_id": "community.F5"}, "fault must arrive with a change"),
        ({"waves": ()}, "waves must be lists of entities"),
        ({"waves": (("a",), ("a",))}, "waves must name every entity once"),
        ({"soak_s": 0.0}, "soak_s must be more than 0"),
    ],
)
def test_an_impossible_plan_is_refused(changed, message):
    with pytest.raises(InvalidInputError, match=message):
        Rollout(plan(**changed), FaultSchedule())
