"""What game days claim, and when figures refute it."""

from dataclasses import replace

import pytest

from herald.gameday.detection_sweep import Detection, judge_detections, tabulate, tell_shortcomings
from herald.gameday.goals import Goal, Result, tabulate_results, wilson

MOSTLY = Goal(text="true cause first", asked=0.9, claimed=0.75)
ALL = Goal(text="noticed", asked=1.0, claimed=1.0)
NONE = Goal(text="told of nothing", asked=0.0, claimed=0.0, at_most=True)


def day(**changes: object) -> Detection:
    usual: dict[str, object] = {
        "fault": "link.F1",
        "title": "fibre bends",
        "domain": "link",
        "magnitude": "typical",
        "seed": 21,
        "struck": "link-a",
        "route": "page",
        "noticed_s": 600.0,
        "least_noticed_s": 600.0,
        "resolved_s": 3600.0,
        "least_resolved_s": 3600.0,
        "rank": 1,
        "other_routes": (),
        "unresolved": (),
        "false_alerts": (),
    }
    return Detection(**{**usual, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("goal", "hits", "tries", "verdict"),
    [
        (ALL, 63, 63, "met"),
        (ALL, 62, 63, "MISSED"),
        (NONE, 0, 63, "met"),
        (NONE, 1, 63, "MISSED"),
        (MOSTLY, 0, 0, "not measured"),
        (MOSTLY, 58, 63, "met"),
        (MOSTLY, 50, 63, "less than asked, as documented"),
        (MOSTLY, 2, 3, "less than asked, as documented"),
        (MOSTLY, 30, 63, "MISSED"),
        (replace(MOSTLY, claimed=None), 30, 63, "less than asked, as documented"),
    ],
)
def test_a_claim_is_missed_where_the_figures_refute_it(goal: Goal, hits: int, tries: int, verdict: str):
    assert Result(goal=goal, hits=hits, tries=tries).verdict == verdict


@pytest.mark.parametrize("tries", [1, 7, 63, 189])
def test_the_interval_of_all_reaches_to_one_and_that_of_none_to_zero(tries: int):
    assert (wilson(tries, tries)[1], wilson(0, tries)[0]) == (1.0, 0.0)


def test_what_is_missed_is_told_first():
    results = [Result(goal=ALL, hits=3, tries=3), Result(goal=NONE, hits=3, tries=3)]
    assert tabulate_results(results).rows[0] == (
        "told of nothing", "at most 0 %", "0 %", "3 of 3", "44-100 %", "MISSED"
    )  # fmt: skip


@pytest.mark.parametrize(("noticed_s", "in_time"), [(660.0, True), (810.0, True), (870.0, False), (None, False)])
def test_a_fault_is_noticed_in_time_within_a_quarter_and_a_minute_of_the_least(noticed_s, in_time):
    assert day(noticed_s=noticed_s).in_time is in_time


@pytest.mark.parametrize(
    ("resolved_s", "least_s", "in_time"),
    [
        (3600.0, 3600.0, True),
        (4560.0, 3600.0, True),
        (4620.0, 3600.0, False),
        (None, 3600.0, False),
        (60.0, -600.0, True),
    ],
)
def test_alerts_resolve_in_time_within_a_quarter_and_a_minute_of_the_least(resolved_s, least_s, in_time):
    assert day(resolved_s=resolved_s, least_resolved_s=least_s).resolved_in_time is in_time


def test_each_shortcoming_of_a_day_is_told_with_its_reason():
    poor = [
        day(noticed_s=None, other_routes=("ticket",)),
        day(resolved_s=7200.0),
        day(noticed_s=900.0, unresolved=("qkd",)),
        day(false_alerts=("qkd-key-rate 1h-5m",)),
        day(),
    ]
    assert tell_shortcomings(poor) == [
        "link.F1 typical seed 21 on link-a: nobody got a page, but a ticket; due by the true events after 600 s",
        "link.F1 typical seed 21 on link-a: resolved after 7200 s, due by the true events after 3600 s",
        "link.F1 typical seed 21 on link-a: noticed after 900 s, due by the true events after 600 s; unresolved: qkd",
        "link.F1 typical seed 21 on link-a: false: qkd-key-rate 1h-5m",
    ]


def test_faint_faults_have_a_row_and_no_goal():
    days = [day(), day(magnitude="faint", noticed_s=None)]
    assert [result.tries for result in judge_detections(days)] == [1, 1, 1, 1]
    assert ("link", "faint", "1", "0") in [row[:4] for row in tabulate(days).rows]
