"""What an exclusion covers, when it comes again, and what becomes of the events in it."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from herald.recount import count_minutes
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, to_ns
from model.errors import InvalidInputError
from model.windows import Window
from slo import BudgetingMethod, Excluded, ExcludedMinutes, Exclusion, Silence, SliMinute, compute_minutes
from slo.recurrence import check_rule
from tests.unit.slo.telemetry import (
    DELFT,
    GOOD_READS,
    HAGUE,
    READ_SUCCESS,
    READS,
    ListedSource,
    first_minutes,
    minute,
)

OBJECTIVE = replace(READ_SUCCESS, exclude=("maintenance",))
FIVE = replace(OBJECTIVE, method=BudgetingMethod.TIMESLICES, slice_ns=5 * MINUTE_NS)
ZONE = "Europe/Amsterdam"


def exclusion(first: int, last: int, **changed: object) -> Exclusion:
    made = Exclusion(kind="maintenance", start_ns=minute(first), end_ns=minute(last))
    return replace(made, **changed)  # type: ignore[arg-type]


def source(minutes: int, *, good: int = 0) -> ListedSource:
    told = ListedSource()
    for n in range(minutes):
        told.add(READS, n, 10).add(GOOD_READS, n, good)
    return told


def counted(*exclusions: Exclusion, objective=OBJECTIVE, minutes: int = 4) -> list[tuple[int, int]]:
    excluded = ExcludedMinutes(objective, exclusions, first_minutes(60))
    found = compute_minutes(objective, source(minutes), first_minutes(minutes), excluded=excluded)
    return [(m.good, m.total) for m in found]


def test_dropped_minutes_count_nothing_and_are_known():
    assert counted(exclusion(1, 3)) == [(0, 10), (0, 0), (0, 0), (0, 10)]


def test_all_events_may_count_as_good_instead():
    assert counted(exclusion(1, 3, mode=Excluded.GOOD)) == [(0, 10), (10, 10), (10, 10), (0, 10)]


def test_a_minute_that_is_touched_is_excluded_as_a_whole():
    part = exclusion(1, 2, start_ns=minute(1) + 30 * 10**9, end_ns=minute(2) + 10**9)
    assert counted(part) == [(0, 10), (0, 0), (0, 0), (0, 10)]


def test_where_two_overlap_dropping_wins():
    assert counted(exclusion(0, 2, mode=Excluded.GOOD), exclusion(1, 3))[:3] == [(10, 10), (0, 0), (0, 0)]


@pytest.mark.parametrize(
    "without_effect",
    [
        exclusion(0, 4, kind="incident"),
        exclusion(0, 4, matchers=HAGUE),
        exclusion(0, 4, matchers=(*DELFT, ("slot", "slot-1"))),
        exclusion(0, 4, revoked_ns=1),
    ],
    ids=["kind", "device", "slot", "revoked"],
)
def test_an_exclusion_of_something_else_changes_nothing(without_effect: Exclusion):
    assert counted(without_effect) == [(0, 10)] * 4


def test_the_rest_of_a_slice_still_counts():
    assert counted(exclusion(0, 4), objective=FIVE, minutes=10) == [(0, 1), (0, 1)]
    assert counted(exclusion(0, 5), objective=FIVE, minutes=10) == [(0, 0), (0, 1)]


def test_silence_is_not_bad_while_it_is_excluded():
    strict = replace(OBJECTIVE, silence=Silence.BAD)
    found = count_minutes(
        strict,
        source(1, good=10),
        first_minutes(4),
        born_ns={DELFT: minute(0)},
        closed_ns=minute(4),
        excluded=ExcludedMinutes(strict, [exclusion(1, 3)], first_minutes(4)),
    )
    assert found == [
        SliMinute(DELFT, minute(0), 10, 10),
        *(SliMinute(DELFT, minute(n), 0, 0) for n in (1, 2)),
        SliMinute(DELFT, minute(3), 0, 1),
    ]


def test_an_exclusion_without_an_end_lasts():
    assert exclusion(1, 3, end_ns=None).minutes(first_minutes(9)).tolist() == [minute(n) for n in range(1, 9)]


def at(text: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)))


def test_a_weekly_window_keeps_its_local_time_over_a_clock_change():
    weekly = Exclusion(
        kind="maintenance",
        start_ns=at("2026-03-15 02:00"),
        end_ns=at("2026-03-15 04:00"),
        rule="FREQ=WEEKLY;BYDAY=SU",
        zone=ZONE,
    )
    found = list(weekly.windows(Window(start_ns=at("2026-03-20 00:00"), end_ns=at("2026-04-06 00:00"))))
    assert [window.start_ns for window in found] == [
        at("2026-03-22 02:00"),
        at("2026-03-29 03:00"),  # 02:00 does not exist
        at("2026-04-05 02:00"),
    ]
    assert {window.length_ns for window in found} == {2 * HOUR_NS}


def test_a_window_that_began_before_is_cut_to_what_is_asked():
    daily = exclusion(0, 60, rule="FREQ=DAILY")
    (found,) = daily.windows(Window(start_ns=minute(30) + DAY_NS, end_ns=minute(90) + DAY_NS))
    assert (found.start_ns, found.end_ns) == (minute(30) + DAY_NS, minute(60) + DAY_NS)


@pytest.mark.parametrize(
    ("rule", "zone", "said"),
    [
        ("FREQ=SOMETIMES", "UTC", "no recurrence rule"),
        ("FREQ=MINUTELY", "UTC", "more than a daily"),
        ("DTSTART:20260101T000000\nRRULE:FREQ=DAILY", "UTC", "more than a daily"),
        ("FREQ=DAILY", "Europe/Delft", "no time zone"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rule: str, zone: str, said: str):
    with pytest.raises(InvalidInputError, match=said):
        check_rule(rule, zone)
