"""The room, control hosts and clocks, and that telemetry is the same however it is read."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim import load_fleet
from hwsim.conditions import Conditions
from hwsim.devices.controller import ControlPlane
from hwsim.devices.environment import HUMIDITY, QUANTITIES, Surroundings
from hwsim.schedule import FaultSchedule
from hwsim.wander import Wander, daily_cycle
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from model.names import (
    METRIC_CONTROL_CLOCK_OFFSET,
    METRIC_CONTROL_MESSAGES,
    METRIC_CONTROL_ROUND_TRIP_JITTER,
    METRIC_SYSTEM_CPU_UTILIZATION,
    error_of,
)
from tests.unit.hwsim.services import FLEET, START_NS, counts, levels, record, sites


def surroundings(seed: int = 7) -> Surroundings:
    spec = load_fleet(FLEET).by_id["env-delft"]
    return Surroundings(spec, Conditions(FaultSchedule()), seed=seed, start_ns=START_NS)


def wander(seed: int = 1) -> Wander:
    return Wander("room", "humidity", correlation_s=3600.0, seed=seed, start_ns=START_NS)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 5 * DAY_NS), min_size=1, max_size=5))
def test_a_room_remembers_its_past_however_it_is_asked(offsets_ns):
    times_ns = START_NS + np.array(sorted(offsets_ns))
    asked_once = surroundings().humidity(times_ns)
    nature = surroundings()
    one_by_one = [nature.humidity(np.array([when_ns]))[0] for when_ns in times_ns[::-1]]
    assert asked_once.tolist() == one_by_one[::-1]


def test_a_wander_has_unit_spread_and_forgets_in_its_correlation_time():
    hours_ns = START_NS + HOUR_NS * np.arange(4000)
    path = wander().at(hours_ns)
    assert path.std() == pytest.approx(1.0, abs=0.1)
    assert np.mean(path[1:] * path[:-1]) == pytest.approx(np.exp(-1.0), abs=0.08)


def test_the_day_has_its_peak_at_its_hour():
    hours_ns = HOUR_NS * np.arange(24)
    assert int(np.argmax(daily_cycle(hours_ns, 14.0))) == 14


@pytest.mark.parametrize("name", QUANTITIES)
def test_a_room_left_alone_stays_in_its_nominal_range_for_a_month(name):
    times_ns = START_NS + 10 * MINUTE_NS * np.arange(4320)
    low, high = surroundings().nominal_range(name)
    values = surroundings().value(name, times_ns)
    assert low <= values.min() < values.max() <= high


def test_humidity_does_not_exceed_saturation():
    assert surroundings().relative(HUMIDITY, np.array([START_NS]))[0] == pytest.approx(1.0, abs=0.2)
    assert surroundings().humidity(np.array([START_NS])).max() <= 1.0


def test_a_clock_s_stated_error_is_the_scatter_of_its_estimates():
    recording = record(hours=24.0)
    offsets, errors = (
        levels(recording, m) for m in (METRIC_CONTROL_CLOCK_OFFSET, error_of(METRIC_CONTROL_CLOCK_OFFSET))
    )
    assert len(offsets) == 288
    scatter = np.std(offsets - np.convolve(np.pad(offsets, 1, mode="edge"), np.ones(3) / 3, "valid"))
    assert 0.3 * errors.mean() < scatter < 3 * errors.mean()


def test_messages_are_lost_as_often_as_the_preset_says():
    recording = record(hours=24.0)
    lost, all_of_them = (counts(recording, METRIC_CONTROL_MESSAGES, o).sum() for o in ("failure", "success"))
    assert lost / all_of_them == pytest.approx(0.001, rel=0.5)


def test_a_message_that_was_lost_takes_one_repetition_longer():
    preset = load_fleet().by_id["ctl-delft"].preset
    plane = ControlPlane("ctl-delft", replace(preset, retransmit_probability=0.3), Conditions(FaultSchedule()))
    took_s, lost = plane.exchange(np.arange(20_000), np.random.default_rng(4))
    assert lost.mean() == pytest.approx(0.3, abs=0.02)
    assert np.median(took_s[~lost]) == pytest.approx(preset.round_trip_s, rel=0.02)
    assert np.median(took_s[lost]) == pytest.approx(preset.round_trip_s + preset.retransmit_s, rel=0.02)


def test_jitter_and_load_are_told_once_a_minute():
    recording = record()
    assert {len(levels(recording, m)) for m in (METRIC_CONTROL_ROUND_TRIP_JITTER, METRIC_SYSTEM_CPU_UTILIZATION)} == {
        240
    }


def test_telemetry_does_not_depend_on_the_step_in_which_it_is_read():
    until_ns = START_NS + 2 * HOUR_NS
    fine, coarse = (sites()["delft"].record(until_ns, step_ns) for step_ns in (SECOND_NS, 15 * MINUTE_NS))
    totals = [[float(track.values.sum()) for track in recording.counts] for recording in (fine, coarse)]
    assert totals[0] == pytest.approx(totals[1], rel=1e-12)
    assert [t.values.tolist() for t in fine.levels] == [t.values.tolist() for t in coarse.levels]


def test_nothing_is_abnormal_around_the_devices_on_a_nominal_day():
    site = sites()["delft"]
    site.record(START_NS + DAY_NS, HOUR_NS)
    assert [(t.entity, t.quantity) for t in site.truths() if len(t.abnormal_ns())] == []
