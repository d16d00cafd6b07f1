"""What Alertmanager hears: of alerts with the same labels, only the newest."""

from dataclasses import replace

from herald.engine_loop import newest_of_each
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
    assert newest_of_each([again, FIRST]) == [again]


def test_alerts_of_other_entities_and_tiers_are_all_told():
    others = [
        FIRST,
        replace(FIRST, tier="6h-30m"),
        replace(FIRST, group=(("device", "mem-b"),)),
        replace(FIRST, objective="memory-write-success"),
    ]
    assert newest_of_each(others) == others
