"""QKD pairs: counts, sessions, keys and the store."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from hwsim import FaultSchedule, FleetSpec, Injection, build_sites
from hwsim.block import BLOCK_NS, BLOCK_S, Block
from hwsim.conditions import Conditions
from hwsim.devices.qkd.counts import SESSION_S, Bbm92, DecoyBb84, Light
from hwsim.devices.qkd.preset import QkdPreset
from hwsim.devices.qkd.store import KEY_BITS, KeyStore
from hwsim.physics.decoy_bb84 import Channel, vacuum_and_weak_key_rate
from hwsim.physics.key_thresholds import repeaterless_bound
from hwsim.physics.photonics import fibre_transmission
from hwsim.preset import load_preset
from model.attributes import attributes
from model.clock import HOUR_NS, SECOND_NS
from model.names import (
    ATTR_DEVICE_ID,
    EVENT_QKD_ABORT,
    EVENT_QKD_ROTATION,
    METRIC_QKD_ERROR_RATIO,
    METRIC_QKD_KEY_RATE,
    METRIC_QKD_KEY_RATE_FINITE,
    METRIC_QKD_KEYS_DELIVERED,
    METRIC_QKD_RECONCILIATION_RETRIES,
    METRIC_QKD_SECRET_BITS,
    METRIC_QKD_SESSIONS,
    METRIC_QKD_SIFTED_BITS,
    calibrated_of,
    error_of,
    samples_of,
)
from tests.unit.hwsim.networks import START_NS, load_network

GYS: QkdPreset = load_preset("qkd", "gys", QkdPreset)
MODERN: QkdPreset = load_preset("qkd", "modern", QkdPreset)
LENGTHS_KM = [0.0, 20.0, 50.0, 100.0, 130.0, 160.0]
IDENTITY = attributes({ATTR_DEVICE_ID: "qkd-delft-leiden"})


def light_of(preset: QkdPreset, length_km: float, misalignment: float | None = None) -> Light:
    return Light(
        transmittance=float(fibre_transmission(length_km, preset.loss_db_per_km)),
        misalignment=preset.misalignment_error if misalignment is None else misalignment,
    )


def run_pair(*injections: Injection, blocks: int = 1, preset: str = "gys", **settings: Any) -> list[Block]:
    fleet = load_network()
    spec = fleet.by_id["qkd-delft-leiden"]
    spec = replace(spec, preset=load_preset("qkd", preset, QkdPreset), settings=replace(spec.settings, **settings))
    others = tuple(d for d in fleet.devices if d.kind in ("controller", "memory", "cryostat"))
    small = FleetSpec(sites=fleet.sites, devices=(*others, spec))
    site = build_sites(small, seed=4, start_ns=START_NS, faults=FaultSchedule(injections))[0]
    pair = next(device for device in site._devices if device.id == spec.id)
    conditions = site._world.conditions
    lived = [Block(START_NS // BLOCK_NS + number, seed=4, conditions=conditions) for number in range(blocks)]
    for block in lived:
        pair.simulate(block)
    return lived


def counted(blocks: list[Block], metric: str, **where: str) -> int:
    return sum(
        int(values.sum())
        for block in blocks
        for (name, identity), values in block.tracks.counts.items()
        if name == metric and set(where.values()) <= {value for _, value in identity}
    )


def strike(fault_id: str, magnitude: float) -> Injection:
    return Injection(fault_id=fault_id, entity_id="qkd-delft-leiden", start_ns=START_NS - 1, magnitude=magnitude)


@pytest.mark.parametrize("length_km", LENGTHS_KM)
def test_detections_and_errors_are_as_many_as_the_channel_says(length_km):
    slow = replace(GYS, dead_time_s=0.0)
    light = light_of(slow, length_km)
    counts = DecoyBb84(slow).run(light, np.random.default_rng(2))
    channel = Channel(
        transmittance=light.transmittance * slow.detector_efficiency,
        background=slow.background_probability,
        misalignment=slow.misalignment_error,
    )
    for name, mean in (("signal", slow.signal_photons), ("decoy", slow.decoy_photons), ("vacuum", 0.0)):
        expected = counts.pulses[name].sum() * float(channel.gain(mean))
        assert counts.detections[name].sum() == pytest.approx(expected, abs=4.5 * expected**0.5)
    share = float(channel.error_ratio(slow.signal_photons))
    sifted = counts.sifted.sum()
    assert stats.binomtest(int(counts.errors.sum()), int(sifted), share).pvalue > 1e-4


def test_key_rates_gather_around_the_closed_form():
    ideal = replace(GYS, dead_time_s=0.0)
    light = light_of(ideal, 20.0)
    channel = Channel(
        transmittance=light.transmittance * ideal.detector_efficiency,
        background=ideal.background_probability,
        misalignment=ideal.misalignment_error,
    )
    rate = vacuum_and_weak_key_rate(
        channel, ideal.signal_photons, ideal.decoy_photons, reconciliation=ideal.reconciliation_factor
    )
    counts = [DecoyBb84(ideal).run(light, np.random.default_rng(seed)) for seed in range(10)]
    measured = sum(c.secret.sum() for c in counts) / sum(c.pulses["signal"].sum() for c in counts)
    assert measured == pytest.approx(float(rate), rel=0.05)


@pytest.mark.parametrize("preset", [GYS, MODERN], ids=["gys", "modern"])
@pytest.mark.parametrize("protocol", [DecoyBb84, Bbm92])
@pytest.mark.parametrize("length_km", LENGTHS_KM)
def test_no_key_exceeds_the_repeaterless_bound(preset, protocol, length_km):
    light = light_of(preset, length_km)
    counts = protocol(preset).run(light, np.random.default_rng(3))
    pulses = sum(int(sent.sum()) for sent in counts.pulses.values())
    bound = float(repeaterless_bound(np.asarray(light.transmittance))) if length_km else np.inf
    assert counts.secret.sum() / pulses <= bound
    assert (counts.secret <= counts.sifted_by_session).all()


@pytest.mark.parametrize("protocol", [DecoyBb84, Bbm92])
def test_a_longer_fibre_gives_less_key(protocol):
    lengths_km = [0.0, 10.0, 30.0, 60.0, 100.0]
    rates = [protocol(MODERN).expected_bits_per_s(light_of(MODERN, length_km)) for length_km in lengths_km]
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize("protocol", [DecoyBb84, Bbm92])
def test_there_is_no_key_above_the_threshold(protocol):
    counts = protocol(MODERN).run(light_of(MODERN, 10.0, misalignment=0.12), np.random.default_rng(4))
    assert (counts.error_ratio > 0.11).all()
    assert not counts.secret.any()


def test_the_error_ratio_is_told_with_an_error_that_covers_the_truth():
    blocks = run_pair(blocks=6)
    for block in blocks:
        by_name = {name: parts for (name, _), parts in block.tracks.levels.items()}
        value = by_name[METRIC_QKD_ERROR_RATIO][0][1][0]
        error = by_name[f"{METRIC_QKD_ERROR_RATIO}.error"][0][1][0]
        truth = next(t for t in block.truths() if t.quantity == "misalignment_error").values.flat[0]
        assert value == pytest.approx(truth, abs=5 * error + 2e-4)


@pytest.mark.parametrize(
    ("protocol", "preset", "length_km"),
    [(DecoyBb84, GYS, 20.0), (DecoyBb84, GYS, 100.0), (DecoyBb84, MODERN, 10.0), (Bbm92, MODERN, 10.0)],
)
def test_the_error_of_the_secret_bits_is_their_scatter(protocol, preset, length_km):
    light = light_of(preset, length_km)
    runs = [protocol(preset).run(light, np.random.default_rng(seed)) for seed in range(5)]
    scatter = np.concatenate([counts.secret for counts in runs]).std()
    stated = np.median(np.concatenate([counts.secret_error for counts in runs]))
    assert stated / scatter == pytest.approx(1, abs=0.15)


def test_a_key_rate_comes_with_its_error_its_bits_and_its_calibration_set():
    (block,) = run_pair()
    told = {name: parts[0] for (name, _), parts in block.tracks.levels.items()}
    of = (error_of, samples_of, calibrated_of)
    (moments_ns, rates), *others = [told[METRIC_QKD_KEY_RATE]] + [told[name(METRIC_QKD_KEY_RATE)] for name in of]
    assert all(np.array_equal(times_ns, moments_ns) for times_ns, _ in others)
    errors, bits, sets = (values for _, values in others)
    assert len(rates) == BLOCK_S // SESSION_S
    assert ((errors > 0) & (errors < 0.1 * rates.max())).all()
    assert bits.sum() == counted([block], METRIC_QKD_SIFTED_BITS)
    assert (sets < block.start_ns / SECOND_NS).all()


def test_a_mismatch_is_retried_and_then_fails_the_session():
    usual, odd = run_pair(), run_pair(strike("network.F5", 0.9))
    assert counted(odd, METRIC_QKD_RECONCILIATION_RETRIES) > 10 * (
        counted(usual, METRIC_QKD_RECONCILIATION_RETRIES) + 1
    )
    assert counted(odd, METRIC_QKD_SESSIONS, outcome="failure") > counted(odd, METRIC_QKD_SESSIONS, outcome="success")
    assert counted(odd, METRIC_QKD_SECRET_BITS) < 0.6 * counted(usual, METRIC_QKD_SECRET_BITS)
    aborts = [h for block in odd for h in block.tracks.happenings if h.event == EVENT_QKD_ABORT]
    assert len(aborts) == counted(odd, METRIC_QKD_SESSIONS, outcome="failure")


def test_a_day_of_nominal_life_delivers_all_keys_and_rotates_them_hourly():
    blocks = run_pair(blocks=6)
    assert counted(blocks, METRIC_QKD_KEYS_DELIVERED, outcome="failure") == 0
    rotations = [h for block in blocks for h in block.tracks.happenings if h.event == EVENT_QKD_ROTATION]
    assert len(rotations) == 6 * BLOCK_NS // HOUR_NS
    assert counted(blocks, METRIC_QKD_SECRET_BITS) < counted(blocks, METRIC_QKD_SIFTED_BITS)


def test_a_store_gives_no_key_that_it_does_not_have():
    store = KeyStore(GYS, usual_bits_per_s=5000.0)
    block = Block(START_NS // BLOCK_NS, seed=1, conditions=_no_conditions())
    rng = np.random.default_rng(5)
    dry = [store.pass_minutes(block, np.zeros(BLOCK_S // 60), rng) for _ in range(6)]
    given = sum(int(each.delivered.sum()) for each in dry)
    assert given <= 0.5 * GYS.store_limit_bits / KEY_BITS
    assert dry[-1].missed.sum() > 0
    assert min(each.level.min() for each in dry) >= 0


def test_detectors_that_sleep_see_less_light_and_no_more_errors():
    """A pulse is seen with chance p, and the next k of them are slept through: 1/(1 + p k) are seen."""
    light = light_of(GYS, 0.0)
    usual, sleepy = (
        DecoyBb84(replace(GYS, dead_time_s=dead_s)).run(light, np.random.default_rng(7)) for dead_s in (0.0, 1e-4)
    )
    seen = -np.expm1(-GYS.signal_photons * GYS.detector_efficiency)
    awake = 1 / (1 + seen * 1e-4 * GYS.repetition_hz)
    share = sleepy.detections["signal"].sum() / usual.detections["signal"].sum()
    assert share == pytest.approx(awake, rel=0.01)
    assert sleepy.error_ratio.mean() == pytest.approx(usual.error_ratio.mean(), rel=0.02)


def test_a_quarter_of_the_detections_is_key_and_a_quarter_tests_it():
    counts = DecoyBb84(GYS).run(light_of(GYS, 20.0), np.random.default_rng(8))
    assert counts.test is not None
    for number, clicks in enumerate(counts.detections.values()):
        for told in (counts.test.key_detections, counts.test.test_detections):
            assert told[:, number].sum() == pytest.approx(clicks.sum() / 4, abs=5 * clicks.sum() ** 0.5)
    share = counts.test.key_errors.sum() / counts.test.key_detections.sum()
    assert share == pytest.approx(counts.test.test_errors.sum() / counts.test.test_detections.sum(), rel=0.05)


def test_the_rate_of_a_finite_block_is_its_key_over_the_time_since_the_last():
    blocks = run_pair(blocks=3)
    told = [block.tracks.levels.get((METRIC_QKD_KEY_RATE_FINITE, IDENTITY), []) for block in blocks]
    rates = np.concatenate([values for of_block in told for _, values in of_block])
    assert len(rates) > 4
    assert rates[0] > 0
    assert rates[1:] == pytest.approx(rates[0], rel=0.3)  # light hardly changes in these hours


def test_a_full_store_drops_what_does_not_fit():
    store = KeyStore(GYS, usual_bits_per_s=0.0)
    block = Block(START_NS // BLOCK_NS, seed=1, conditions=_no_conditions())
    full = store.pass_minutes(block, np.full(BLOCK_S // 60, GYS.store_limit_bits / 10), np.random.default_rng(5))
    assert full.level.max() == GYS.store_limit_bits
    assert (full.level[10:] == GYS.store_limit_bits).all()


def test_pulses_of_a_second_are_those_of_the_clock():
    counts = DecoyBb84(GYS).run(light_of(GYS, 20.0), np.random.default_rng(6))
    sent = np.sum(list(counts.pulses.values()), axis=0)
    assert (sent == GYS.repetition_hz).all()
    assert len(sent) == BLOCK_S


def _no_conditions() -> Conditions:
    return Conditions(FaultSchedule())
