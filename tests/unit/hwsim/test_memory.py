"""A memory bank under load."""

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from hwsim.devices.memory.preset import MemoryPreset
from hwsim.documents import Reader
from hwsim.fleet import load_fleet, read_fleet
from hwsim.merged import Series
from hwsim.preset import load_preset
from hwsim.schedule import FaultSchedule, Injection
from hwsim.site import SiteSimulation, build_sites
from model.attributes import Attributes
from model.clock import HOUR_NS, MINUTE_NS, SECOND_NS
from model.errors import InvalidInputError
from model.names import (
    ATTR_DECAY_CURVE,
    ATTR_SLOT_ID,
    ATTR_TOMOGRAPHY_FIDELITY,
    ATTR_TOMOGRAPHY_MATRIX,
    ATTR_TOMOGRAPHY_SAMPLES,
    EVENT_MEMORY_DECAY,
    EVENT_MEMORY_TOMOGRAPHY,
    METRIC_MEMORY_CONTROL_SHIFT,
    METRIC_MEMORY_EFFICIENCY,
    METRIC_MEMORY_FIDELITY,
    METRIC_MEMORY_HOLD_DURATION,
    METRIC_MEMORY_HOLD_TIME,
    METRIC_MEMORY_HOLDS,
    METRIC_MEMORY_LEASE_DURATION,
    METRIC_MEMORY_LEASE_WAIT_DURATION,
    METRIC_MEMORY_LEASES,
    METRIC_MEMORY_QUEUE_DEPTH,
    METRIC_MEMORY_READOUTS,
    METRIC_MEMORY_READS,
    METRIC_MEMORY_REJECTS,
    METRIC_MEMORY_RETRIEVAL_DURATION,
    METRIC_MEMORY_SLOT_LIMIT,
    METRIC_MEMORY_SLOT_USAGE,
    METRIC_MEMORY_T1,
    METRIC_MEMORY_T2,
    METRIC_MEMORY_TRANSDUCER_PHOTONS,
    METRIC_MEMORY_WRITES,
    SPAN_MEMORY_JOB,
    error_of,
    samples_of,
)
from model.recording import Recording
from model.registry import load_registry
from tests.unit.hwsim.worlds import START_NS

FLEET = Path(__file__).parent / "fleets" / "memory.yaml"
NOON_NS = START_NS // (24 * HOUR_NS) * 24 * HOUR_NS + 12 * HOUR_NS


def build_hague(*injections: Injection, start_ns: int = NOON_NS) -> SiteSimulation:
    return build_sites(load_fleet(FLEET), seed=7, start_ns=start_ns, faults=FaultSchedule(injections))[1]


def build_bank(preset: str, **more) -> SiteSimulation:
    bank = {"kind": "memory", "id": "mem", "preset": preset, "slots": 4, "jobs_per_s": 2.0, "controlled_by": "ctl"}
    devices = [{"kind": "controller", "id": "ctl"}, bank | more]
    reader = Reader({"sites": [{"id": "lab", "devices": devices}]}, place="here")
    fleet = read_fleet(reader)
    reader.finish()
    return build_sites(fleet, seed=5, start_ns=NOON_NS, faults=FaultSchedule())[0]


def fits(attributes: Attributes, wanted: set[str]) -> bool:
    return wanted <= {str(value) for _, value in attributes}


def total(recording: Recording, metric: str, *wanted: str) -> float:
    return float(
        sum(t.values.sum() for t in recording.counts if t.metric == metric and fits(t.attributes, set(wanted)))
    )


def per_cell(recording: Recording, metric: str, *wanted: str):
    tracks = [t for t in recording.counts if t.metric == metric and fits(t.attributes, set(wanted))]
    return np.sum([track.values for track in tracks], axis=0)


def samples(recording: Recording, metric: str):
    return np.concatenate([t.values for t in recording.samples if t.metric == metric])


def levels(recording: Recording, metric: str):
    return np.concatenate([t.values for t in recording.levels if t.metric == metric])


