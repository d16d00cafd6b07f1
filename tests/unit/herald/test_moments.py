"""Moments are read as people write them, and refused where no telemetry can have them."""

import pytest

from herald.moments import parse_moment
from model.clock import HOUR_NS, format_time
from model.errors import InvalidInputError

NOW_NS = 500_000 * HOUR_NS


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("now", format_time(NOW_NS)),
        ("now-6h", format_time(NOW_NS - 6 * HOUR_NS)),
        ("2026-11-20", "2026-11-20T00:00:00Z"),
        ("2026-11-20T08:00Z", "2026-11-20T08:00:00Z"),
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30:00Z"),
    ],
)
def test_a_moment_without_a_zone_is_in_utc(text: str, told: str):
    assert format_time(parse_moment(text, NOW_NS)) == told


@pytest.mark.parametrize("text", ["", "yesterday", "now-6", "2026-02-30", "2026-11-20T25:00"])
def test_what_is_no_time_is_refused(text: str):
    with pytest.raises(InvalidInputError, match=r"is not a (time|duration)"):
        parse_moment(text, NOW_NS)


@pytest.mark.parametrize("text", ["0001-01-01", "1969-12-31T23:59:59Z", "2200-01-01", "9999-12-31", "now-36525d"])
def test_a_time_that_no_telemetry_can_have_is_refused(text: str):
    with pytest.raises(InvalidInputError, match="is before 1970 or after 2199"):
        parse_moment(text, NOW_NS)
