"""A link under continuous demand."""

import numpy as np
import pytest
from scipy import stats

from hwsim import LINK_F1, FaultSchedule, Injection
from hwsim.click_patterns import Protocol
from hwsim.devices.cryostat import Thermals
from hwsim.devices.lifetimes import Lifetimes
from hwsim.devices.link import Link
from hwsim.fleet import LinkSpec
from hwsim.preset import load_preset
from hwsim.tally import Tally
from model.clock import MINUTE_NS, SECOND_NS
from model.names import (
    METRIC_LINK_ATTEMPTS,
    METRIC_LINK_FIDELITY,
    METRIC_LINK_HERALD_LATENCY,
    METRIC_LINK_HERALDS,
    METRIC_LINK_PHOTON_DETECTIONS,
    METRIC_LINK_REQUESTS,
)
from model.readings import Readings
from tests.unit.hwsim.worlds import START_NS, total, values

PRESET = load_preset("trapped_ion")


def build_link(
    *injections: Injection, seed: int = 1, length_km: float = 10.0, protocol: Protocol = Protocol.TWO_CLICK
) -> Link:
    faults = FaultSchedule(injections)
    ends = Lifetimes(PRESET.memory, Thermals("cryo", PRESET.cryostat, faults))
    spec = LinkSpec(id="link", ends=("a", "b"), length_km=length_km, protocol=protocol)
    return Link(spec, PRESET.link, PRESET.controller, (ends, ends), faults, seed=seed, start_ns=START_NS)


def run_link(link: Link, *, seconds: int, step_s: int = 60, from_s: int = 0) -> list[Readings]:
    readings = []
    for begin_s in range(from_s, from_s + seconds, step_s):
        start_ns = START_NS + begin_s * SECOND_NS
        tally = Tally(site="x", start_ns=start_ns, end_ns=start_ns + step_s * SECOND_NS)
        link.advance(tally)
        readings.append(tally.readings())
    return readings


def moved_connector(start_s: float, end_s: float | None, magnitude: float = 13.0) -> Injection:
    return Injection(
        fault_id=LINK_F1,
        entity_id="link",
        start_ns=START_NS + round(start_s * SECOND_NS),
        end_ns=None if end_s is None else START_NS + round(end_s * SECOND_NS),
        magnitude=magnitude,
    )


def herald_probability(link: Link) -> float:
    return next(t.value for t in link.truths(START_NS + 1) if t.quantity == "herald_probability")


@pytest.mark.parametrize("step_s", [1, 60])
def test_heralds_are_binomial_whatever_the_step(step_s):
    counts = []
    for seed in range(40):
        link = build_link(seed=seed)
        readings = run_link(link, seconds=60, step_s=step_s)
        attempts = total(readings, METRIC_LINK_ATTEMPTS)
        chance = herald_probability(link)
        heralds = total(readings, METRIC_LINK_HERALDS)
        counts.append((heralds - attempts * chance) / (attempts * chance * (1 - chance)) ** 0.5)
    assert 1e-4 < stats.chi2.sf(np.square(counts).sum(), len(counts)) < 1 - 1e-4


def test_attempts_follow_the_clock_of_the_cycle():
    whole = total(run_link(build_link(), seconds=120), METRIC_LINK_ATTEMPTS)
    pieces = total(run_link(build_link(), seconds=120, step_s=1), METRIC_LINK_ATTEMPTS)
    assert whole == pieces == pytest.approx(120 / 548.967e-6, abs=2)


def test_every_herald_serves_a_request_and_delivers_a_pair():
    readings = run_link(build_link(), seconds=600)
    heralds = total(readings, METRIC_LINK_HERALDS)
    assert total(readings, METRIC_LINK_REQUESTS, outcome="success") == heralds
    assert len(values(readings, METRIC_LINK_FIDELITY)) == heralds
    assert len(values(readings, METRIC_LINK_HERALD_LATENCY)) == heralds


@pytest.mark.parametrize("step_s", [1, 60])
def test_requests_time_out_as_the_geometric_law_says(step_s):
    link = build_link(moved_connector(-1, None))
    readings = run_link(link, seconds=3600, step_s=step_s)
    served = total(readings, METRIC_LINK_REQUESTS, outcome="success")
    late = total(readings, METRIC_LINK_REQUESTS, outcome="timeout")
    chance = herald_probability(link)
    expected = (1 - chance) ** (SECOND_NS // 548_967)
    spread = (expected * (1 - expected) / (served + late)) ** 0.5
    assert late / (served + late) == pytest.approx(expected, abs=4 * spread + 0.01)  # loss drifts a little


def test_clicks_are_as_many_as_the_efficiencies_say():
    link = build_link(length_km=0.0)
    readings = run_link(link, seconds=540)
    attempts = total(readings, METRIC_LINK_ATTEMPTS)
    signal = total(readings, METRIC_LINK_PHOTON_DETECTIONS, kind="signal")
    dark = total(readings, METRIC_LINK_PHOTON_DETECTIONS, kind="dark")
    eta = PRESET.link.detection_probability
    bunched = eta**2 / 2 * (1 + PRESET.link.visibility) / 2
    assert signal == pytest.approx(attempts * (2 * eta - bunched), rel=0.05)  # loss drifts a little
    assert dark == pytest.approx(4 * PRESET.link.dark_probability * attempts, rel=0.3)


def test_fidelities_are_those_of_the_herald_less_the_wait():
    readings = run_link(build_link(), seconds=600)
    fidelity = values(readings, METRIC_LINK_FIDELITY)
    assert ((fidelity >= 0) & (fidelity <= 1)).all()
    assert fidelity.mean() == pytest.approx(0.9355, abs=0.002)


def test_a_moved_connector_dims_the_light_and_heals():
    link = build_link(moved_connector(600, 1200))
    before, during, after = (run_link(link, seconds=600, from_s=at) for at in (0, 600, 1200))
    usual = total(before, METRIC_LINK_HERALDS)
    assert total(during, METRIC_LINK_HERALDS) < 0.1 * usual
    assert total(after, METRIC_LINK_HERALDS) == pytest.approx(usual, rel=0.15)
    photons = [total(part, METRIC_LINK_PHOTON_DETECTIONS, kind="signal") for part in (before, during)]
    assert photons[1] < 0.6 * photons[0]


def test_a_fault_in_the_middle_of_a_step_strikes_half_of_it():
    heralds = [
        total(run_link(build_link(moved_connector(30, None), seed=seed), seconds=60), METRIC_LINK_HERALDS)
        for seed in range(20)
    ]
    assert np.mean(heralds) == pytest.approx(0.525 * 425, rel=0.05)


def test_a_single_click_link_trades_fidelity_for_rate():
    two, one = (build_link(protocol=protocol) for protocol in (Protocol.TWO_CLICK, Protocol.SINGLE_CLICK))
    assert herald_probability(one) > herald_probability(two)
    fidelity = values(run_link(one, seconds=60), METRIC_LINK_FIDELITY)
    assert 0.8 < fidelity.mean() < 0.935


def test_a_step_shorter_than_an_attempt_counts_nothing():
    tally = Tally(site="x", start_ns=START_NS, end_ns=START_NS + 1)
    build_link().advance(tally)
    counts = {count.value for count in tally.readings().counts}
    assert counts <= {0, 1}


def test_drift_does_not_depend_on_the_step():
    slow, fast = build_link(), build_link()
    run_link(slow, seconds=3600, step_s=600)
    run_link(fast, seconds=3600, step_s=60)
    when_ns = START_NS + 60 * MINUTE_NS
    assert slow.truths(when_ns) == fast.truths(when_ns)
