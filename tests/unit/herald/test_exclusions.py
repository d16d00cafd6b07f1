"""Exclusions that the fleet's own events make: whom they are about, when they begin, and when none is made."""

from collections.abc import Mapping

import pytest

from herald.exclusions import ending_events, rows_of_events, source_of, telling_events
from model import names
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from store import EventRow, ExclusionRow

CALIBRATED, CALIBRATING = names.EVENT_CALIBRATION, names.EVENT_CALIBRATION_START
MAINTAINED, MAINTAINING = names.EVENT_MAINTENANCE_END, names.EVENT_MAINTENANCE_START
T0_NS = 1_760_000_040_000_000_000


def event(
    name: str, after_ns: int, *, device: str = "mem-a", link: str = "", attributes: Mapping[str, object] | None = None
) -> EventRow:
    return EventRow(
        time_ns=T0_NS + after_ns,
        name=name,
        severity="INFO",
        body="",
        attributes=attributes or {},
        device=device,
        link=link,
    )


def excluded(*events: EventRow) -> list[tuple[str, dict[str, str], int, int | None]]:
    """Return kind, whom, and from when to when after T0."""
    return [
        (row.kind, dict(row.matchers), row.start_ns - T0_NS, _end_ns(row) - T0_NS)
        for row in rows_of_events(events, now_ns=T0_NS)
    ]


def _end_ns(row: ExclusionRow) -> int:
    assert row.end_ns is not None
    return row.end_ns


def test_maintenance_lasts_from_its_start_to_its_end():
    found = excluded(event(MAINTAINING, 0), event(MAINTAINED, 3 * HOUR_NS))
    assert found == [("maintenance", {"device": "mem-a"}, 0, 3 * HOUR_NS)]


def test_maintenance_that_has_not_ended_excludes_nothing_yet():
    assert excluded(event(MAINTAINING, 0)) == []


@pytest.mark.parametrize("start", [None, -8 * DAY_NS], ids=["lost", "too long ago"])
def test_maintenance_without_a_start_to_believe_excludes_nothing(start):
    before = [] if start is None else [event(MAINTAINING, start)]
    assert excluded(*before, event(MAINTAINED, 0)) == []


def test_a_start_belongs_to_the_end_that_follows_it_and_to_no_other():
    found = excluded(event(MAINTAINING, 0), event(MAINTAINED, HOUR_NS), event(MAINTAINED, 2 * HOUR_NS))
    assert found == [("maintenance", {"device": "mem-a"}, 0, HOUR_NS)]


def test_the_stretches_of_two_entities_are_told_apart():
    found = excluded(
        event(MAINTAINING, 0),
        event(MAINTAINING, HOUR_NS, device="", link="link-a"),
        event(MAINTAINED, 2 * HOUR_NS),
        event(MAINTAINED, 3 * HOUR_NS, device="", link="link-a"),
    )
    assert found == [
        ("maintenance", {"device": "mem-a"}, 0, 2 * HOUR_NS),
        ("maintenance", {"link": "link-a"}, HOUR_NS, 3 * HOUR_NS),
    ]


@pytest.mark.parametrize(
    ("before", "attributes", "lasts_ns"),
    [
        ([event(CALIBRATING, -2 * HOUR_NS)], {}, 2 * HOUR_NS),
        ([], {names.METRIC_CALIBRATION_DURATION: 120}, 2 * MINUTE_NS),
        ([], {}, 10 * MINUTE_NS),
        ([event(CALIBRATING, -5 * HOUR_NS)], {}, 10 * MINUTE_NS),
    ],
    ids=["its start is told", "its duration is told", "nothing is told", "its start is not believed"],
)
def test_a_calibration_lasts_as_long_as_is_told_or_usual(before, attributes, lasts_ns):
    found = excluded(*before, event(CALIBRATED, 0, attributes=attributes))
    assert found == [("calibration", {"device": "mem-a"}, -lasts_ns, 0)]


def test_what_names_nobody_excludes_nothing():
    nobody = event(CALIBRATED, 0, device="")
    assert (excluded(nobody), source_of(nobody)) == ([], "")


def test_an_exclusion_is_known_by_the_event_that_ended_it():
    ended = event(MAINTAINED, HOUR_NS)
    (row,) = rows_of_events([event(MAINTAINING, 0), ended], now_ns=T0_NS)
    assert row.source == source_of(ended)


def test_only_events_of_the_kinds_that_somebody_excludes_are_looked_for():
    assert ending_events(["maintenance", "incident"]) == [MAINTAINED]
    assert telling_events(["maintenance", "incident"]) == [MAINTAINED, MAINTAINING]
