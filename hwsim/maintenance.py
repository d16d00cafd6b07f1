"""When devices are calibrated, and what firmware, configuration, credential and software they run, over time.

Nominal life has a calibration a day, a firmware release a week and a harmless configuration change a week, at fixed
moments of epoch time, the same in every run. These changes do nothing: they are the innocent bystanders that an
investigation must not mistake for a cause. A fault that arrives with a change shows as one more change when it
strikes and as a roll-back when it ends. The parameter `calibration_paused` (0 or 1) makes calibrations fall out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from hwsim.block import Block, recurring
from hwsim.conditions import Conditions
from hwsim.fault import CALIBRATION_PAUSED, load_faults
from model.attributes import attributes
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, to_datetime
from model.names import (
    ATTR_CALIBRATION_ID,
    ATTR_CHANGE_VERSION,
    ATTR_FIRMWARE_VERSION,
    EVENT_CALIBRATION,
    EVENT_CALIBRATION_START,
    EVENT_CONFIGURATION_CHANGE,
    EVENT_CREDENTIAL_CHANGE,
    EVENT_FIRMWARE_CHANGE,
    EVENT_SOFTWARE_CHANGE,
)
from model.readings import Happening

_WEEK_NS = 7 * DAY_NS
_LONGEST_PAUSE_DAYS = 60
_EVENTS = {
    "firmware": EVENT_FIRMWARE_CHANGE,
    "configuration": EVENT_CONFIGURATION_CHANGE,
    "credential": EVENT_CREDENTIAL_CHANGE,
    "software": EVENT_SOFTWARE_CHANGE,
}
_PLANNED = ("firmware", "configuration")
CALIBRATION_NS: Final = 10 * MINUTE_NS
"""How long a calibration takes that closes nothing."""

_LONGEST_CALIBRATION_NS = 4 * HOUR_NS
_ROLLED_BACK = "roll-back to "


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of what runs on a device."""

    kind: str
    version: str
    time_ns: int
    rolled_back: bool = False


