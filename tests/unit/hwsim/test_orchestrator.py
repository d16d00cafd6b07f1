"""Orchestrators: no job is lost, waits are those of queueing theory, and classes, quotas and closures count."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from hwsim import FaultSchedule, SiteSimulation
from hwsim.conditions import Conditions
from hwsim.devices.job_records import QueueLog
from hwsim.devices.processor_preset import OUTAGE
from hwsim.physics.queueing import mean_wait_s, waits_s
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from model.errors import InvalidInputError
from model.names import (
    ATTR_CALIBRATION_ID,
    ATTR_COST_COMPONENT,
    ATTR_JOB_ID,
    METRIC_JOB_COMPLETIONS,
    METRIC_JOB_COST,
    METRIC_JOB_DEVICE_TIME,
    METRIC_JOB_FAILURES,
    METRIC_JOB_REJECTIONS,
    METRIC_JOB_SUBMISSIONS,
    METRIC_JOB_WAIT_DURATION,
    SPAN_JOB,
)
from model.recording import Recording
from tests.unit.hwsim.computing import (
    START_NS,
    blocks_of,
    fleet_of,
    orchestrator,
    orchestrator_of,
    processor,
    site_of,
    struck,
)

ONE_CLASS = ({"id": "acme", "priority": "production", "share": 1, "quota": 10**9},)
PLAIN = {
    "compile_s": 0,
    "cold_start_s": 0,
    "postprocess_s": 0,
    "sdk_mismatch_share": 0,
    "daily_load_share": 0,
    "batch_jobs": 1,
}


def live(site: SiteSimulation, blocks: int) -> Iterator[QueueLog]:
    """Yield the logs of the queue; processors need not live for it, their nature is enough."""
    device = orchestrator_of(site)
    for block in blocks_of(site, blocks):
        yield device.queue.live(block, device._load.arrivals(block))


def one_server(squared_variation: float) -> SiteSimulation:
    """Return a queue with one server that is busy half of the time; a job takes 0.6 s on average."""
    plain = orchestrator(
        "qpu-delft",
        tenants=ONE_CLASS,
        jobs_per_hour=3000,
        execute_s=0.6,
        execute_spread=squared_variation**0.5,
        **PLAIN,
    )
    return site_of(processor(retry_probability=0, calibration_s=0), plain)


def total(recording: Recording, metric: str, *values: str) -> float:
    """Return the sum of a counter over the series that carry all the attribute values."""
    return float(
        sum(
            track.values.sum()
            for track in recording.counts
            if track.metric == metric and set(values) <= {str(value) for _, value in track.attributes}
        )
    )


@pytest.mark.parametrize("squared_variation", [0.0, 1.0, 2.0])
def test_the_mean_wait_is_that_of_pollaczek_and_khinchine(squared_variation: float):
    waits = [
        now_s - run.ticket.job.submitted_s
        for log in live(one_server(squared_variation), 10)
        for now_s, run in log.started
    ]
    expected_s = mean_wait_s(1 / 1.2, 0.6, squared_variation)
    assert np.mean(waits) == pytest.approx(expected_s, rel=0.1)


def test_every_single_wait_is_that_of_lindley():
    started = [entry for log in live(one_server(1.0), 6) for entry in log.started]
    jobs = [run.ticket.job for _, run in started]
    arrivals_s = np.array([job.submitted_s for job in jobs])
    found_s = np.array([now_s for now_s, _ in started]) - arrivals_s
    services_s = np.array([job.execute_s for job in jobs])
    assert found_s == pytest.approx(waits_s(arrivals_s - arrivals_s[0], services_s), abs=1e-4)


def test_the_longest_wait_is_of_the_oldest_job_in_the_queue_and_nobody_waits_in_an_empty_one():
    device, told = orchestrator_of(site := one_server(1.0)), []
    for block in blocks_of(site, 6):
        log = device.queue.live(block, device._load.arrivals(block))
        told += [
            (depths["production"], waits["production"]) for depths, waits in zip(log.depths, log.waits_s, strict=True)
        ]
        oldest_s = min((t.job.submitted_s for t in device.queue.waiting["production"]), default=None)
        assert told[-1][1] == (0 if oldest_s is None else block.end_ns / SECOND_NS - oldest_s)
    assert {depth > 0 for depth, wait in told if wait > 0} == {True}
    assert {wait for depth, wait in told if depth == 0} == {0}


@pytest.mark.parametrize("seed", range(4))
def test_no_job_is_lost_or_counted_twice(seed: int):
    faults = (
        struck("scaleup.F2", "orch-delft", 20, after_s=3600, lasting_s=3600),
        *(struck("scaleup.F3", name, 1.0, lasting_s=3600) for name in ("qpu-delft", "qpu-spare")),
    )
    hurried = orchestrator("qpu-delft", "qpu-spare", interactive_timeout_s=300, retry_wait_s=20)
    site = site_of(processor(), processor("qpu-spare"), hurried, seed=seed, faults=faults)
    logs = list(live(site, 24))
    queue = orchestrator_of(site).queue
    ended = sum(len(log.ended) for log in logs)
    rejected = sum(len(log.rejected) for log in logs)
    assert {reason for log in logs for _, _, _, reason in log.ended} >= {"", "hardware", "timeout"}
    assert sum(len(log.submitted) for log in logs) == ended + rejected + sum(queue.in_system.values())
    held = sum(map(len, queue.waiting.values())) + sum(run is not None for run in queue.running)
    assert held <= sum(queue.in_system.values())  # the rest waits for a retry or is being postprocessed


def test_telemetry_does_not_depend_on_the_step():
    fine, coarse = (
        site_of(processor(), orchestrator("qpu-delft")).record(START_NS + 6 * HOUR_NS, step_ns)
        for step_ns in (MINUTE_NS, HOUR_NS)
    )
    assert [track.values.sum() for track in fine.counts] == pytest.approx([t.values.sum() for t in coarse.counts])
    assert [track.values.tolist() for track in fine.samples] == [track.values.tolist() for track in coarse.samples]
    assert fine.stages == coarse.stages


@pytest.mark.parametrize(
    "tell",
    [
        pytest.param(SiteSimulation.advance, id="live"),
        pytest.param(lambda site, until_ns: site.record(until_ns, DAY_NS).readings(), id="recorded"),
    ],
)
def test_a_fault_that_is_injected_between_two_calls_changes_all_that_comes_after_it_and_nothing_else(tell):
    """The site lives through the block again from its start, with the queue as it was."""
    calm, struck_live = (site_of(processor(), orchestrator("qpu-delft", jobs_per_hour=200)) for _ in range(2))
    first, then = START_NS + 25 * MINUTE_NS, START_NS + 40 * MINUTE_NS
    before = [tell(site, first) for site in (calm, struck_live)]
    struck_live._world.conditions.schedule.add(struck("scaleup.F2", "orch-delft", 20.0, after_s=25 * 60))
    after = [tell(site, then) for site in (calm, struck_live)]
    submitted = [
        [sum(count.value for count in each.counts if count.metric == METRIC_JOB_SUBMISSIONS) for each in readings]
        for readings in (before, after)
    ]
    assert submitted[0][0] == submitted[0][1]
    assert submitted[1][1] > 5 * submitted[1][0]


def test_urgent_jobs_wait_less():
    site = site_of(processor(), orchestrator("qpu-delft", jobs_per_hour=90))
    recording = site.record(START_NS + 18 * HOUR_NS, HOUR_NS)
    waits = [track for track in recording.samples if track.metric == METRIC_JOB_WAIT_DURATION]
    mean = {dict(track.attributes)["quantum.job.priority"]: track.values.mean() for track in waits}
    assert mean["interactive"] < mean["production"] < mean["background"]


def test_interactive_jobs_displace_background_jobs_only():
    site = site_of(processor(), orchestrator("qpu-delft", jobs_per_hour=90))
    displaced = Counter(run.ticket.job.tenant.priority for log in live(site, 72) for _, run in log.displaced)
    assert set(displaced) == {"background"}


def test_half_of_the_interactive_jobs_start_within_five_minutes_in_nominal_life():
    site = site_of(processor(), processor("qpu-spare"), orchestrator("qpu-delft", "qpu-spare"))
    recording = site.record(START_NS + DAY_NS, HOUR_NS)
    (waits,) = (
        track
        for track in recording.samples
        if track.metric == METRIC_JOB_WAIT_DURATION and ("quantum.job.priority", "interactive") in track.attributes
    )
    assert np.median(waits.values) < 300
    done = total(recording, METRIC_JOB_COMPLETIONS)
    assert total(recording, METRIC_JOB_COMPLETIONS, "success") / done > 0.98


def test_a_tenant_has_no_more_jobs_in_the_system_than_its_quota():
    tenants = ({"id": "acme", "priority": "production", "share": 1, "quota": 3},)
    site = site_of(processor(), orchestrator("qpu-delft", tenants=tenants, jobs_per_hour=1000))
    recording = site.record(START_NS + 2 * HOUR_NS, HOUR_NS)
    assert orchestrator_of(site).queue.in_system["acme"] <= 3
    rejected = total(recording, METRIC_JOB_REJECTIONS)
    assert rejected > 100
    assert rejected < total(recording, METRIC_JOB_SUBMISSIONS)


def test_nobody_else_runs_on_a_reserved_backend():
    hours = {"tenant": "acme", "backend": "qpu-delft", "from_hour": 6, "hours": 2}
    site = site_of(processor(), orchestrator("qpu-delft", reservations=[hours], jobs_per_hour=120))
    recording = site.record(START_NS + 2 * HOUR_NS, HOUR_NS)
    assert total(recording, METRIC_JOB_DEVICE_TIME, "acme") > 0
    assert total(recording, METRIC_JOB_DEVICE_TIME) == total(recording, METRIC_JOB_DEVICE_TIME, "acme")


def test_no_job_starts_while_its_backend_is_calibrated():
    site = site_of(processor(), orchestrator("qpu-delft"))
    hours = orchestrator_of(site).queue._backends[0]._nature.hours
    ((finished_ns, took_s),) = hours.calibrations(START_NS, START_NS + DAY_NS)
    begin_s, end_s = finished_ns / SECOND_NS - took_s, finished_ns / SECOND_NS
    starts_s = np.array([now_s for log in live(site, 144) for now_s, _ in log.started])
    assert not ((starts_s > begin_s) & (starts_s < end_s)).any()
    assert ((starts_s >= end_s) & (starts_s < end_s + 120)).any()


class Outage(Conditions):
    """No processor is up from 700 s to 1900 s after the start; no shipped fault does that."""

    def disturbed(self, entity_id: str, parameter: str, start_ns: int, end_ns: int) -> bool:
        del entity_id, start_ns, end_ns
        return parameter == OUTAGE

    def values(
        self, entity_id: str, parameter: str, nominal: float, times_ns: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        del entity_id, parameter, nominal
        since_s = (times_ns - START_NS) / SECOND_NS
        return ((since_s > 700) & (since_s <= 1900)).astype(np.float64)


def test_an_outage_ends_what_runs_and_lets_nothing_start():
    site = site_of(processor(), orchestrator("qpu-delft", jobs_per_hour=300))
    orchestrator_of(site).queue._backends[0]._nature.hours._conditions = Outage(FaultSchedule())
    logs = list(live(site, 6))
    starts_s = np.array([now_s for log in logs for now_s, _ in log.started]) - START_NS / SECOND_NS
    assert not ((starts_s > 700) & (starts_s < 1900)).any()
    assert ((starts_s >= 1900) & (starts_s < 1960)).any()
    assert 700 in [round(now_s - START_NS / SECOND_NS) for log in logs for now_s, _ in log.retried]


def test_workloads_fail_their_validation_when_gate_errors_jump():
    fault = struck("scaleup.B1", "qpu-delft", 10.0)
    site = site_of(processor(), orchestrator("qpu-delft"), faults=(fault,))
    recording = site.record(START_NS + 6 * HOUR_NS, HOUR_NS)
    assert total(recording, METRIC_JOB_FAILURES, "quality") > total(recording, METRIC_JOB_COMPLETIONS) / 2


def test_the_bill_is_device_time_and_a_share_of_cooling_and_preprocessing():
    site = site_of(processor(), orchestrator("qpu-delft", tenants=ONE_CLASS, **(PLAIN | {"compile_s": 2})))
    recording = site.record(START_NS + 6 * HOUR_NS, HOUR_NS)
    dollars = {
        dict(track.attributes)[ATTR_COST_COMPONENT]: track.values
        for track in recording.samples
        if track.metric == METRIC_JOB_COST
    }
    held_s = dollars["device"] / 1.6 + dollars["preprocessing"] / 2.8e-5
    assert dollars["cryogenics"] == pytest.approx(held_s * 15_000 * 5.6e-8)


def test_a_failed_job_is_traced_before_any_other_with_all_its_stages():
    site = site_of(processor(), orchestrator("qpu-delft", sdk_mismatch_share=0.2, keep_warm_s=0))
    stages = site.record(START_NS + 6 * HOUR_NS, HOUR_NS).stages
    roots = [stage for stage in stages if stage.name == SPAN_JOB]
    assert len(roots) <= 36
    assert sum(stage.failed for stage in roots) > len(roots) / 2
    assert {stage.name for stage in stages} == {SPAN_JOB, "queue", "compile", "cold_start", "execute", "postprocess"}
    for stage in stages:
        assert stage.told_ns is not None
        assert stage.start_ns <= stage.end_ns <= stage.told_ns
        assert {ATTR_JOB_ID, ATTR_CALIBRATION_ID} <= set(dict(stage.attributes))


def test_job_ids_stand_on_spans_only():
    recording = site_of(processor(), orchestrator("qpu-delft")).record(START_NS + 2 * HOUR_NS, HOUR_NS)
    tracks = (recording.counts, recording.levels, recording.samples)
    assert not {ATTR_JOB_ID} & {key for each in tracks for track in each for key, _ in track.attributes}


def test_all_that_is_wrong_with_an_orchestrator_is_reported_together():
    wrong = orchestrator(
        "qpu-nowhere",
        tenants=[{"id": "acme", "priority": "vip", "share": -1}],
        reservations=[{"tenant": "nobody", "backend": "qpu-other", "from_hour": 30, "hours": 1}],
    )
    with pytest.raises(InvalidInputError) as caught:
        fleet_of(wrong)
    for offence in ("priority", "share", "nobody", "qpu-other", "from_hour", "qpu-nowhere"):
        assert offence in str(caught.value)
