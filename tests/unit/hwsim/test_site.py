"""Whole sites: the contract with the exporters, determinism, step independence, faults, a nominal day."""

import gc
import weakref
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from exporters.encode import encode_metrics
from hwsim import (
    LINK_F1,
    MEMORY_F7,
    FaultSchedule,
    Injection,
    SiteSimulation,
    TruthTrack,
    build_sites,
    load_faults,
    load_fleet,
)
from hwsim.block import BLOCK_NS, Block
from hwsim.conditions import Conditions
from model.attributes import Attributes
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from model.errors import InvalidInputError
from model.names import (
    ATTR_CALIBRATION_ID,
    ATTR_DEVICE_ID,
    ATTR_LINK_ID,
    EVENT_CALIBRATION,
    EVENT_CALIBRATION_START,
    EVENT_FIRMWARE_CHANGE,
    METRIC_LINK_FIDELITY,
    METRIC_LINK_HERALD_LATENCY,
    METRIC_LINK_HERALDS,
    METRIC_LINK_REQUESTS,
    METRIC_MEMORY_FIDELITY,
    METRIC_MEMORY_READS,
    METRIC_MEMORY_WRITES,
    calibrated_of,
    error_of,
    samples_of,
)
from model.readings import Readings
from model.recording import Recording
from model.registry import load_registry
from model.topology import TENANT, Relation
from tests.unit.hwsim.computing import orchestrator, processor, site_of
from tests.unit.hwsim.worlds import START_NS, build_world, run, total, values

GOOD = 0.9
Float64s = NDArray[np.float64]
Series = tuple[str, Attributes]


@dataclass(frozen=True, kw_only=True)
class Day:
    """One undisturbed day of a site: minute by minute, all of it as one reading, and what was really so."""

    minutes: Recording
    whole: Readings
    truths: list[TruthTrack]


@pytest.fixture(scope="module")
def nominal_day() -> dict[str, Day]:
    """Return one undisturbed day, per site."""
    return {name: live_a_day(site) for name, site in build_world().items()}


def live_a_day(site: SiteSimulation) -> Day:
    minutes = site.record(START_NS + DAY_NS, MINUTE_NS)
    return Day(minutes=minutes, whole=readings_of(minutes), truths=site.truths())


def readings_of(recording: Recording) -> Readings:
    """Return a recording as one reading: counters summed up, samples one after the other."""
    first = np.zeros(1, dtype=np.int64)
    counts = [replace(track, cells=first, values=track.values.sum(keepdims=True)) for track in recording.counts]
    samples = [replace(track, cells=first, splits=track.splits[[0, -1]]) for track in recording.samples]
    edges_ns = recording.edges_ns[[0, -1]]
    return replace(recording, edges_ns=edges_ns, counts=counts, samples=samples).readings()


def test_every_reading_obeys_the_registry(nominal_day):
    registry = load_registry()
    reading = nominal_day["delft"].whole
    for item in (*reading.counts, *reading.levels, *reading.samples):
        allowed = set(registry.metrics[item.metric].attributes)
        assert {key for key, _ in item.attributes} <= allowed
        assert tuple(sorted(item.attributes)) == item.attributes


@pytest.mark.parametrize("device", ["mem-delft", "mem-hague"])
def test_memory_meets_its_objectives_on_a_nominal_day(nominal_day, device):
    readings = [nominal_day[device.removeprefix("mem-")].whole]
    writes, reads = (total(readings, m, device=device) for m in (METRIC_MEMORY_WRITES, METRIC_MEMORY_READS))
    fidelity = values(readings, METRIC_MEMORY_FIDELITY, device)
    assert total(readings, METRIC_MEMORY_WRITES, device=device, outcome="success") / writes > 0.997
    assert total(readings, METRIC_MEMORY_READS, device=device, outcome="success") / reads > 0.997
    assert (fidelity > GOOD).sum() / reads > 0.997
    assert fidelity.mean() > 0.97


@pytest.mark.parametrize("link", ["link-delft-hague", "link-delft-local"])
def test_links_meet_their_objectives_on_a_nominal_day(nominal_day, link):
    readings, minutes = [nominal_day["delft"].whole], nominal_day["delft"].minutes
    served = total(readings, METRIC_LINK_REQUESTS, link=link, outcome="success")
    assert served / total(readings, METRIC_LINK_REQUESTS, link=link) > 0.99
    assert values(readings, METRIC_LINK_FIDELITY, link).mean() > 0.925
    assert (values(readings, METRIC_LINK_HERALD_LATENCY, link) < 0.01).mean() > 0.998
    (fidelity,) = (t for t in minutes.samples if series(t) == (METRIC_LINK_FIDELITY, ((ATTR_LINK_ID, link),)))
    assert len(fidelity.cells) == DAY_NS // MINUTE_NS
    assert np.add.reduceat(fidelity.values > 0.85, fidelity.splits[:-1]).min() > 2.5 * 100


