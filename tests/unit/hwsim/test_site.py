"""Whole sites: the contract with the exporters, determinism, step independence, faults, a nominal day."""

import numpy as np
import pytest
from scipy import stats

from hwsim import LINK_F1, MEMORY_F7, FaultSchedule, Injection, build_sites, load_faults, load_fleet
from model.clock import MINUTE_NS, SECOND_NS
from model.errors import InvalidInputError
from model.names import (
    EVENT_CALIBRATION,
    EVENT_FIRMWARE_CHANGE,
    METRIC_LINK_FIDELITY,
    METRIC_LINK_HERALD_LATENCY,
    METRIC_LINK_REQUESTS,
    METRIC_MEMORY_FIDELITY,
    METRIC_MEMORY_READS,
    METRIC_MEMORY_WRITES,
)
from model.registry import load_registry
from model.topology import Relation
from tests.unit.hwsim.worlds import START_NS, build_world, run, total, values

GOOD = 0.9


@pytest.fixture(scope="module")
def nominal_day():
    """Return the readings of one undisturbed day, per site."""
    return {name: list(run(site, minutes=1440)) for name, site in build_world().items()}


def test_every_reading_obeys_the_registry(nominal_day):
    registry = load_registry()
    for reading in nominal_day["delft"][:30]:
        for item in (*reading.counts, *reading.levels, *reading.samples):
            allowed = set(registry.metrics[item.metric].attributes)
            assert {key for key, _ in item.attributes} <= allowed
            assert tuple(sorted(item.attributes)) == item.attributes


def test_the_fleet_speaks_of_every_metric_of_memory_link_and_facility(nominal_day):
    spoken = {
        item.metric
        for readings in nominal_day.values()
        for reading in readings
        for item in (*reading.counts, *reading.levels, *reading.samples)
    }
    prefixes = ("quantum.memory.", "quantum.link.", "quantum.control.", "hw.")
    assert spoken == {name for name in load_registry().metrics if name.startswith(prefixes)}


@pytest.mark.parametrize("device", ["mem-delft", "mem-hague"])
def test_memory_meets_its_objectives_on_a_nominal_day(nominal_day, device):
    readings = nominal_day[device.removeprefix("mem-")]
    writes, reads = (total(readings, m, device=device) for m in (METRIC_MEMORY_WRITES, METRIC_MEMORY_READS))
    fidelity = values(readings, METRIC_MEMORY_FIDELITY, device)
    assert total(readings, METRIC_MEMORY_WRITES, device=device, outcome="success") / writes > 0.997
    assert total(readings, METRIC_MEMORY_READS, device=device, outcome="success") / reads > 0.997
    assert (fidelity > GOOD).sum() / reads > 0.997
    assert fidelity.mean() > 0.97


@pytest.mark.parametrize("link", ["link-delft-hague", "link-delft-local"])
def test_links_meet_their_objectives_on_a_nominal_day(nominal_day, link):
    readings = nominal_day["delft"]
    served = total(readings, METRIC_LINK_REQUESTS, link=link, outcome="success")
    assert served / total(readings, METRIC_LINK_REQUESTS, link=link) > 0.99
    assert values(readings, METRIC_LINK_FIDELITY, link).mean() > 0.925
    assert (values(readings, METRIC_LINK_HERALD_LATENCY, link) < 0.01).mean() > 0.998
    good = [int((values([reading], METRIC_LINK_FIDELITY, link) > 0.85).sum()) for reading in readings]
    assert min(good) > 2.5 * 100


def test_ground_truth_is_nominal_all_day():
    site = build_world()["delft"]
    for minute in range(0, 1440, 20):
        assert all(truth.is_nominal for truth in site.truth(START_NS + minute * MINUTE_NS))


def test_calibrations_are_daily_and_firmware_changes_are_not(nominal_day):
    events = [e for readings in nominal_day.values() for reading in readings for e in reading.happenings]
    calibrated = [e for e in events if e.event == EVENT_CALIBRATION]
    assert len(calibrated) == 4  # two banks, two links
    assert sum(e.event == EVENT_FIRMWARE_CHANGE for e in events) <= 4


def test_events_carry_what_the_registry_asks_for(nominal_day):
    registry = load_registry()
    for reading in nominal_day["delft"]:
        for event in reading.happenings:
            assert {key for key, _ in event.attributes} <= set(registry.events[event.event].attributes)
            assert reading.start_ns < event.time_ns <= reading.end_ns


