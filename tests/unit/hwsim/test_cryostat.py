"""Cryostat temperatures under a cooling fault, and what they do to lifetimes."""

import math

import numpy as np
import pytest

from hwsim import MEMORY_F7, FaultSchedule, Injection
from hwsim.devices.cryostat import Thermals
from hwsim.devices.lifetimes import Lifetimes
from hwsim.preset import load_preset
from model.clock import HOUR_NS, SECOND_NS
from model.names import EVENT_ALARM, METRIC_HW_TEMPERATURE
from tests.unit.hwsim.worlds import START_NS, build_world, run

PRESET = load_preset("trapped_ion")
WARM_K = 18.0


def struck(start_ns: int = 0, end_ns: int | None = HOUR_NS) -> Injection:
    return Injection(fault_id=MEMORY_F7, entity_id="cryo-delft", start_ns=start_ns, end_ns=end_ns, magnitude=WARM_K)


def sample_k(thermals: Thermals, *seconds: float) -> list[float]:
    times_ns = np.array([round(s * SECOND_NS) for s in seconds])
    return [float(kelvin) for kelvin in thermals.sample_k(times_ns)]


def test_a_cooling_fault_warms_the_sample_with_its_time_constant():
    thermals = Thermals("cryo-delft", PRESET.cryostat, FaultSchedule([struck()]))
    cold_k, tau_s = PRESET.cryostat.sample.temperature_k, PRESET.cryostat.warming_s
    expected = WARM_K - (WARM_K - cold_k) / math.e
    assert sample_k(thermals, 0, tau_s) == [pytest.approx(cold_k), pytest.approx(expected)]


def test_the_sample_recools_after_the_fault():
    thermals = Thermals("cryo-delft", PRESET.cryostat, FaultSchedule([struck()]))
    warm_k, recooled_k = sample_k(thermals, 3600, 3600 + 10 * PRESET.cryostat.cooling_s)
    assert warm_k == pytest.approx(WARM_K, abs=0.01)
    assert recooled_k == pytest.approx(PRESET.cryostat.sample.temperature_k, abs=0.01)


def test_a_live_injection_is_noticed():
    faults = FaultSchedule()
    thermals = Thermals("cryo-delft", PRESET.cryostat, faults)
    before = sample_k(thermals, 600)
    faults.add(struck())
    assert sample_k(thermals, 600) > before


def test_two_overlapping_faults_give_one_continuous_course():
    later = Injection(
        fault_id=MEMORY_F7,
        entity_id="cryo-delft",
        start_ns=600 * SECOND_NS,
        end_ns=1200 * SECOND_NS,
        magnitude=40.0,
    )
    thermals = Thermals("cryo-delft", PRESET.cryostat, FaultSchedule([struck(), later]))
    course = np.array(sample_k(thermals, *np.arange(0, 7200, 1.0)))
    assert np.abs(np.diff(course)).max() < 0.2


def test_lifetimes_halve_at_the_reference_temperature_and_collapse_above():
    warm = PRESET.memory.thermal_reference_k
    faults = FaultSchedule([Injection(fault_id=MEMORY_F7, entity_id="cryo-delft", start_ns=0, magnitude=warm)])
    lifetimes = Lifetimes(PRESET.memory, Thermals("cryo-delft", PRESET.cryostat, faults))
    _, t2_s = lifetimes.at(np.array([0, 100 * HOUR_NS]))
    assert t2_s[0] == pytest.approx(PRESET.memory.t2_s, rel=0.01)
    assert t2_s[1] == pytest.approx(PRESET.memory.t2_s / 2, rel=0.02)


@pytest.mark.parametrize("magnitude", [6.0, 9.0, 12.0, 18.0, 80.0])
def test_t2_never_exceeds_twice_t1(magnitude):
    faults = FaultSchedule([Injection(fault_id=MEMORY_F7, entity_id="cryo-delft", start_ns=0, magnitude=magnitude)])
    lifetimes = Lifetimes(PRESET.memory, Thermals("cryo-delft", PRESET.cryostat, faults))
    times_ns = np.arange(0, HOUR_NS, 60 * SECOND_NS)
    t1_s, t2_s = lifetimes.at(times_ns, t1_drift=-3.0, t2_drift=2.0)
    assert (t2_s <= 2 * t1_s).all()


def test_alarms_come_at_the_same_second_whatever_the_step():
    moments = []
    for step_s in (1, 7, 60):
        site = build_world(struck(START_NS + 60 * SECOND_NS, None))["delft"]
        moments.append(
            [
                (event.time_ns, event.severity)
                for reading in run(site, minutes=7, step_ns=step_s * SECOND_NS)
                for event in reading.happenings
                if event.event == EVENT_ALARM
            ]
        )
    assert moments[0] == moments[1] == moments[2]
    assert [severity for _, severity in moments[0]] == ["ERROR"]


def test_every_stage_is_read_in_degrees_celsius():
    (reading,) = run(build_world()["delft"], minutes=1)
    celsius = [level.value for level in reading.levels if level.metric == METRIC_HW_TEMPERATURE]
    expected = [stage.temperature_k - 273.15 for stage in PRESET.cryostat.stages]
    assert celsius == pytest.approx(expected, abs=0.05)
