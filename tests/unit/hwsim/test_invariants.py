"""The laws that every emitted sample obeys, over random parameters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, kstest

from hwsim.click_patterns import Protocol, build_patterns
from hwsim.physics.decoy_bb84 import Channel, asymptotic_key_rate, receiver_transmittance, vacuum_and_weak_key_rate
from hwsim.physics.heralding import attempt_cycle_s, single_click, two_click
from hwsim.physics.idle import average_fidelity, pure_dephasing_time
from hwsim.physics.key_thresholds import bb84_threshold, repeaterless_bound
from hwsim.physics.photonics import fibre_transmission
from hwsim.physics.purification import bbpssw, dejmps
from hwsim.physics.swapping import swapped_fidelity
from hwsim.physics.waiting import BellState, bell_pair, depolarised_fidelity, waiting_fidelity

unit = st.floats(0.0, 1.0)
fidelities = st.floats(0.25, 1.0)
chances = st.floats(1e-4, 1.0)
darks = st.floats(0.0, 0.1)
waits = st.floats(0.0, 10.0)
lengths = st.floats(0.0, 300.0)
pairs = st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4).map(lambda each: np.array(each) / sum(each))


def channel(length_km: float, *, misalignment: float = 0.033, background: float = 1.7e-6) -> Channel:
    return Channel(
        transmittance=receiver_transmittance(length_km, loss_db_per_km=0.21, detection=0.045),
        background=background,
        misalignment=misalignment,
    )


@given(
    eta_a=chances, eta_b=chances, visibility=unit, dark=darks, bright=st.floats(0.01, 0.99), counting=st.booleans()
)
def test_heralded_pairs_are_states(eta_a, eta_b, visibility, dark, bright, counting):
    arms = {"eta_a": eta_a, "eta_b": eta_b, "visibility": visibility, "dark": dark, "number_resolving": counting}
    for heralding in (single_click(bright=bright, **arms), two_click(**arms)):
        assert 0 < heralding.probability <= 1
        assert 0 <= heralding.fidelity <= 1 + 1e-12
        assert heralding.pair.populations.sum() == pytest.approx(1)
        assert np.linalg.eigvalsh(heralding.pair.matrix()).min() > -1e-12


@given(
    t1=st.floats(0.1, 10), share=st.floats(0.01, 2.0), start=fidelities, wait=waits, state=st.sampled_from(BellState)
)
def test_a_waiting_pair_stays_a_state(t1, share, start, wait, state):
    times = {"t1_s": (t1, 2 * t1), "t2_s": (share * t1, share * t1), "thermal": (0.1, 0.0)}
    left = bell_pair(state, start).after(wait, **times)
    assert left.populations.sum() == pytest.approx(1)
    assert np.linalg.eigvalsh(left.matrix()).min() > -1e-9


@given(tau=st.floats(0.01, 10), start=fidelities, wait=waits, more=waits)
def test_werner_pairs_never_get_better_by_waiting(tau, start, wait, more):
    now, later = (depolarised_fidelity(t, tau, 2 * tau, start) for t in (wait, wait + more))
    assert 0.25 - 1e-12 <= later <= now + 1e-12 <= 1 + 1e-9


@given(t1=st.floats(1e-6, 10), share=st.floats(0.01, 2.0), wait=waits)
def test_fidelities_of_idling_lie_in_the_unit_interval(t1, share, wait):
    assert pure_dephasing_time(t1, share * t1) >= share * t1
    assert 0 <= average_fidelity(wait, t1, share * t1) <= 1
    assert 0 <= waiting_fidelity(wait, t1, share * t1, t1, share * t1) <= 1


@given(fidelity=st.floats(0.26, 0.999))
def test_purification_gains_where_the_fidelity_exceeds_one_half_and_only_there(fidelity):
    gain = float(bbpssw(fidelity, fidelity).fidelity) - fidelity
    assert gain == pytest.approx(0, abs=1e-9) or (gain > 0) == (fidelity > 0.5)


@given(kept=pairs, spent=pairs, gate=st.floats(0.5, 1), eta=st.floats(0.5, 1))
def test_purified_pairs_are_distributions(kept, spent, gate, eta):
    result = dejmps(kept, spent, gate_reliability=gate, measurement_reliability=eta)
    assert 0 < result.probability <= 1
    assert result.pair.min() >= 0
    assert result.pair.sum() == pytest.approx(1)


@given(fidelity_a=fidelities, fidelity_b=fidelities, gate=unit)
def test_swapping_never_gains(fidelity_a, fidelity_b, gate):
    fidelity = swapped_fidelity(fidelity_a, fidelity_b, gate_reliability=gate)
    assert 0.25 - 1e-12 <= fidelity <= min(fidelity_a, fidelity_b) + 1e-12


@given(length=lengths, mu=st.floats(0.05, 1.0), more=st.floats(0.1, 100))
def test_no_key_rate_exceeds_the_repeaterless_bound_or_grows_with_length(length, mu, more):
    near, far = (float(asymptotic_key_rate(channel(km), mu, reconciliation=1.0)) for km in (length, length + more))
    assert far <= near <= repeaterless_bound(fibre_transmission(length, 0.21))


@given(length=lengths, misalignment=st.floats(bb84_threshold(1.22) + 1e-6, 0.5))
def test_there_is_no_key_above_the_threshold(length, misalignment):
    """The signal's own error ratio exceeds the threshold wherever the misalignment does."""
    assert asymptotic_key_rate(channel(length, misalignment=misalignment), 0.48, reconciliation=1.22) == 0


