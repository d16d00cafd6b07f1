"""When devices are calibrated and get new firmware: fixed moments of epoch time, the same in every run.

A calibration takes the drift away. A firmware change does nothing: it is the innocent bystander that an
investigation must not mistake for a cause.
"""

from collections.abc import Iterator
from zlib import crc32

from hwsim.tally import Tally
from model.attributes import attributes
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, to_datetime
from model.names import (
    ATTR_CALIBRATION_ID,
    ATTR_FIRMWARE_VERSION,
    EVENT_CALIBRATION,
    EVENT_FIRMWARE_CHANGE,
)
from model.readings import Happening

_WEEK_NS = 7 * DAY_NS


def calibration_offset_ns(entity_id: str) -> int:
    """Return the time of day at which the entity is calibrated: between 03:00 and 05:00 UTC."""
    return 3 * HOUR_NS + crc32(entity_id.encode()) % 12 * 10 * MINUTE_NS


def firmware_offset_ns(entity_id: str) -> int:
    """Return the time of week (from Thursday 00:00 UTC) at which the entity gets new firmware."""
    return crc32(entity_id.encode()) % 7 * DAY_NS + 9 * HOUR_NS


def recurring(start_ns: int, end_ns: int, period_ns: int, offset_ns: int) -> Iterator[int]:
    """Yield the moments in `(start_ns, end_ns]` that lie a whole number of periods after `offset_ns`."""
    first = (start_ns - offset_ns) // period_ns + 1
    last = (end_ns - offset_ns) // period_ns
    return (number * period_ns + offset_ns for number in range(first, last + 1))


def report_calibrations(tally: Tally, identity_key: str, entity_id: str) -> None:
    """Report the calibrations that finish within the tally's step."""
    offset_ns = calibration_offset_ns(entity_id)
    for when_ns in recurring(tally.start_ns, tally.end_ns, DAY_NS, offset_ns):
        calibration = f"cal-{entity_id}-{to_datetime(when_ns):%Y%m%d}"
        tally.happening(
            Happening(
                event=EVENT_CALIBRATION,
                attributes=attributes({identity_key: entity_id, ATTR_CALIBRATION_ID: calibration}),
                time_ns=when_ns,
                body=f"Calibration set {calibration} is in force",
            )
        )


def report_firmware_changes(tally: Tally, identity_key: str, entity_id: str) -> None:
    """Report the firmware changes within the tally's step."""
    offset_ns = firmware_offset_ns(entity_id)
    for when_ns in recurring(tally.start_ns, tally.end_ns, _WEEK_NS, offset_ns):
        version = f"2.{when_ns // _WEEK_NS - 2800}.0"
        tally.happening(
            Happening(
                event=EVENT_FIRMWARE_CHANGE,
                attributes=attributes({identity_key: entity_id, ATTR_FIRMWARE_VERSION: version}),
                time_ns=when_ns,
                body=f"Firmware {version} runs on {entity_id}",
            )
        )
