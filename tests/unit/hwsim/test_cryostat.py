"""Cryostats under a cooling fault: temperatures, machinery, alarms. Uses the fault memory.F7."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hwsim import MEMORY_F7, FleetSpec, Injection, build_sites, load_fleet
from hwsim.conditions import Conditions
from hwsim.devices.cryostat import CryostatPreset, Thermals
from hwsim.preset import load_preset
from hwsim.schedule import FaultSchedule
from model.clock import DAY_NS, HOUR_NS, SECOND_NS
from model.names import (
    EVENT_ALARM,
    METRIC_CRYOSTAT_COOLDOWNS,
    METRIC_CRYOSTAT_COOLING_POWER,
    METRIC_CRYOSTAT_HELIUM_LEVEL,
    METRIC_CRYOSTAT_PRESSURE,
    METRIC_DEVICE_HEALTHY,
    METRIC_HW_POWER,
    METRIC_HW_TEMPERATURE,
)
from tests.unit.hwsim.services import FLEET, START_NS, between, counts, injection, levels, record

PRESET: CryostatPreset = load_preset("cryostat", "closed_cycle", CryostatPreset)
WARM_K = 18.0
STRUCK = injection(MEMORY_F7, "cryo-delft", WARM_K)


def thermals(*injections: Injection) -> Thermals:
    return Thermals("cryo-delft", PRESET, Conditions(FaultSchedule(injections)))


def struck(start_s: int = 0, end_s: int | None = 3600, warm_k: float = WARM_K) -> Injection:
    return Injection(
        fault_id=MEMORY_F7,
        entity_id="cryo-delft",
        start_ns=start_s * SECOND_NS,
        end_ns=None if end_s is None else end_s * SECOND_NS,
        magnitude=warm_k,
    )


def sample_k(nature: Thermals, *seconds: float) -> list[float]:
    times_ns = np.array([round(s * SECOND_NS) for s in seconds])
    return [float(kelvin) for kelvin in nature.sample_k(times_ns)]


def test_a_cooling_fault_warms_the_sample_with_its_time_constant():
    cold_k = PRESET.sample.temperature_k
    expected = WARM_K - (WARM_K - cold_k) / math.e
    assert sample_k(thermals(struck()), 0, PRESET.warming_s) == [pytest.approx(cold_k), pytest.approx(expected)]


def test_the_sample_recools_after_the_fault():
    warm_k, recooled_k = sample_k(thermals(struck()), 3600, 3600 + 10 * PRESET.cooling_s)
    assert warm_k == pytest.approx(WARM_K, abs=0.01)
    assert recooled_k == pytest.approx(PRESET.sample.temperature_k, abs=0.01)


def test_two_overlapping_faults_give_one_continuous_course():
    nature = thermals(struck(), struck(600, 1200, 40.0))
    course = np.array(sample_k(nature, *np.arange(0, 7200, 1.0)))
    assert np.abs(np.diff(course)).max() < 0.2


def test_a_live_injection_is_noticed():
    schedule = FaultSchedule()
    nature = Thermals("cryo-delft", PRESET, Conditions(schedule))
    before = sample_k(nature, 600)
    schedule.add(struck())
    assert sample_k(nature, 600) > before


@pytest.mark.parametrize(
    ("metric", "factor"),
    [
        (METRIC_CRYOSTAT_COOLING_POWER, (5.0 / WARM_K) ** 2),
        (METRIC_HW_POWER, 0.4 + 0.6 * (5.0 / WARM_K) ** 2),
        (METRIC_CRYOSTAT_PRESSURE, math.exp((WARM_K - 5.0) / 4.0)),
    ],
)
def test_the_machinery_shows_a_cooling_fault(metric, factor):
    """A cooler that balances the same load at T has (T0/T)^2 of its capacity; warm surfaces let go of their gas."""
    values = levels(record(STRUCK), metric)
    assert values[22] / values[10] == pytest.approx(factor, rel=0.2)


def test_a_warm_up_is_one_alarm_and_one_cooldown():
    recording = record(STRUCK)
    alarms = [h.body for h in recording.happenings if h.event == EVENT_ALARM]
    assert alarms == ["Sample stage of cryo-delft above 8 K", "Sample stage of cryo-delft below 8 K"]
    assert counts(recording, METRIC_CRYOSTAT_COOLDOWNS).sum() == 1


def test_a_warm_cryostat_says_that_it_is_not_fit():
    healthy = levels(record(STRUCK), METRIC_DEVICE_HEALTHY)
    assert (healthy[:60].min(), healthy[90], healthy[-1]) == (1.0, 0.0, 1.0)


def test_sensors_read_degrees_celsius():
    recording = record(STRUCK)
    celsius = levels(recording, METRIC_HW_TEMPERATURE, "sample")
    assert celsius[between(recording, 1.9, 2.0)].mean() == pytest.approx(WARM_K - 273.15, abs=0.1)


def test_helium_is_used_up_slowly_and_refilled_each_week():
    alone = FleetSpec(sites=("delft",), devices=(replace(load_fleet(FLEET).by_id["cryo-delft"], sources=()),))
    (site,) = build_sites(alone, seed=1, start_ns=START_NS, faults=FaultSchedule())
    level = levels(site.record(START_NS + 8 * DAY_NS, HOUR_NS), METRIC_CRYOSTAT_HELIUM_LEVEL)
    assert np.count_nonzero(np.diff(level) > 0) in {1, 2}
    assert level.min() > 0.8
