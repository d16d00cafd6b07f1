"""What Alertmanager hears: of alerts with the same labels, only the newest."""

from dataclasses import replace

from herald.notifier import join_tiers
from model.clock import MINUTE_NS
from store import AlertRow

FIRST = AlertRow(
    objective="memory-read-success",
    group=(("device", "mem-a"),),
    tier="1h-5m",
    severity="page",
    fired_ns=10 * MINUTE_NS,
    resolved_ns=20 * MINUTE_NS,
    threshold=13.44,
    long_window="1h",
    short_window="5m",
)


def test_an_alert_that_fires_again_is_not_resolved_by_its_predecessor():
    again = replace(FIRST, fired_ns=25 * MINUTE_NS, resolved_ns=None)
    assert join_tiers([again, FIRST]) == [again]


def test_alerts_of_other_entities_and_severities_are_all_told():
    others = [
        FIRST,
        replace(FIRST, severity="ticket", tier="1d-2h"),
        replace(FIRST, group=(("device", "mem-b"),)),
        replace(FIRST, objective="memory-write-success"),
    ]
    assert join_tiers(others) == others


def test_a_slower_tier_goes_on_with_the_page_of_the_faster_one():
    slower = replace(FIRST, tier="6h-30m", fired_ns=15 * MINUTE_NS, resolved_ns=None)
    assert join_tiers([slower, FIRST]) == [replace(FIRST, resolved_ns=None)]


def test_a_page_is_over_when_its_last_tier_is():
    slower = replace(FIRST, tier="6h-30m", fired_ns=15 * MINUTE_NS, resolved_ns=40 * MINUTE_NS)
    assert join_tiers([FIRST, slower]) == [replace(FIRST, resolved_ns=40 * MINUTE_NS)]


def test_silence_is_another_incident_than_burning():
    silent = replace(FIRST, tier="no-data")
    assert len(join_tiers([FIRST, silent])) == 2