@given(length=st.floats(0, 200))
def test_one_weak_decoy_never_promises_more_than_infinitely_many(length):
    bounded = vacuum_and_weak_key_rate(channel(length), 0.48, 0.05, reconciliation=1.22)
    assert bounded <= asymptotic_key_rate(channel(length), 0.48, reconciliation=1.22) + 1e-15


@given(length=lengths, more=st.floats(0, 100))
def test_fewer_attempts_succeed_over_longer_links(length, more):
    near, far = (
        two_click(eta_a=eta, eta_b=eta, visibility=0.9).probability
        for eta in (fibre_transmission(km / 2) for km in (length, length + more))
    )
    assert far <= near
    assert attempt_cycle_s(1e-6, length + more) >= attempt_cycle_s(1e-6, length)


@pytest.mark.parametrize("protocol", list(Protocol))
def test_counts_scatter_as_binomial_draws_do(protocol):
    patterns = build_patterns(protocol, eta_a=0.3, eta_b=0.2, visibility=0.9, dark=0.01, bright=0.3)
    seen = np.random.default_rng(12).multinomial(10_000, patterns.probability, size=400)
    heralds, chance = seen[:, patterns.heralded].sum(axis=1), patterns.herald_probability
    statistic = ((heralds - 10_000 * chance) ** 2 / (10_000 * chance * (1 - chance))).sum()
    assert 1e-4 < chi2.sf(statistic, 400) < 1 - 1e-4


def test_heralding_times_are_geometric():
    """Ranks of a discrete distribution are spread over their steps, so that Kolmogorov and Smirnov apply."""
    rng, chance = np.random.default_rng(13), 0.02
    patterns = build_patterns(Protocol.TWO_CLICK, eta_a=0.2, eta_b=0.2, visibility=1.0, dark=0.0)
    assert patterns.herald_probability == pytest.approx(chance)
    heralded = rng.random(2_000_000) < patterns.herald_probability
    attempts = np.diff(np.flatnonzero(heralded))
    low, high = 1 - (1 - chance) ** (attempts - 1), 1 - (1 - chance) ** attempts
    assert kstest(low + (high - low) * rng.random(len(attempts)), "uniform").pvalue > 1e-3
