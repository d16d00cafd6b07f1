"""Heralded links: counts, pairs, requests and what they measure of themselves."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from hwsim import FaultSchedule, FleetSpec, Injection, SiteSimulation, build_sites
from hwsim.block import BLOCK_NS, BLOCK_S, INTERVAL_NS, Block
from hwsim.click_patterns import Protocol
from hwsim.devices.link import Link, Optics
from hwsim.devices.link.attempts import attempts_per_second, run_attempts
from hwsim.devices.link.optics import Light, Pieces
from hwsim.devices.link.preset import LinkPreset
from hwsim.physics.heralding import two_click
from hwsim.preset import load_preset
from hwsim.regrid import cut_recording
from model.clock import MINUTE_NS, SECOND_NS
from model.names import (
    METRIC_LINK_ALLOCATION_LATENCY,
    METRIC_LINK_ATTEMPTS,
    METRIC_LINK_CONFIRMATIONS_LATE,
    METRIC_LINK_FIDELITY,
    METRIC_LINK_FIDELITY_MEASURED,
    METRIC_LINK_HERALD_LATENCY,
    METRIC_LINK_HERALDS,
    METRIC_LINK_PAIR_LIFETIME,
    METRIC_LINK_PHOTON_DETECTIONS,
    METRIC_LINK_PURIFICATIONS,
    METRIC_LINK_REQUESTS,
    METRIC_TELEPORTATION_FIDELITY,
    METRIC_TELEPORTATION_SESSIONS,
    error_of,
)
from model.recording import Recording
from tests.unit.hwsim.networks import START_NS, build_delft, load_network

LINK = "link-delft-hague"
PRESETS = ["trapped_ion", "nv", "rare_earth", "quantum_dot"]
PROTOCOLS = {"trapped_ion": "two_click", "nv": "single_click", "rare_earth": "spdc", "quantum_dot": "single_click"}


def build_link(
    *injections: Injection,
    preset: str = "trapped_ion",
    protocol: str | None = None,
    length_km: float = 10.0,
    seed: int = 7,
    **numbers: float,
) -> tuple[Any, SiteSimulation]:
    """Return one link of a fleet that has nothing else but what it needs, and its site."""
    fleet = load_network()
    chosen = replace(load_preset("link", preset, LinkPreset), **numbers)
    settings = replace(
        fleet.by_id[LINK].settings, length_km=length_km, protocol=Protocol(protocol or PROTOCOLS[preset])
    )
    devices = [
        replace(d, preset=chosen, settings=settings) if d.id == LINK else d
        for d in fleet.devices
        if d.kind in ("memory", "controller", "cryostat") or d.id == LINK
    ]
    small = FleetSpec(sites=fleet.sites, devices=tuple(devices))
    site = build_sites(small, seed=seed, start_ns=START_NS, faults=FaultSchedule(injections))[0]
    return next(device for device in site._devices if device.id == LINK), site


def run_link(
    *injections: Injection, blocks: int = 1, seed: int = 7, step_ns: int = MINUTE_NS, **options: Any
) -> Recording:
    link, site = build_link(*injections, seed=seed, **options)
    lived = [
        Block(START_NS // BLOCK_NS + number, seed=seed, conditions=site._world.conditions) for number in range(blocks)
    ]
    for block in lived:
        link.simulate(block)
    edges_ns = np.arange(START_NS, START_NS + blocks * BLOCK_NS + 1, step_ns, dtype=np.int64)
    return cut_recording("delft", lived, edges_ns)


def counted(recording: Recording, metric: str, **where: str) -> int:
    """Return the sum of a counter over the series whose attributes have these values."""
    return sum(
        int(track.values.sum())
        for track in recording.counts
        if track.metric == metric and set(where.values()) <= {value for _, value in track.attributes}
    )


def sampled(recording: Recording, metric: str, **where: str) -> NDArray[np.float64]:
    parts = [
        track.values
        for track in recording.samples
        if track.metric == metric and set(where.values()) <= {value for _, value in track.attributes}
    ]
    return np.concatenate(parts) if parts else np.empty(0)


def levels(recording: Recording, metric: str) -> NDArray[np.float64]:
    return np.concatenate([track.values for track in recording.levels if track.metric == metric])


def strike(
    fault_id: str, magnitude: float, *, start_s: float = 0.0, end_s: float | None = None, entity: str = LINK
) -> Injection:
    return Injection(
        fault_id=fault_id,
        entity_id=entity,
        start_ns=START_NS + round(start_s * SECOND_NS) - 1,
        end_ns=None if end_s is None else START_NS + round(end_s * SECOND_NS),
        magnitude=magnitude,
    )


def optics(**options: Any) -> Optics:
    link: Link = build_link(**options)[0]
    return link._optics


def undisturbed(light: Optics) -> Pieces:
    preset, no_db = light.preset, np.zeros(1)
    usual = Light(
        losses_db=(no_db, no_db),
        visibility=np.array([preset.visibility]),
        dark=np.array([preset.dark_probability]),
        phase_rms_rad=np.array([preset.phase_rms_rad]),
    )
    return Pieces(edges=np.array([0, BLOCK_S]), station=light.station(usual))


# Counts


@pytest.mark.parametrize("preset", PRESETS)
def test_heralds_and_clicks_are_as_many_as_the_physics_says(preset):
    light = optics(preset=preset)
    number = attempts_per_second(light.attempts_hz, 3_000_000)
    counts = run_attempts(undisturbed(light), number, limit_hz=20, rng=np.random.default_rng(5))
    patterns = light.nominal.patterns
    expected = number.sum() * patterns.probability
    for seen, chance in (
        (counts.heralds.sum(), light.nominal.heralding.probability),
        *zip(counts.clicks.sum(axis=1), patterns.probability @ patterns.clicks, strict=True),
    ):
        mean = number.sum() * chance
        assert abs(seen - mean) < 4.5 * np.sqrt(mean + expected @ patterns.clicks.max(axis=1) * 1e-3) + 1


@pytest.mark.parametrize("preset", PRESETS)
def test_heralds_of_single_minutes_are_binomial(preset):
    light = optics(preset=preset)
    number = attempts_per_second(light.attempts_hz, 3_000_000)
    counts = run_attempts(undisturbed(light), number, limit_hz=20, rng=np.random.default_rng(6))
    chance = light.nominal.heralding.probability
    tried, heralded = (each.reshape(-1, 60).sum(axis=1) for each in (number, counts.heralds))
    squares = (heralded - tried * chance) ** 2 / (tried * chance * (1 - chance))
    assert 1e-4 < stats.chi2.sf(squares.sum(), len(squares)) < 1 - 1e-4


@pytest.mark.parametrize("preset", PRESETS)
def test_no_second_has_more_heralds_than_clicks_or_attempts(preset):
    light = optics(preset=preset)
    number = attempts_per_second(light.attempts_hz, 7)
    counts = run_attempts(undisturbed(light), number, limit_hz=20, rng=np.random.default_rng(8))
    clicks = counts.clicks.sum(axis=0)
    needed = 2 if light.settings.protocol is Protocol.TWO_CLICK else 1
    assert (needed * counts.heralds <= clicks).all()
    assert (counts.heralds <= number).all()
    assert (np.bincount(np.ceil(counts.moments_s).astype(int)) <= 20).all()


def test_the_attempts_between_heralds_are_geometric():
    light = optics()
    number = attempts_per_second(light.attempts_hz, 7)
    rng, chance = np.random.default_rng(9), light.nominal.heralding.probability
    moments_s = run_attempts(undisturbed(light), number, limit_hz=100, rng=rng).moments_s
    gaps = np.rint(np.diff(moments_s) * light.attempts_hz)
    smooth = gaps - rng.random(len(gaps))  # the Kolmogorov-Smirnov test wants no ties
    assert stats.kstest(smooth, stats.expon(scale=-1 / np.log1p(-chance)).cdf).pvalue > 1e-3


def test_attempts_follow_the_clock_of_the_cycle():
    rates = [attempts_per_second(1821.6, index).sum() for index in range(50)]
    assert sum(rates) == pytest.approx(50 * BLOCK_S * 1821.6, abs=1)
    assert max(rates) - min(rates) <= 1


def test_telemetry_does_not_depend_on_the_step():
    by_minute, by_second = (run_link(step_ns=step_ns) for step_ns in (MINUTE_NS, SECOND_NS))
    for metric in (METRIC_LINK_ATTEMPTS, METRIC_LINK_HERALDS, METRIC_LINK_REQUESTS, METRIC_LINK_PHOTON_DETECTIONS):
        assert counted(by_minute, metric) == counted(by_second, metric)
    assert np.array_equal(sampled(by_minute, METRIC_LINK_FIDELITY), sampled(by_second, METRIC_LINK_FIDELITY))


def test_heralds_become_rarer_with_length():
    chances = [optics(length_km=length_km).nominal.heralding.probability for length_km in (0, 1, 5, 10, 50, 100)]
    assert all(near > far for near, far in pairwise(chances))


@pytest.mark.parametrize(
    ("visibility", "dark"), [(0.5, 1.4e-5), (0.89, 1e-3)], ids=["less visibility", "more dark counts"]
)
def test_worse_optics_make_worse_pairs(visibility, dark):
    light = optics()
    worse = light.station(Light(losses_db=(0.0, 0.0), visibility=visibility, dark=dark, phase_rms_rad=0.25))
    assert worse.heralding.fidelity < light.nominal.heralding.fidelity


def test_multi_pair_emission_costs_fidelity():
    low, high = (
        optics(preset="rare_earth", bright_population=share).nominal.heralding.fidelity for share in (0.005, 0.05)
    )
    assert high < low


def test_a_hidden_second_pair_leaves_both_ends_excited_and_nothing_coherent():
    """With chance p (1 - eta) the light is that of |11>; what remains is the pair of a single click."""
    spdc, single = (
        optics(preset="rare_earth", protocol=protocol, bright_population=0.2).nominal.heralding
        for protocol in ("spdc", "single_click")
    )
    hidden = 1 - float(spdc.pair.psi_coherence / single.pair.psi_coherence)
    assert 0.1 < hidden <= 0.2
    rest = (1 - hidden) * single.pair.populations
    assert spdc.pair.populations == pytest.approx([*rest[:3], rest[3] + hidden])


def test_detectors_that_sleep_after_a_click_see_less_of_everything():
    """A detector that clicks with chance p and sleeps through the next k attempts is awake in 1/(1 + p k) of them."""
    usual, sleepy = (optics(dead_time_s=dead_s, afterpulse_probability=0.0) for dead_s in (0.0, 2e-2))
    seen = usual.preset.detection_probability * usual.nominal.transmission[0]
    awake = 1 / (1 + (seen + usual.preset.dark_probability) * 2e-2 * usual.attempts_hz)
    assert awake < 0.9
    expected = two_click(
        eta_a=seen * awake, eta_b=seen * awake, visibility=usual.preset.visibility, dark=usual.preset.dark_probability
    )
    assert sleepy.nominal.heralding.probability == pytest.approx(float(expected.probability), rel=1e-3)


def test_afterpulses_are_dark_counts_that_come_with_the_light():
    usual, echoing = (optics(afterpulse_probability=share).nominal.heralding for share in (0.0, 0.1))
    seen = optics().preset.detection_probability * optics().nominal.transmission[0]
    dark = 1 - (1 - optics().preset.dark_probability) * (1 - 0.1 * seen)
    worse = two_click(eta_a=seen, eta_b=seen, visibility=optics().preset.visibility, dark=dark)
    assert echoing.fidelity == pytest.approx(float(worse.fidelity), abs=1e-3)
    assert echoing.fidelity < usual.fidelity - 0.01


# Pairs


def test_a_herald_whose_confirmation_is_late_is_no_pair():
    usual_s = optics().flight_s + load_network().by_id["ctl-delft"].preset.round_trip_s
    link, site = build_link(confirmation_timeout_s=usual_s)
    block, pieces = Block(START_NS // BLOCK_NS, seed=7, conditions=site._world.conditions), undisturbed(link._optics)
    number, rng = attempts_per_second(link._optics.attempts_hz, block.index), np.random.default_rng(3)
    attempts = run_attempts(pieces, number, limit_hz=20, rng=rng)
    _, pairs = link._confirm(block, attempts, pieces, rng)
    late = block.tracks.counts[METRIC_LINK_CONFIRMATIONS_LATE, link._link].sum()
    assert pairs.idle_s.max() <= usual_s  # the median: half of the messages take longer
    assert len(pairs.ready_s) + late == len(attempts.moments_s)
    assert late == pytest.approx(len(attempts.moments_s) / 2, rel=0.05)


def test_fidelities_are_those_of_the_herald_less_the_wait():
    fidelity = sampled(run_link(), METRIC_LINK_FIDELITY)
    assert ((fidelity >= 0) & (fidelity <= 1)).all()
    assert fidelity.mean() == pytest.approx(0.9355, abs=0.002)


def test_up_to_five_heralds_a_second_are_told_with_their_fidelity_and_latency():
    recording = run_link(step_ns=SECOND_NS)
    heralds = next(track.values for track in recording.counts if track.metric == METRIC_LINK_HERALDS)
    for metric in (METRIC_LINK_FIDELITY, METRIC_LINK_HERALD_LATENCY):
        track = next(track for track in recording.samples if track.metric == metric)
        told = np.zeros(len(heralds), dtype=int)
        told[track.cells] = np.diff(track.splits)
        assert np.array_equal(told, np.minimum(heralds, 5))


def test_a_slow_control_plane_ages_the_pairs():
    usual, slow = run_link(), run_link(strike("link.F3", 20.0, entity="ctl-delft"))
    assert sampled(slow, METRIC_LINK_HERALD_LATENCY).mean() > 10 * sampled(usual, METRIC_LINK_HERALD_LATENCY).mean()
    assert sampled(slow, METRIC_LINK_FIDELITY).mean() < sampled(usual, METRIC_LINK_FIDELITY).mean() - 0.05


def test_the_measured_fidelity_agrees_with_the_true_one_within_its_errors():
    recording = run_link(blocks=4)
    measured, errors = (
        levels(recording, metric)
        for metric in (METRIC_LINK_FIDELITY_MEASURED, error_of(METRIC_LINK_FIDELITY_MEASURED))
    )
    pulls = (measured - 0.9355) / errors
    assert abs(pulls.mean()) < 4 / np.sqrt(len(pulls))
    assert 0.6 < pulls.std() < 1.6


def test_the_measured_lifetime_of_pairs_agrees_with_that_of_the_banks():
    recording = run_link(blocks=4)
    measured = levels(recording, METRIC_LINK_PAIR_LIFETIME)
    errors = levels(recording, error_of(METRIC_LINK_PAIR_LIFETIME))
    weights = 1 / errors**2
    assert (measured * weights).sum() / weights.sum() == pytest.approx(0.0425, rel=0.08)


def test_purification_spends_pairs_and_improves_the_rest():
    usual, eager = run_link(), run_link(strike("link.B5", 0.985))
    rounds = counted(eager, METRIC_LINK_PURIFICATIONS)
    assert rounds > 20 * counted(usual, METRIC_LINK_PURIFICATIONS)
    assert sampled(eager, METRIC_TELEPORTATION_FIDELITY).mean() > sampled(usual, METRIC_TELEPORTATION_FIDELITY).mean()
    assert counted(eager, METRIC_LINK_REQUESTS, outcome="timeout") > 100


def test_a_stricter_policy_purifies_from_the_second_in_which_it_comes():
    recording = run_link(strike("link.B5", 0.985, start_s=600.0), step_ns=SECOND_NS)
    rounds = np.sum([t.values for t in recording.counts if t.metric == METRIC_LINK_PURIFICATIONS], axis=0)
    assert 600 <= np.flatnonzero(rounds > rounds[:600].max())[0] < 605


# Requests


def test_requests_are_mostly_served_and_wait_less_the_higher_their_priority():
    recording = run_link(blocks=2)
    served, late = (counted(recording, METRIC_LINK_REQUESTS, outcome=outcome) for outcome in ("success", "timeout"))
    assert served > 0.98 * (served + late)
    waits_s = [
        sampled(recording, METRIC_LINK_ALLOCATION_LATENCY, priority=p).mean() for p in ("high", "normal", "low")
    ]
    assert waits_s == sorted(waits_s)


def test_no_request_is_served_after_its_patience():
    recording = run_link(strike("link.F1", 8.0))
    assert sampled(recording, METRIC_LINK_ALLOCATION_LATENCY).max() <= 2.0
    assert counted(recording, METRIC_LINK_REQUESTS, outcome="timeout") > 100


def test_a_greedy_application_starves_the_others():
    recording = run_link(strike("link.F7", 14.0))
    low = counted(recording, METRIC_LINK_REQUESTS, priority="low", outcome="timeout")
    assert low > 3 * counted(recording, METRIC_LINK_REQUESTS, priority="low", outcome="success")


def test_teleportation_times_out_when_messages_outlast_the_memories():
    usual, slow = run_link(), run_link(strike("network.B3", 80.0, entity="ctl-delft"))
    assert counted(usual, METRIC_TELEPORTATION_SESSIONS, outcome="timeout") < 5
    assert counted(slow, METRIC_TELEPORTATION_SESSIONS, outcome="timeout") > counted(
        slow, METRIC_TELEPORTATION_SESSIONS, outcome="success"
    )


def test_teleportation_beats_the_classical_limit():
    assert sampled(run_link(), METRIC_TELEPORTATION_FIDELITY).mean() > 0.9


# Faults strike to the second


def test_a_moved_connector_dims_the_light_at_once_and_heals():
    recording = run_link(strike("link.F1", 13.0, start_s=600, end_s=1200), step_ns=INTERVAL_NS)
    heralds = next(track.values for track in recording.counts if track.metric == METRIC_LINK_HERALDS)
    assert heralds[1] < 0.1 * heralds[0]
    assert heralds[2] == pytest.approx(heralds[0], rel=0.1)


def test_a_fault_in_the_middle_of_a_block_strikes_half_of_it():
    recording = run_link(strike("link.F1", 30.0, start_s=300), step_ns=300 * SECOND_NS)
    heralds = next(track.values for track in recording.counts if track.metric == METRIC_LINK_HERALDS)
    assert heralds[1] < 0.05 * heralds[0]


def test_a_link_needs_two_ends_of_its_fleet():
    site = build_delft()
    edges = {(edge.source, edge.target) for edge in site.topology.edges}
    assert {("mem-delft", LINK), ("mem-hague", LINK), ("ctl-delft", LINK)} <= edges