@pytest.mark.parametrize("site", ["delft", "hague"])
def test_ground_truth_is_nominal_all_day(nominal_day, site):
    assert [t.quantity for t in nominal_day[site].truths if len(t.abnormal_ns())] == []


def test_calibrations_are_daily_and_changes_weekly(nominal_day):
    events = [event for day in nominal_day.values() for event in day.whole.happenings]
    calibrated = Counter(dict(e.attributes)[ATTR_CALIBRATION_ID] for e in events if e.event == EVENT_CALIBRATION)
    changes = Counter(e.attributes for e in events if e.event == EVENT_FIRMWARE_CHANGE)
    assert set(calibrated.values()) == set(changes.values()) == {1}


def test_a_calibration_begins_before_it_is_in_force(nominal_day):
    events = sorted((e for day in nominal_day.values() for e in day.whole.happenings), key=lambda e: e.time_ns)
    told: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for event in events:
        if event.event in (EVENT_CALIBRATION_START, EVENT_CALIBRATION):
            told[dict(event.attributes).get(ATTR_DEVICE_ID, "")].append((event.event, event.time_ns))
    begin, end = told["mem-delft"]
    assert (begin[0], end[0]) == (EVENT_CALIBRATION_START, EVENT_CALIBRATION)
    assert end[1] - begin[1] == 10 * MINUTE_NS


def test_events_carry_what_the_registry_asks_for(nominal_day):
    registry = load_registry()
    reading = nominal_day["delft"].whole
    for event in reading.happenings:
        assert {key for key, _ in event.attributes} <= set(registry.events[event.event].attributes)
        assert reading.start_ns < event.time_ns <= reading.end_ns


def test_the_topology_names_what_cools_surrounds_and_feeds():
    site = build_world()["delft"]
    relations = {(edge.source, edge.relation, edge.target) for edge in site.topology.edges}
    assert ("cryo-delft", Relation.COOLS, "mem-delft") in relations
    assert ("env-delft", Relation.SURROUNDS, "mem-delft") in relations
    assert ("mem-hague", Relation.FEEDS, "link-delft-hague") in relations


def test_the_topology_names_whom_an_orchestrator_serves():
    topology = site_of(processor(), orchestrator("qpu-delft")).topology
    served = {
        edge.target for edge in topology.edges if (edge.source, edge.relation) == ("orch-delft", Relation.SERVES)
    }
    assert served == {entity.id for entity in topology.entities if entity.kind == TENANT} == {"acme", "lab", "campus"}


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


def test_every_block_entity_and_purpose_has_chance_of_its_own():
    """Else blocks would repeat, and like devices do the same."""
    conditions = Conditions(FaultSchedule())

    def draw(seed: int, number: int, entity: str, purpose: str) -> float:
        return float(Block(number, seed=seed, conditions=conditions).rng(entity, purpose).random())

    alike = draw(1, 500_000, "link-a", "pairs")
    assert draw(1, 500_000, "link-a", "pairs") == alike
    others = [(2, 500_000, "link-a", "pairs"), (1, 500_001, "link-a", "pairs"), (1, 500_000, "link-b", "pairs")]
    others += [(1, 500_000, "link-a", "attempts")]
    assert len({alike, *(draw(*other) for other in others)}) == 5


def test_another_seed_gives_other_readings():
    first, second = (list(run(build_world(seed=seed)["delft"], minutes=2)) for seed in (5, 6))
    assert [reading.counts for reading in first] != [reading.counts for reading in second]


def test_another_step_tells_the_same_events():
    """Whatever the step, the counts of a minute add up to the same, and so do the samples, one by one."""
    world, twin = build_world(), build_world()
    for name, site in world.items():
        coarse = site.record(START_NS + 12 * MINUTE_NS, MINUTE_NS)
        fine = list(run(twin[name], minutes=12, step_ns=SECOND_NS))
        counted, sampled = defaultdict[Series, float](float), defaultdict[Series, list[Float64s]](list)
        for reading in fine:
            for count in reading.counts:
                counted[series(count)] += count.value
            for samples in reading.samples:
                sampled[series(samples)].append(samples.values)
        assert {series(track): track.values.sum() for track in coarse.counts} == pytest.approx(counted, rel=1e-12)
        assert {series(track) for track in coarse.samples} == set(sampled)
        for track in coarse.samples:
            assert np.array_equal(track.values, np.concatenate(sampled[series(track)]))
        assert coarse.happenings == [h for reading in fine for h in reading.happenings]
        assert sorted(coarse.stages, key=repr) == sorted((s for reading in fine for s in reading.stages), key=repr)
        levels = [level for reading in fine for level in reading.levels]
        told = Counter((series(level), level.measured_at_ns, level.value) for level in levels)
        assert told == Counter(
            (series(track), time_ns, value)
            for track in coarse.levels
            for time_ns, value in zip(track.times_ns.tolist(), track.values.tolist(), strict=True)
        )


