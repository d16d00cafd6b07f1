"""Repeater chains: pairs that meet, wait, are purified and swapped."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hwsim import FaultSchedule, FleetSpec, Injection, build_sites
from hwsim.block import BLOCK_NS, INTERVALS, Block
from hwsim.devices.repeater.segments import Segment, meet, purify
from hwsim.physics.bell_diagonal import werner_vector
from hwsim.physics.purification import bbpssw, dejmps
from hwsim.physics.swapping import chain_fidelity
from model.clock import SECOND_NS
from model.names import (
    ATTR_FIRMWARE_VERSION,
    METRIC_REPEATER_CUTOFFS,
    METRIC_REPEATER_FIDELITY,
    METRIC_REPEATER_PAIRS,
    METRIC_REPEATER_PURIFICATIONS,
    METRIC_REPEATER_REQUESTS,
    METRIC_REPEATER_SWAPS,
)
from tests.unit.hwsim.networks import START_NS, load_network

CHAIN = "rep-delft-hague"
moments = st.lists(st.floats(0.0, 100.0), max_size=60).map(lambda times: np.array(sorted(times)))


def run_chain(*injections: Injection, blocks: int = 1, links: tuple[str, ...] = (), **numbers: float) -> list[Block]:
    fleet = load_network()
    spec = fleet.by_id[CHAIN]
    chosen = replace(spec.settings, links=links or spec.settings.links)
    spec = replace(spec, preset=replace(spec.preset, **numbers), settings=chosen)
    others = tuple(d for d in fleet.devices if d.kind not in ("repeater", "qkd"))
    small = FleetSpec(sites=fleet.sites, devices=(*others, spec))
    site = build_sites(small, seed=4, start_ns=START_NS, faults=FaultSchedule(injections))[0]
    chain = next(device for device in site._devices if device.id == CHAIN)
    conditions = site._world.conditions
    lived = [Block(START_NS // BLOCK_NS + number, seed=4, conditions=conditions) for number in range(blocks)]
    for block in lived:
        chain.simulate(block)
    return lived


def series(blocks: list[Block], metric: str, **where: str) -> Iterator[tuple[dict[str, Any], Any]]:
    for block in blocks:
        for (name, identity), values in [*block.tracks.counts.items(), *block.tracks.samples.items()]:
            if name == metric and set(where.values()) <= {value for _, value in identity}:
                yield dict(identity), values


def counted(blocks: list[Block], metric: str, **where: str) -> int:
    return sum(int(values.sum()) for _, values in series(blocks, metric, **where))


def fidelities(blocks: list[Block]) -> NDArray[np.float64]:
    return np.concatenate([v for _, parts in series(blocks, METRIC_REPEATER_FIDELITY) for _, v in parts])


def strike(fault_id: str, magnitude: float, start_s: float = 0.0) -> Injection:
    start_ns = START_NS + round(start_s * SECOND_NS) - 1
    return Injection(fault_id=fault_id, entity_id=CHAIN, start_ns=start_ns, magnitude=magnitude)


@given(left=moments, right=moments, memories=st.integers(1, 4), cutoff_s=st.floats(0.1, 20.0))
@settings(max_examples=60)
def test_every_pair_meets_one_partner_waits_or_is_given_up(left, right, memories, cutoff_s):
    met = meet(left, right, memories=np.full(INTERVALS, memories), cutoff_s=cutoff_s)
    assert sorted([*met.left, *met.waiting[0]]) == sorted(set(met.left) | set(met.waiting[0]))
    assert sorted([*met.right, *met.waiting[1]]) == sorted(set(met.right) | set(met.waiting[1]))
    waiting = sum(map(len, met.waiting))
    assert len(left) + len(right) == 2 * len(met.at_s) + waiting + len(met.given_up_s)
    assert max(map(len, met.waiting)) <= memories


@given(left=moments, right=moments, memories=st.integers(1, 4), cutoff_s=st.floats(0.1, 20.0))
@settings(max_examples=60)
def test_no_pair_waits_longer_than_the_cutoff(left, right, memories, cutoff_s):
    met = meet(left, right, memories=np.full(INTERVALS, memories), cutoff_s=cutoff_s)
    waits = np.abs(left[met.left] - right[met.right])
    assert (waits <= cutoff_s + 1e-9).all()
    assert np.array_equal(met.at_s, np.maximum(left[met.left], right[met.right]))


@pytest.mark.parametrize("protocol", ["bbpssw", "dejmps"])
def test_purified_segments_have_the_fidelity_and_number_of_the_protocol(protocol):
    raw = Segment(ready_s=np.linspace(0.0, 200.0, 20_000), bell=np.broadcast_to(werner_vector(0.8), (20_000, 4)))
    result = purify(raw, protocol, t2_s=1e9, rng=np.random.default_rng(1))
    expected = bbpssw(0.8, 0.8) if protocol == "bbpssw" else dejmps(werner_vector(0.8), werner_vector(0.8))
    assert result.segment.bell[:, 0].mean() == pytest.approx(float(expected.fidelity), rel=1e-6)
    spread = (10_000 * expected.probability * (1 - expected.probability)) ** 0.5
    assert len(result.agreed_s) == pytest.approx(10_000 * float(expected.probability), abs=4 * float(spread))
    assert len(result.agreed_s) + len(result.failed_s) == 10_000


def test_stored_pairs_dephase_with_both_their_memories():
    raw = Segment(ready_s=np.zeros(1), bell=np.array([[1.0, 0, 0, 0]]))
    stored = raw.stored(np.array([0]), np.array([2.0]), t2_s=10.0)
    assert stored[0, 0] == pytest.approx((1 + np.exp(-0.4)) / 2)
    assert stored.sum() == pytest.approx(1)


def test_end_to_end_fidelity_is_that_of_swapped_links_less_the_wait():
    perfect: dict[str, Any] = {"gate_reliability_probability": 1.0, "measurement_reliability_probability": 1.0}
    ends = fidelities(run_chain(t2_s=1e9, **perfect)).mean()
    assert ends == pytest.approx(float(chain_fidelity([0.9445, 0.9445])), abs=0.012)
    assert fidelities(run_chain(t2_s=5.0, **perfect)).mean() < ends - 0.02


def test_a_swap_whose_message_is_late_or_lost_fails():
    usual, hasty = (run_chain(sync_timeout_s=patience_s) for patience_s in (0.1, 1e-6))
    assert counted(usual, METRIC_REPEATER_SWAPS, outcome="success") > 0
    assert counted(hasty, METRIC_REPEATER_SWAPS, outcome="success") == 0
    assert counted(hasty, METRIC_REPEATER_SWAPS) == counted(usual, METRIC_REPEATER_SWAPS)


def test_a_shorter_cutoff_gives_up_pairs_and_saves_the_rest_from_waiting():
    patient, strict = (run_chain(cutoff_s=cutoff_s, t2_s=0.5) for cutoff_s in (1.0, 0.01))
    assert counted(strict, METRIC_REPEATER_SWAPS) < 0.9 * counted(patient, METRIC_REPEATER_SWAPS)
    assert counted(strict, METRIC_REPEATER_CUTOFFS) > counted(patient, METRIC_REPEATER_CUTOFFS)
    assert fidelities(strict).mean() > fidelities(patient).mean() + 0.01


def test_gates_and_measurements_that_err_leave_white_noise_and_wrong_corrections():
    """A gate of reliability p leaves p of the weight 4F - 1; one wrong bit in two leaves nothing but noise."""

    def mean_fidelity(*, gate: float = 1.0, measurement: float = 1.0) -> float:
        blocks = run_chain(gate_reliability_probability=gate, measurement_reliability_probability=measurement)
        return float(fidelities(blocks).mean())

    good, poor, blind = mean_fidelity(), mean_fidelity(gate=0.8), mean_fidelity(measurement=0.5)
    assert (4 * poor - 1) / (4 * good - 1) == pytest.approx(0.8, abs=0.01)
    assert blind == pytest.approx(0.25, abs=0.01)


def test_a_longer_chain_gives_fewer_and_worse_pairs():
    two = run_chain()
    three = run_chain(links=("link-delft-local", "link-delft-hague", "link-delft-local"))
    assert counted(three, METRIC_REPEATER_PAIRS) < counted(two, METRIC_REPEATER_PAIRS)
    assert fidelities(three).mean() < fidelities(two).mean()


def test_every_end_to_end_pair_is_a_swap_that_worked():
    blocks = run_chain()
    assert counted(blocks, METRIC_REPEATER_PAIRS) == counted(blocks, METRIC_REPEATER_SWAPS, outcome="success")
    assert counted(blocks, METRIC_REPEATER_SWAPS, outcome="success") > 0.95 * counted(blocks, METRIC_REPEATER_SWAPS)


def test_poor_links_are_purified_before_they_are_swapped():
    usual, purified = run_chain(), run_chain(purify_below_fidelity=0.97)
    assert counted(usual, METRIC_REPEATER_PURIFICATIONS) == 0
    assert counted(purified, METRIC_REPEATER_PURIFICATIONS) > 100
    assert counted(purified, METRIC_REPEATER_PAIRS) < 0.7 * counted(usual, METRIC_REPEATER_PAIRS)
    assert fidelities(purified).mean() > fidelities(usual).mean() + 0.02


def test_purification_backs_off_when_its_rounds_do_not_agree():
    stubborn = run_chain(purify_below_fidelity=0.97, backoff_success=0.0)
    backing_off = run_chain(purify_below_fidelity=0.97, backoff_success=1.0)
    assert counted(backing_off, METRIC_REPEATER_PURIFICATIONS) < 0.7 * counted(
        stubborn, METRIC_REPEATER_PURIFICATIONS
    )


def test_swaps_are_told_by_firmware_version():
    blocks = run_chain(strike("link.F5", 0.5, start_s=600))
    failed = {
        identity[ATTR_FIRMWARE_VERSION]: int(values.sum())
        for identity, values in series(blocks, METRIC_REPEATER_SWAPS, outcome="failure")
    }
    old, new = sorted(failed)
    assert old.endswith(".0")
    assert new.endswith(".1")
    assert failed[new] > 5 * failed[old]


def test_a_scheduler_that_gives_priority_pairs_away_misses_deadlines_of_high_priority_only():
    blocks = run_chain(strike("network.B5", 0.97))
    late = {p: counted(blocks, METRIC_REPEATER_REQUESTS, priority=p, outcome="timeout") for p in ("high", "normal")}
    assert late["high"] > 20
    assert late["normal"] < 5


def test_swaps_out_of_order_leave_wrong_pairs():
    assert fidelities(run_chain(strike("network.B2", 0.4))).mean() < fidelities(run_chain()).mean() - 0.2
