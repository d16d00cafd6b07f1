"""A change is believed as far as what moved lies where it would if the change had done it, and hardly by chance."""

from dataclasses import replace

import pytest

from model.clock import HOUR_NS, MINUTE_NS
from model.names import (
    EVENT_CALIBRATION,
    EVENT_CONFIGURATION_CHANGE,
    EVENT_FIRMWARE_CHANGE,
    METRIC_JOB_SUBMISSIONS,
    METRIC_MEMORY_READS,
)
from model.registry import load_registry
from reports.cause.changes import judge_changes
from reports.cause.finding import Finding
from reports.evidence import ChangeEvent

IMPACT_NS = 1_000 * HOUR_NS
READS = Finding(
    definition=load_registry().metrics[METRIC_MEMORY_READS],
    entity="mem",
    part="",
    kind="share",
    onset_ns=IMPACT_NS,
    resolution_ns=MINUTE_NS,
    sigmas=100.0,
    before=0.001,
    after=0.4,
)


def changed(minutes: float, event: str = EVENT_FIRMWARE_CHANGE) -> ChangeEvent:
    return ChangeEvent(entity="mem", event=event, time_ns=IMPACT_NS + round(minutes * MINUTE_NS), text="2.4.1")


def supports(*changes: ChangeEvent, moved: tuple[Finding, ...] = (READS,)) -> list[float]:
    judged = judge_changes(
        dict.fromkeys(changes, moved), since_ns=IMPACT_NS - 3 * HOUR_NS, impact_ns=IMPACT_NS + 2 * MINUTE_NS
    )
    return [response.support for response in judged]


def test_a_step_in_the_minute_of_a_change_is_hardly_chance():
    (support,) = supports(changed(0))
    assert support > 0.8


@pytest.mark.parametrize(("sooner", "later"), [(0, -3), (-3, -12), (-12, -60), (-60, -170)])
def test_the_longer_a_change_lies_back_the_less_it_is_believed(sooner, later):
    (near,), (far,) = supports(changed(sooner)), supports(changed(later))
    assert near > 1.2 * far > 0


def test_what_cannot_be_a_changes_doing_leaves_it_the_witness_of_the_impact():
    asked = replace(READS, definition=load_registry().metrics[METRIC_JOB_SUBMISSIONS], entity="queue", kind="count")
    (near,), (far,) = supports(changed(-20), moved=(asked,)), supports(changed(-100), moved=(asked,))
    assert 0.05 > near > 0.005
    assert near > far > 0


def test_what_moved_before_a_change_is_not_its_doing():
    assert supports(changed(3)) == [0.0]


def test_one_series_that_seems_to_have_begun_before_does_not_outweigh_five_that_began_after():
    early = replace(READS, onset_ns=IMPACT_NS - 7 * MINUTE_NS)
    (support,) = supports(changed(0), moved=(*[READS] * 5, early))
    assert support > 0.5 > supports(changed(0), moved=(READS, *[early] * 5))[0]


def test_what_may_be_chance_says_nothing_and_the_rest_the_more_the_surer_it_is():
    early = replace(READS, onset_ns=IMPACT_NS - 7 * MINUTE_NS)
    told = [supports(changed(0), moved=(early, replace(READS, sigmas=sigmas)))[0] for sigmas in (4.0, 5.0, 6.5, 8.0)]
    assert told[0] == supports(changed(0), moved=(early,))[0]
    assert told == sorted(set(told))


def test_two_changes_of_one_minute_share_the_belief():
    one, other = supports(changed(0), changed(0, EVENT_CONFIGURATION_CHANGE))
    assert one == other < 0.5


def test_a_vague_onset_says_little():
    vague = replace(READS, resolution_ns=HOUR_NS)
    (support,) = supports(changed(-1), moved=(vague,))
    assert support < 0.5 * supports(changed(-1))[0]


def test_a_calibration_is_believed_less_because_series_are_meant_to_step_with_it():
    assert supports(changed(0, EVENT_CALIBRATION))[0] < supports(changed(0))[0]


def test_that_a_new_version_runs_is_no_harm():
    ran = replace(READS, kind="mix", onset_ns=IMPACT_NS - 30 * MINUTE_NS, sigmas=1000.0, before=0.0, after=1.0)
    (support,) = supports(changed(-30), moved=(READS, ran))
    assert support < 0.5


def test_where_nothing_else_moved_the_impact_itself_speaks_for_a_change():
    (near,), (far,) = supports(changed(0), moved=()), supports(changed(-60), moved=())
    assert near > 0.5 > 2 * far