@pytest.fixture(scope="module")
def site():
    return build_hague()


@pytest.fixture(scope="module")
def six_hours(site):
    """Return the recording of six ordinary hours, minute by minute."""
    return site.record(NOON_NS + 6 * HOUR_NS, MINUTE_NS)


def truth(site: SiteSimulation, quantity: str):
    return next(track.values for track in site.truths() if (track.entity, track.quantity) == ("mem-hague", quantity))


def test_requests_arrive_as_a_poisson_process_that_follows_the_day(six_hours):
    minute = NOON_NS + MINUTE_NS * (np.arange(360) + 0.5)
    rate_hz = 2.0 * (1 - 0.2 * np.sin(2 * np.pi * (minute % (24 * HOUR_NS)) / (24 * HOUR_NS)))
    counts = per_cell(six_hours, METRIC_MEMORY_TRANSDUCER_PHOTONS)
    statistic = ((counts - 60 * rate_hz) ** 2 / (60 * rate_hz)).sum()
    assert 1e-4 < stats.chi2.sf(statistic, len(counts)) < 1 - 1e-4


@pytest.mark.parametrize(
    ("metric", "bad", "chance"),
    [
        (METRIC_MEMORY_TRANSDUCER_PHOTONS, "failure", 0.43),
        (METRIC_MEMORY_WRITES, "failure", 0.0015),
        (METRIC_MEMORY_READS, "failure", 0.0015),
        (METRIC_MEMORY_LEASES, "timeout", 1e-4),
        (METRIC_MEMORY_HOLDS, "timeout", 0.0),
    ],
)
def test_outcomes_are_binomial(six_hours, metric, bad, chance):
    failed, all_ = int(total(six_hours, metric, bad)), int(total(six_hours, metric))
    assert stats.binomtest(failed, all_, chance).pvalue > 1e-4


def test_what_goes_in_comes_out_is_rejected_or_is_still_there(six_hours):
    entered = total(six_hours, METRIC_MEMORY_TRANSDUCER_PHOTONS, "success")
    writes, rejects = total(six_hours, METRIC_MEMORY_WRITES), total(six_hours, METRIC_MEMORY_REJECTS)
    stored = total(six_hours, METRIC_MEMORY_WRITES, "success")
    assert 0 <= entered - writes - rejects <= 20
    assert 0 <= stored - total(six_hours, METRIC_MEMORY_READS) <= 4
    assert total(six_hours, METRIC_MEMORY_HOLDS) == total(six_hours, METRIC_MEMORY_READS)
    assert 0 <= writes - total(six_hours, METRIC_MEMORY_LEASES) <= 4


def test_each_successful_read_has_its_fidelity_hold_and_latency(six_hours):
    good = total(six_hours, METRIC_MEMORY_READS, "success")
    for metric in (METRIC_MEMORY_FIDELITY, METRIC_MEMORY_HOLD_DURATION, METRIC_MEMORY_RETRIEVAL_DURATION):
        assert len(samples(six_hours, metric)) == good


def test_holds_are_gamma_distributed_waits_for_the_partner_and_a_control_message(six_hours):
    latency_s = samples(six_hours, METRIC_MEMORY_RETRIEVAL_DURATION)
    waits_s = samples(six_hours, METRIC_MEMORY_HOLD_DURATION) - (latency_s - 0.0015)
    assert stats.kstest(waits_s, stats.gamma(2.0, scale=0.002).cdf).pvalue > 1e-4


def test_leased_time_is_metered_once(six_hours):
    leased_s = samples(six_hours, METRIC_MEMORY_LEASE_DURATION).sum()
    assert total(six_hours, METRIC_MEMORY_HOLD_TIME) == pytest.approx(leased_s)
    acme_s = total(six_hours, METRIC_MEMORY_HOLD_TIME, "acme")
    assert acme_s / leased_s == pytest.approx(0.5, abs=0.05)


