"""Maintenance that is announced as an exclusion mutes what is maintained, as long as it lasts."""

from dataclasses import replace

import pytest

from herald.maintenance import maintenance_alerts
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from slo import Exclusion

BEGINS_NS = 20_000 * DAY_NS
PUMP = Exclusion(
    kind="maintenance",
    matchers=(("device", "mem-delft"),),
    start_ns=BEGINS_NS,
    end_ns=BEGINS_NS + 2 * HOUR_NS,
    why="pump replaced",
)


def test_what_is_being_maintained_is_told_as_what_mutes():
    (alert,) = maintenance_alerts([PUMP], BEGINS_NS + HOUR_NS)
    assert alert.labels == {"alertname": "MaintenanceWindow", "severity": "info", "device": "mem-delft"}
    assert alert.annotations == {"summary": "mem-delft is being maintained: pump replaced"}
    assert (alert.fired_ns, alert.resolved_ns) == (BEGINS_NS, None)


def test_it_is_over_when_the_exclusion_is():
    (alert,) = maintenance_alerts([PUMP], BEGINS_NS + 2 * HOUR_NS)
    assert alert.resolved_ns == BEGINS_NS + 2 * HOUR_NS


@pytest.mark.parametrize("now_ns", [BEGINS_NS - 1, BEGINS_NS + 2 * HOUR_NS + 15 * MINUTE_NS])
def test_nothing_is_told_before_and_long_after(now_ns):
    assert maintenance_alerts([PUMP], now_ns) == []


def test_without_an_end_it_lasts():
    (alert,) = maintenance_alerts([replace(PUMP, end_ns=None)], BEGINS_NS + 100 * DAY_NS)
    assert (alert.fired_ns, alert.resolved_ns) == (BEGINS_NS, None)


def test_it_comes_again_by_its_rule():
    weekly = replace(PUMP, rule="FREQ=WEEKLY")
    assert maintenance_alerts([weekly], BEGINS_NS + 3 * DAY_NS) == []
    (alert,) = maintenance_alerts([weekly], BEGINS_NS + 7 * DAY_NS + HOUR_NS)
    assert alert.fired_ns == BEGINS_NS + 7 * DAY_NS


def test_of_two_that_overlap_the_later_end_counts():
    longer = replace(PUMP, start_ns=BEGINS_NS + HOUR_NS, end_ns=BEGINS_NS + 3 * HOUR_NS)
    (alert,) = maintenance_alerts([longer, PUMP], BEGINS_NS + 2 * HOUR_NS)
    assert alert.resolved_ns is None


@pytest.mark.parametrize(
    "other",
    [
        replace(PUMP, kind="incident"),
        replace(PUMP, matchers=()),
        replace(PUMP, matchers=(("device", "mem-delft"), ("slot", "slot-3"))),
    ],
    ids=["another kind", "the whole fleet", "a part of a device"],
)
def test_what_could_mute_too_much_mutes_nothing(other):
    assert maintenance_alerts([other], BEGINS_NS + HOUR_NS) == []