def test_the_topology_names_what_cools_and_feeds():
    site = build_world()["delft"]
    assert len(site.topology.edges) == 7
    relations = {(edge.source, edge.relation, edge.target) for edge in site.topology.edges}
    assert ("cryo-delft", Relation.COOLS, "mem-delft") in relations
    assert ("mem-hague", Relation.FEEDS, "link-delft-hague") in relations


def test_the_same_seed_gives_the_same_readings():
    first, second = (list(run(build_world(seed=5)["delft"], minutes=15)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert (one.counts, one.levels, one.happenings, one.stages) == (
            other.counts,
            other.levels,
            other.happenings,
            other.stages,
        )
        for mine, yours in zip(one.samples, other.samples, strict=True):
            assert np.array_equal(mine.values, yours.values)


def test_another_seed_gives_other_readings():
    first, second = (list(run(build_world(seed=seed)["delft"], minutes=2)) for seed in (5, 6))
    assert [reading.counts for reading in first] != [reading.counts for reading in second]


def test_another_step_gives_the_same_law():
    slow = list(run(build_world()["delft"], minutes=20))
    fast = list(run(build_world()["delft"], minutes=20, step_ns=SECOND_NS))
    for metric in (METRIC_MEMORY_FIDELITY, METRIC_LINK_FIDELITY, METRIC_LINK_HERALD_LATENCY):
        assert stats.ks_2samp(values(slow, metric), values(fast, metric)).pvalue > 1e-4
    for metric in (METRIC_MEMORY_WRITES, METRIC_LINK_REQUESTS):
        one, other = total(slow, metric), total(fast, metric)
        assert abs(one - other) < 4 * (one + other) ** 0.5


def test_time_does_not_run_backwards():
    site = build_world()["delft"]
    site.advance(START_NS + MINUTE_NS)
    with pytest.raises(InvalidInputError, match="cannot go back"):
        site.advance(START_NS)


def test_advancing_by_nothing_reads_nothing():
    reading = build_world()["delft"].advance(START_NS)
    assert [*reading.counts, *reading.levels, *reading.samples, *reading.happenings] == []


def test_a_warm_cryostat_breaks_good_retrieval_and_recovers():
    fault = load_faults()[MEMORY_F7]
    injection = Injection(
        fault_id=fault.id,
        entity_id="cryo-delft",
        start_ns=START_NS + 10 * MINUTE_NS,
        end_ns=START_NS + 70 * MINUTE_NS,
        magnitude=fault.typical_magnitude,
    )
    world = build_world(injection)
    readings = list(run(world["delft"], minutes=130))
    shares = [
        (values([r], METRIC_MEMORY_FIDELITY, "mem-delft") > GOOD).sum() / total([r], METRIC_MEMORY_READS)
        for r in readings
    ]
    assert min(shares[:10]) > 0.95
    assert max(shares[20:70]) < 0.02
    assert min(shares[95:]) > 0.95
    elsewhere = list(run(world["hague"], minutes=60))
    assert (values(elsewhere, METRIC_MEMORY_FIDELITY) > GOOD).mean() > 0.99


@pytest.mark.parametrize(("fault_id", "entity"), [(MEMORY_F7, "cryo-delft"), (LINK_F1, "link-delft-local")])
def test_a_fault_drives_its_own_quantities_out_of_their_range(fault_id, entity):
    fault = load_faults()[fault_id]
    injection = Injection(fault_id=fault_id, entity_id=entity, start_ns=START_NS, magnitude=fault.typical_magnitude)
    struck = build_world(injection)["delft"].truth(START_NS + 30 * MINUTE_NS)
    out = {(truth.kind, truth.quantity) for truth in struck if not truth.is_nominal}
    assert {(effect.kind, effect.quantity) for effect in fault.effects} <= out


def test_a_live_injection_strikes_a_running_fleet():
    faults = FaultSchedule()
    site = build_sites(load_fleet(), seed=1, start_ns=START_NS, faults=faults)[0]
    before = list(run(site, minutes=3))
    faults.add(
        Injection(
            fault_id=LINK_F1,
            entity_id="link-delft-local",
            start_ns=START_NS + 3 * MINUTE_NS,
            magnitude=13.0,
        )
    )
    after = list(run(site, minutes=3))
    served = [total(r, METRIC_LINK_REQUESTS, link="link-delft-local", outcome="success") for r in (before, after)]
    assert served[1] < 0.1 * served[0]