class Maintenance:
    """Calibrations and changes of one entity, as pure functions of time and of the faults."""

    def __init__(self, entity_id: str, identity_key: str, conditions: Conditions) -> None:
        self._id = entity_id
        self._identity_key = identity_key
        self._conditions = conditions
        self._calibration_offset_ns = _calibration_offset_ns(entity_id)
        self._change_offsets_ns = {kind: _change_offset_ns(entity_id, kind) for kind in _PLANNED}

    def calibrations(self, start_ns: int, end_ns: int) -> list[int]:
        """Return the moments in `(start_ns, end_ns]` at which a calibration finishes."""
        due = recurring(start_ns, end_ns, DAY_NS, self._calibration_offset_ns)
        return [when_ns for when_ns in due if not self._is_paused(when_ns)]

    def calibrated_ns(self, at_ns: int) -> int:
        """Return the moment at which the calibration set in force at `at_ns` came into force."""
        last_ns = at_ns - (at_ns - self._calibration_offset_ns) % DAY_NS
        due = range(last_ns, last_ns - _LONGEST_PAUSE_DAYS * DAY_NS, -DAY_NS)
        return next((when_ns for when_ns in due if not self._is_paused(when_ns)), due[-1])

    def changes(self, start_ns: int, end_ns: int) -> list[Change]:
        """Return the changes in `(start_ns, end_ns]` in order of time."""
        changes = [*self._planned(start_ns, end_ns), *self._with_faults(start_ns, end_ns)]
        return sorted(changes, key=lambda change: change.time_ns)

    def version(self, kind: str, at_ns: int) -> str:
        """Return which version of firmware, configuration and so on is in force at a moment."""
        for injection in self._conditions.changes(self._id):
            if injection.is_active(at_ns) and load_faults()[injection.fault_id].change == kind:
                return _faulty_version(_planned_version(self._id, kind, injection.start_ns))
        return _planned_version(self._id, kind, at_ns)

    def report(self, block: Block, *, lasts_ns: Callable[[int], int] = lambda _: CALIBRATION_NS) -> None:
        """Report the block's calibrations, how they begin, and its changes as events.

        `lasts_ns` tells how long the calibration takes that finishes at a moment.
        """
        for when_ns in self.calibrations(block.start_ns, block.end_ns + _LONGEST_CALIBRATION_NS):
            begins_ns = when_ns - lasts_ns(when_ns)
            if block.start_ns < begins_ns <= block.end_ns:
                self._tell(block, EVENT_CALIBRATION_START, begins_ns, {}, f"Calibration of {self._id} begins")
        for when_ns in self.calibrations(block.start_ns, block.end_ns):
            name = calibration_id(self._id, when_ns)
            self._tell(
                block, EVENT_CALIBRATION, when_ns, {ATTR_CALIBRATION_ID: name}, f"Calibration set {name} is in force"
            )
        for change in self.changes(block.start_ns, block.end_ns):
            key = ATTR_FIRMWARE_VERSION if change.kind == "firmware" else ATTR_CHANGE_VERSION
            how = _ROLLED_BACK if change.rolled_back else ""
            text = f"{change.kind.capitalize()}: {how}{change.version} on {self._id}"
            self._tell(block, _EVENTS[change.kind], change.time_ns, {key: change.version}, text)

    def _tell(self, block: Block, event: str, time_ns: int, about: dict[str, str], text: str) -> None:
        identity = attributes({self._identity_key: self._id, **about})
        block.happening(Happening(event=event, attributes=identity, time_ns=time_ns, body=text))

    def _planned(self, start_ns: int, end_ns: int) -> Iterator[Change]:
        for kind in _PLANNED:
            for when_ns in recurring(start_ns, end_ns, _WEEK_NS, self._change_offsets_ns[kind]):
                yield Change(kind=kind, version=_planned_version(self._id, kind, when_ns), time_ns=when_ns)

    def _with_faults(self, start_ns: int, end_ns: int) -> Iterator[Change]:
        for injection in self._conditions.changes(self._id):
            kind = load_faults()[injection.fault_id].change
            assert kind is not None
            before = _planned_version(self._id, kind, injection.start_ns)
            if start_ns < injection.start_ns <= end_ns:
                yield Change(kind=kind, version=_faulty_version(before), time_ns=injection.start_ns)
            if injection.end_ns is not None and start_ns < injection.end_ns <= end_ns:
                yield Change(kind=kind, version=before, time_ns=injection.end_ns, rolled_back=True)

    def _is_paused(self, when_ns: int) -> bool:
        return self._conditions.value(self._id, CALIBRATION_PAUSED, 0.0, when_ns) > 0.5


def calibration_id(entity_id: str, when_ns: int) -> str:
    """Return the id of the calibration set that came into force at a moment."""
    return f"cal-{entity_id}-{to_datetime(when_ns):%Y%m%d}"


def _calibration_offset_ns(entity_id: str) -> int:
    """Return the time of day at which the entity is calibrated: between 03:00 and 05:00 UTC."""
    return 3 * HOUR_NS + crc32(entity_id.encode()) % 12 * 10 * MINUTE_NS


def _change_offset_ns(entity_id: str, kind: str) -> int:
    """Return the time of week (from Thursday 00:00 UTC) of the entity's planned change."""
    hash_ = crc32(f"{kind} {entity_id}".encode())
    return hash_ % 7 * DAY_NS + 9 * HOUR_NS + hash_ // 7 % 8 * HOUR_NS


def _planned_version(entity_id: str, kind: str, at_ns: int) -> str:
    weeks = (at_ns - _change_offset_ns(entity_id, kind)) // _WEEK_NS if kind in _PLANNED else 2800
    return f"2.{weeks - 2800}.0"


def _faulty_version(before: str) -> str:
    return before.removesuffix("0") + "1"
