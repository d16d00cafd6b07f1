"""The fault file says what is broken; a running fleet follows it."""

from dataclasses import replace
from pathlib import Path

import pytest

from herald.agents import FaultFollower, apply_faults
from herald.faults import FaultWatch, LiveFault, read_faults, write_faults
from hwsim import FaultSchedule
from model.clock import MINUTE_NS
from model.errors import InvalidInputError

NOW_NS = 1_000 * MINUTE_NS


def moved_connector(*, end_ns: int | None = None) -> LiveFault:
    return LiveFault(fault="link.F1", entity="link-delft-local", start_ns=NOW_NS, end_ns=end_ns, magnitude=13.0)


def strength(schedule: FaultSchedule, when_ns: int) -> float | None:
    return next((injection.magnitude for injection in schedule.injections if injection.is_active(when_ns)), None)


def test_what_is_written_is_read(tmp_path: Path):
    path = tmp_path / "faults.json"
    write_faults(path, [moved_connector()])
    assert read_faults(path) == [moved_connector()]


def test_no_file_means_no_fault(tmp_path: Path):
    assert read_faults(tmp_path / "faults.json") == []


def test_a_broken_file_is_refused_with_its_name(tmp_path: Path):
    path = tmp_path / "faults.json"
    path.write_text("[{", encoding="utf-8")
    with pytest.raises(InvalidInputError, match=r"faults\.json is not a list of faults"):
        read_faults(path)


def test_a_fault_in_the_file_strikes_and_leaves_with_it():
    schedule = FaultSchedule()
    apply_faults(schedule, [moved_connector()], now_ns=NOW_NS)
    during = strength(schedule, NOW_NS + 5 * MINUTE_NS)
    apply_faults(schedule, [], now_ns=NOW_NS + 10 * MINUTE_NS)
    assert (during, strength(schedule, NOW_NS + 11 * MINUTE_NS)) == (13.0, None)


def test_reading_the_same_file_twice_changes_nothing():
    schedule = FaultSchedule()
    apply_faults(schedule, [moved_connector()], now_ns=NOW_NS)
    before = schedule.injections
    apply_faults(schedule, [moved_connector()], now_ns=NOW_NS + MINUTE_NS)
    assert schedule.injections == before


def test_a_fault_that_is_over_is_not_taken_in():
    schedule = FaultSchedule()
    apply_faults(schedule, [moved_connector(end_ns=NOW_NS + MINUTE_NS)], now_ns=NOW_NS + 2 * MINUTE_NS)
    assert schedule.injections == ()


def test_a_follower_reads_the_file_only_when_it_changed(tmp_path: Path):
    path = tmp_path / "faults.json"
    schedule = FaultSchedule()
    follower = FaultFollower(schedule, FaultWatch(path))
    write_faults(path, [moved_connector()])
    follower.follow(NOW_NS)
    schedule.clear("link.F1", "link-delft-local", end_ns=NOW_NS + MINUTE_NS)
    follower.follow(NOW_NS + 2 * MINUTE_NS)
    assert strength(schedule, NOW_NS + 3 * MINUTE_NS) is None


def test_a_fault_that_cannot_be_is_said_and_the_fleet_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "faults.json"
    write_faults(path, [replace(moved_connector(), magnitude=-1.0)])
    schedule = FaultSchedule()
    FaultFollower(schedule, FaultWatch(path)).follow(NOW_NS)
    assert schedule.injections == ()
    assert "magnitude -1 is out of range" in capsys.readouterr().err