def test_devices_of_a_site_do_not_depend_on_the_order_in_which_they_live():
    fleet = load_fleet()
    turned = replace(fleet, devices=tuple(reversed(fleet.devices)))
    sites = zip(
        *(build_sites(each, seed=5, start_ns=START_NS, faults=FaultSchedule()) for each in (fleet, turned)),
        strict=True,
    )
    for pair in sites:
        one, other = (site.record(START_NS + 2 * HOUR_NS, MINUTE_NS) for site in pair)
        for tracks in ("counts", "levels", "samples"):
            values, turned_values = (
                {series(track): track.values.tolist() for track in getattr(recording, tracks)}
                for recording in (one, other)
            )
            assert values == turned_values
        assert {*map(repr, one.happenings), *map(repr, one.stages)} == {
            *map(repr, other.happenings),
            *map(repr, other.stages),
        }


def test_every_estimate_says_how_sure_it_is_when_it_was_measured_and_under_which_calibration():
    metrics = load_registry().metrics
    estimates = {name for name in metrics if error_of(name) in metrics}
    seen = set()
    for site in build_world().values():
        recording = site.record(START_NS + 25 * HOUR_NS, HOUR_NS)
        levels = {series(track): track for track in recording.levels}
        for (name, about), track in levels.items():
            assert (name in estimates) == ((error_of(name), about) in levels)
            if name in estimates:
                seen.add(name)
                error, samples, calibrated = (levels[of(name), about] for of in (error_of, samples_of, calibrated_of))
                for companion in (error, samples, calibrated):
                    assert companion.times_ns.tolist() == track.times_ns.tolist()
                assert (error.values > 0).all()
                assert (samples.values >= 1).all()
                assert (calibrated.values <= track.times_ns / SECOND_NS).all()
    assert len(seen) > 15


def test_a_site_alone_says_what_it_says_among_others():
    alone, among = build_world()["hague"], build_world()
    among["delft"].record(START_NS + 60 * MINUTE_NS, MINUTE_NS)
    one, other = (site.record(START_NS + 60 * MINUTE_NS, MINUTE_NS) for site in (alone, among["hague"]))
    assert encode_metrics([one]) == encode_metrics([other])


def series(track: Any) -> Series:
    return track.metric, track.attributes


def test_time_does_not_run_backwards():
    site = build_world()["delft"]
    site.advance(START_NS + MINUTE_NS)
    with pytest.raises(InvalidInputError, match="cannot go back"):
        site.advance(START_NS)


def test_advancing_by_nothing_reads_nothing():
    reading = build_world()["delft"].advance(START_NS)
    assert [*reading.counts, *reading.levels, *reading.samples, *reading.happenings] == []


def test_what_was_told_of_a_block_goes_with_it():
    """A block that held itself by a ring of references would stay until the next collection: megabytes each."""
    site = build_world()["delft"]
    gc.disable()
    try:
        site.record(START_NS + BLOCK_NS, MINUTE_NS)
        past = weakref.ref(site._block)
        site.record(START_NS + 3 * BLOCK_NS, MINUTE_NS)
        assert past() is None
    finally:
        gc.enable()


def test_a_warm_cryostat_breaks_good_retrieval_and_recovers():
    fault = load_faults()[MEMORY_F7]
    injection = Injection(
        fault_id=fault.id,
        entity_id="cryo-delft",
        start_ns=START_NS + 10 * MINUTE_NS,
        end_ns=START_NS + 70 * MINUTE_NS,
        magnitude=fault.magnitude.typical,
    )
    world = build_world(injection)
    readings = list(run(world["delft"], minutes=130))
    shares = [good_share(part) for part in (readings[:10], readings[25:70], readings[100:])]
    assert shares[0] > 0.95
    assert shares[1] < 0.02
    assert shares[2] > 0.95
    elsewhere = list(run(world["hague"], minutes=60))
    assert (values(elsewhere, METRIC_MEMORY_FIDELITY) > GOOD).mean() > 0.99


def good_share(readings: list[Readings]) -> float:
    good = (values(readings, METRIC_MEMORY_FIDELITY, "mem-delft") > GOOD).sum()
    return int(good) / total(readings, METRIC_MEMORY_READS)


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
    heralds = [total(r, METRIC_LINK_HERALDS, link="link-delft-local") for r in (before, after)]
    assert heralds[1] < 0.1 * heralds[0]