def test_a_light_load_hardly_waits_and_is_never_rejected(six_hours):
    assert total(six_hours, METRIC_MEMORY_REJECTS) == 0
    assert np.mean(samples(six_hours, METRIC_MEMORY_LEASE_WAIT_DURATION) > 0) < 0.02


def test_slots_in_use_follow_littles_law(six_hours):
    usage = levels(six_hours, METRIC_MEMORY_SLOT_USAGE)
    assert set(levels(six_hours, METRIC_MEMORY_SLOT_LIMIT)) == {4}
    assert 0 <= usage.min() <= usage.max() <= 4
    expected = samples(six_hours, METRIC_MEMORY_LEASE_DURATION).sum() / (6 * 3600)
    assert usage.mean() == pytest.approx(expected, abs=5 * usage.std() / np.sqrt(len(usage)))
    assert levels(six_hours, METRIC_MEMORY_QUEUE_DEPTH).min() >= 0


@pytest.mark.parametrize(("metric", "every"), [(METRIC_MEMORY_T2, 1), (METRIC_MEMORY_T1, 6)])
def test_lifetimes_are_measured_on_every_slot_with_error_and_samples(six_hours, metric, every):
    names = (metric, error_of(metric), samples_of(metric))
    tracks = {name: [t for t in six_hours.levels if t.metric == name] for name in names}
    assert {len(found) for found in tracks.values()} == {4}
    for track in tracks[metric]:
        assert np.diff(track.times_ns).tolist() == [every * 10 * MINUTE_NS] * (36 // every - 1)
    assert all((track.values > 0).all() for found in tracks.values() for track in found)


def test_measured_lifetimes_agree_with_the_truth(site, six_hours):
    assert levels(six_hours, METRIC_MEMORY_T2).mean() == pytest.approx(truth(site, "t2_s").mean(), rel=0.02)


def test_the_measured_control_shift_is_the_true_one_within_its_errors(site, six_hours):
    track = next(t for t in six_hours.levels if t.metric == METRIC_MEMORY_CONTROL_SHIFT)
    errors = levels(six_hours, error_of(METRIC_MEMORY_CONTROL_SHIFT))
    true_rad = truth(site, "control_shift_rad")[(track.times_ns - NOON_NS) // SECOND_NS - 1]
    pulls = (track.values - true_rad) / errors
    assert stats.chi2.sf((pulls**2).sum(), len(pulls)) > 1e-4


def test_the_promised_share_of_good_retrievals_is_what_reads_show(site, six_hours):
    promised = truth(site, "good_retrieval_probability").mean()
    good = int((samples(six_hours, METRIC_MEMORY_FIDELITY) > 0.9).sum())
    assert stats.binomtest(good, int(total(six_hours, METRIC_MEMORY_READS)), promised).pvalue > 1e-4


def test_wrong_readouts_are_as_frequent_as_fidelity_and_readout_say(six_hours):
    fidelity = samples(six_hours, METRIC_MEMORY_FIDELITY).mean()
    wrong, all_ = total(six_hours, METRIC_MEMORY_READOUTS, "failure"), total(six_hours, METRIC_MEMORY_READOUTS)
    assert stats.binomtest(int(wrong), int(all_), 0.5 - (fidelity - 0.5) * (1 - 2 * 0.002)).pvalue > 1e-4


def test_a_nominal_bank_meets_the_shipped_objectives(six_hours):
    reads, fidelity = total(six_hours, METRIC_MEMORY_READS), samples(six_hours, METRIC_MEMORY_FIDELITY)
    assert total(six_hours, METRIC_MEMORY_WRITES, "success") / total(six_hours, METRIC_MEMORY_WRITES) > 0.997
    assert total(six_hours, METRIC_MEMORY_READS, "success") / reads > 0.997
    assert (fidelity > 0.9).sum() / reads > 0.997
    tracks = [track for track in six_hours.samples if track.metric == METRIC_MEMORY_FIDELITY]
    minutes = np.concatenate([np.repeat(track.cells, np.diff(track.splits)) for track in tracks])
    sums = np.bincount(minutes, weights=np.concatenate([track.values for track in tracks]))
    assert (sums / np.bincount(minutes)).min() > 0.95


def test_silence_and_zero_differ(six_hours):
    for track in six_hours.counts:
        assert track.cells.tolist() == list(range(360))


def test_a_bank_speaks_of_every_metric_of_its_domain_as_the_registry_has_it(six_hours):
    registry = load_registry()
    noise = {m for m in registry.metrics if m.startswith("quantum.memory.noise")}
    tracks = [*six_hours.counts, *six_hours.levels, *six_hours.samples]
    spoken = {track.metric for track in tracks if track.metric.startswith("quantum.memory")}
    assert spoken == {m for m in registry.metrics if m.startswith("quantum.memory")} - noise
    for track in tracks:
        assert {key for key, _ in track.attributes} <= set(registry.metrics[track.metric].attributes)


def test_a_density_matrix_an_hour_is_kept_whole(six_hours):
    snapshots = [dict(h.attributes) for h in six_hours.happenings if h.event == EVENT_MEMORY_TOMOGRAPHY]
    assert len(snapshots) == 6
    assert {snapshot[ATTR_SLOT_ID] for snapshot in snapshots} == {f"slot-{n}" for n in range(4)}
    for snapshot in snapshots:
        matrix = np.array(json.loads(str(snapshot[ATTR_TOMOGRAPHY_MATRIX]))) @ [1, 1j]
        assert np.trace(matrix) == pytest.approx(1, abs=1e-5)
        assert matrix == pytest.approx(matrix.conj().T)
        assert np.linalg.eigvalsh(matrix).min() > -1e-5
        assert 0.9 < float(snapshot[ATTR_TOMOGRAPHY_FIDELITY]) <= 1
        assert snapshot[ATTR_TOMOGRAPHY_SAMPLES] == 3000


def test_the_echo_curve_behind_a_coherence_time_is_kept(six_hours):
    told = [dict(h.attributes) for h in six_hours.happenings if h.event == EVENT_MEMORY_DECAY]
    curves = [json.loads(str(each[ATTR_DECAY_CURVE])) for each in told]
    assert len(curves) == 6
    for curve in curves:
        assert curve["delays_s"][0] == 0
        assert curve["survival"][0] > curve["survival"][-1]
        assert len(curve["survival"]) == len(curve["shots"]) == len(curve["delays_s"])


def test_traces_are_sampled_and_whole(six_hours):
    roots = {stage.trace: stage for stage in six_hours.stages if stage.parent is None}
    assert len(roots) == 72
    for trace, root in roots.items():
        children = [s for s in six_hours.stages if s.trace == trace and s.parent == SPAN_MEMORY_JOB]
        assert [child.name for child in children] in (["queue", "write", "hold", "read"], ["queue", "write"])
        assert (children[0].start_ns, children[-1].end_ns) == (root.start_ns, root.end_ns)


@pytest.mark.parametrize("step_s", [1, 60])
def test_the_step_changes_nothing(step_s):
    start_ns, step_ns = NOON_NS + 9 * MINUTE_NS, step_s * SECOND_NS  # a block ends within
    until_ns = start_ns + 2 * MINUTE_NS
    site = build_hague(start_ns=start_ns)
    fine = [site.advance(at_ns) for at_ns in range(start_ns + step_ns, until_ns + 1, step_ns)]
    coarse = build_hague(start_ns=start_ns).record(until_ns, 2 * MINUTE_NS)
    counted: dict[Series, float] = defaultdict(float)
    sampled: dict[Series, list[float]] = defaultdict(list)
    for reading in fine:
        for count in reading.counts:
            counted[count.metric, count.attributes] += count.value
        for sample in reading.samples:
            sampled[sample.metric, sample.attributes] += sample.values.tolist()
    assert counted == pytest.approx({(t.metric, t.attributes): t.values.sum() for t in coarse.counts})
    assert sampled == {(t.metric, t.attributes): t.values.tolist() for t in coarse.samples}
    assert [stage for reading in fine for stage in reading.stages] == coarse.stages


def test_a_jammed_bank_rejects_and_its_states_stay_good():
    injection = Injection(fault_id="memory.B5", entity_id="mem-hague", start_ns=NOON_NS - HOUR_NS, magnitude=30.0)
    recording = build_hague(injection).record(NOON_NS + HOUR_NS, MINUTE_NS)
    assert total(recording, METRIC_MEMORY_REJECTS) > 0.2 * total(recording, METRIC_MEMORY_WRITES)
    assert levels(recording, METRIC_MEMORY_QUEUE_DEPTH).max() == 16
    assert levels(recording, METRIC_MEMORY_SLOT_USAGE).mean() > 3.5
    assert samples(recording, METRIC_MEMORY_FIDELITY).mean() > 0.97


def test_neighbours_in_use_cost_fidelity_each_by_its_crosstalk():
    """In a bank that is never idle each read has seven neighbours."""
    fidelity = {}
    for error in (0.0, 0.01):
        crowd = build_bank("trapped_ion", slots=8, jobs_per_s=2000.0, override={"crosstalk_error": error})
        fidelity[error] = samples(crowd.record(NOON_NS + HOUR_NS, MINUTE_NS), METRIC_MEMORY_FIDELITY).mean() - 0.5
    assert fidelity[0.01] / fidelity[0.0] == pytest.approx(0.98**7, rel=0.005)


def test_a_lease_that_is_never_released_keeps_its_slot_until_it_expires():
    bank = build_bank("trapped_ion", override={"lease_leak_probability": 0.02})
    recording = bank.record(NOON_NS + HOUR_NS, MINUTE_NS)
    longest_s = np.sort(samples(recording, METRIC_MEMORY_LEASE_DURATION))
    leaked = int(total(recording, METRIC_MEMORY_LEASES, "timeout"))
    assert leaked > 50
    lease_s = load_preset("memory", "trapped_ion", MemoryPreset).lease_s
    assert longest_s[-leaked:] == pytest.approx(lease_s)
    assert longest_s[-leaked - 1] < lease_s


def test_a_slow_control_network_wastes_states_beyond_their_deadline():
    injection = Injection(fault_id="memory.B3", entity_id="ctl-hague", start_ns=NOON_NS, magnitude=0.06)
    recording = build_hague(injection).record(NOON_NS + HOUR_NS, MINUTE_NS)
    late, holds = total(recording, METRIC_MEMORY_HOLDS, "timeout"), total(recording, METRIC_MEMORY_HOLDS)
    assert 0.6 < late / holds < 0.9
    assert total(recording, METRIC_MEMORY_READS, "failure") >= late
    assert samples(recording, METRIC_MEMORY_HOLD_DURATION).max() <= 0.05


def test_a_flipped_basis_gives_wrong_results_along_two_axes_and_right_ones_along_the_third():
    injection = Injection(fault_id="memory.B4", entity_id="mem-hague", start_ns=NOON_NS, magnitude=3.1416)
    recording = build_hague(injection).record(NOON_NS + HOUR_NS, MINUTE_NS)
    wrong = {basis: total(recording, METRIC_MEMORY_READOUTS, basis, "failure") for basis in "xyz"}
    shares = {basis: count / total(recording, METRIC_MEMORY_READOUTS, basis) for basis, count in wrong.items()}
    assert shares["y"] < 0.1 < 0.9 < min(shares["x"], shares["z"])


@pytest.mark.parametrize(
    "preset",
    ["trapped_ion", "rare_earth_afc", "nv_diamond", "siv_diamond", "atomic_ensemble", "superconducting_cavity"],
)
def test_every_platform_lives_where_its_numbers_say(preset):
    site = build_bank(preset)
    recording = site.record(NOON_NS + 2 * HOUR_NS, HOUR_NS)
    truths = {track.quantity: track for track in site.truths() if track.entity == "mem"}
    assert all(len(track.abnormal_ns()) == 0 for track in truths.values())
    reads, good = total(recording, METRIC_MEMORY_READS), (samples(recording, METRIC_MEMORY_FIDELITY) > 0.5).sum()
    assert good / reads > 0
    assert levels(recording, METRIC_MEMORY_T2).mean() == pytest.approx(truths["t2_s"].values.mean(), rel=0.1)
    assert 0 < levels(recording, METRIC_MEMORY_EFFICIENCY).mean() <= 1


@pytest.mark.parametrize("preset", ["rare_earth_afc", "atomic_ensemble"])
def test_an_ensemble_gives_back_what_its_efficiency_and_noise_leave(preset):
    site = build_bank(preset)
    recording = site.record(NOON_NS + 2 * HOUR_NS, HOUR_NS)
    bank = next(spec for spec in site._world.fleet.devices if spec.id == "mem").preset
    stored = 1 - (1 - bank.mode_match_efficiency * bank.write_efficiency) ** bank.modes
    kept = (1 + bank.mean_hold_s / bank.hold_shape / bank.held_t2_s) ** -bank.hold_shape  # mean of exp(-t/T2)
    signal = stored * bank.read_efficiency * kept
    reads = int(total(recording, METRIC_MEMORY_READS))
    share = total(recording, METRIC_MEMORY_READS, "success") / reads
    assert share == pytest.approx(signal + 2 * bank.noise_photons, rel=0.1)


def test_a_warm_bank_lives_shorter_than_a_cold_one():
    warm = Injection(fault_id="memory.F7", entity_id="cryo-hague", start_ns=NOON_NS, magnitude=18.0)
    site = build_hague(warm)
    site.record(NOON_NS + HOUR_NS, HOUR_NS)
    assert truth(site, "t2_s")[-1] < 0.1 * truth(site, "t2_s")[0]


def test_a_field_above_its_mean_dephases_a_bank_that_is_sensitive_to_it():
    class Magnet:
        def relative(self, name: str, times_ns: NDArray[np.int64]) -> NDArray[np.float64]:
            return np.full(len(times_ns), {"magnetic_field_t": 3.0}[name])

    calm, excited = (build_bank("trapped_ion", override={"t2_drift": 0.0, "t1_drift": 0.0}) for _ in range(2))
    excited._world.nature("mem")._room = ("room", Magnet())
    (_, quiet_s), (_, short_s) = (site._world.nature("mem").at(np.array([NOON_NS])) for site in (calm, excited))
    preset = load_preset("memory", "trapped_ion", MemoryPreset)
    assert 1 / short_s - 1 / quiet_s == pytest.approx(2 * preset.field_dephasing_hz)


def test_a_link_elsewhere_sees_the_lifetimes_that_the_bank_has(site, six_hours):
    other = build_sites(load_fleet(FLEET), seed=7, start_ns=NOON_NS, faults=FaultSchedule())[0]
    times_ns = NOON_NS + SECOND_NS * np.arange(1, 6 * 3600 + 1)
    t1_s, t2_s = other._world.nature("mem-hague").at(times_ns)
    assert t1_s == pytest.approx(truth(site, "t1_s"))
    assert t2_s == pytest.approx(truth(site, "t2_s"))


@pytest.mark.parametrize(
    ("preset", "change", "rule"),
    [
        ("trapped_ion", {"override": {"t2_s": 3.0}}, "cannot exceed 2 T1"),
        ("trapped_ion", {"override": {"read_efficiency": 1.2}}, "at most 1"),
        ("rare_earth_afc", {"override": {"modes": 0}}, "at least 1"),
        ("unknown", {}, "unknown preset"),
        ("trapped_ion", {"slots": 0}, "whole number of at least 1"),
    ],
)
def test_a_bank_that_contradicts_itself_is_refused(preset, change, rule):
    with pytest.raises(InvalidInputError, match=rule):
        build_bank(preset, **change)
