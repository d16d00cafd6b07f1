"""Gates, readout, Aer's device errors, fluctuating T1 and the job queue."""

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st

from hwsim.channels import idle_channel
from hwsim.physics.device_errors import (
    composite_fidelity,
    depolarising_probability,
    device_depolarising,
    relaxation_mixture,
)
from hwsim.physics.fluctuation import (
    advance_diffusion,
    advance_telegraphs,
    draw_switching_rates_hz,
    ou_autocovariance,
    relaxation_rate_hz,
    stay_probability,
)
from hwsim.physics.gates import (
    decay_of_error,
    error_per_clifford,
    error_per_layered_gate,
    interleaved_gate_error,
)
from hwsim.physics.idle import average_fidelity, joint_average_fidelity
from hwsim.physics.queueing import (
    draw_services_s,
    mean_queue_length,
    mean_residual_s,
    mean_wait_s,
    utilisation,
    waits_s,
)
from hwsim.physics.readout import (
    confusion_matrix,
    joint_confusion_matrix,
    measured_probabilities,
    mitigated_probabilities,
    nearest_distribution,
)
from hwsim.physics.signals import decay_during_readout

errors = st.floats(0.0, 0.2)


def average_fidelity_in_qutip(channel: qutip.Qobj, qubits: int) -> float:
    """Return (d F_pro + 1)/(d + 1) with F_pro the trace of the superoperator over d^2."""
    d = 2**qubits
    return float((d * channel.tr().real / d**2 + 1) / (d + 1))


@given(error=st.floats(0, 0.3), qubits=st.sampled_from([1, 2, 3]))
def test_decay_and_error_per_clifford_are_inverse(error, qubits):
    assert error_per_clifford(decay_of_error(error, qubits), qubits) == pytest.approx(error, abs=1e-12)


def test_interleaving_returns_the_gate():
    plain, gate = decay_of_error(2e-3), decay_of_error(1e-3)
    assert interleaved_gate_error(plain, plain * gate) == pytest.approx(1e-3)


def test_two_qubits_idle_as_two_channels():
    channel = qutip.super_tensor(idle_channel(0.1, 1.0, 0.8), idle_channel(0.1, 0.5, 0.9))
    expected = average_fidelity_in_qutip(channel, 2)
    assert joint_average_fidelity(0.1, [1.0, 0.5], [0.8, 0.9]) == pytest.approx(expected, rel=1e-9)


def test_the_first_order_of_two_idling_qubits():
    loss = 1 - joint_average_fidelity(1e-5, [1.0, 0.5], [0.8, 0.9])
    assert loss == pytest.approx(1e-5 * (0.2 + 0.4 + 0.4 / 0.8 + 0.4 / 0.9), rel=1e-3)


def test_one_layer_of_a_perfect_chain_has_no_error():
    assert error_per_layered_gate(1.0) == 0
    assert error_per_layered_gate(0.5) == pytest.approx(0.8 * (1 - 0.5 ** (1 / 99)))


@pytest.mark.parametrize("thermal", [0.0, 0.1])
def test_relaxation_with_short_t2_is_a_mixture_of_phase_flips_and_resets(thermal):
    parts = relaxation_mixture(0.3, 1.0, 0.7, thermal)
    up, down = qutip.basis(2, 0), qutip.basis(2, 1)
    resets = [
        (parts.reset_to_0, [up * up.dag(), up * down.dag()]),
        (parts.reset_to_1, [down * up.dag(), down * down.dag()]),
    ]
    mixture = parts.nothing * qutip.to_super(qutip.qeye(2)) + parts.phase_flip * qutip.to_super(qutip.sigmaz())
    for chance, operators in resets:
        mixture = mixture + chance * sum(qutip.to_super(operator) for operator in operators)
    assert mixture.full() == pytest.approx(idle_channel(0.3, 1.0, 0.7, thermal).full(), abs=1e-9)


@pytest.mark.parametrize("qubits", [1, 2])
def test_relaxation_and_depolarising_together_have_the_gate_error(qubits):
    t1, t2 = [100e-6, 80e-6][:qubits], [90e-6, 120e-6][:qubits]
    depolarising = float(device_depolarising(84e-9, 4e-3, t1, t2))
    channel = idle_channel(84e-9, t1[0], t2[0])
    for more in range(1, qubits):
        channel = qutip.super_tensor(channel, idle_channel(84e-9, t1[more], t2[more]))
    relaxed = average_fidelity_in_qutip(channel, qubits)
    assert composite_fidelity(relaxed, depolarising, qubits) == pytest.approx(1 - 4e-3, abs=1e-9)


def test_a_gate_better_than_its_coherence_limit_is_not_depolarised():
    relaxed = average_fidelity(1e-6, 100e-6, 80e-6)
    assert depolarising_probability(relaxed, 1 - 1e-6, 1) == 0


def test_measured_t2_above_twice_t1_is_cut_there():
    assert device_depolarising(84e-9, 4e-3, [100e-6], [300e-6]) == device_depolarising(
        84e-9, 4e-3, [100e-6], [200e-6]
    )


@given(e01=errors, e10=errors, excited=st.floats(0, 1))
def test_mitigation_undoes_the_readout(e01, e10, excited):
    matrix, truth = confusion_matrix(e01, e10), np.array([1 - excited, excited])
    measured = measured_probabilities(matrix, truth)
    assert measured.sum() == pytest.approx(1)
    assert mitigated_probabilities(matrix, measured) == pytest.approx(truth, abs=1e-9)


def test_readout_of_two_qubits_errs_independently():
    joint = joint_confusion_matrix(confusion_matrix(0.1, 0.2), confusion_matrix(0.0, 0.3))
    assert joint[:, 3] == pytest.approx([0.2 * 0.3, 0.2 * 0.7, 0.8 * 0.3, 0.8 * 0.7])
    assert joint.sum(axis=0) == pytest.approx(1)


@given(st.lists(st.floats(-0.5, 1.5), min_size=2, max_size=6))
def test_the_nearest_distribution_is_one_and_keeps_those_that_are(values):
    near = nearest_distribution(np.array(values))
    assert near.min() >= 0
    assert near.sum() == pytest.approx(1)
    assert nearest_distribution(near) == pytest.approx(near, abs=1e-12)


def test_the_excited_level_decays_halfway_through_the_readout():
    assert decay_during_readout(1e-6, 100e-6) == pytest.approx(0.005)


def test_telegraphs_switch_as_often_as_they_should_whatever_the_step():
    rng = np.random.default_rng(5)
    once = advance_telegraphs(np.zeros(100_000, dtype=np.bool_), 2.0, 0.4, rng)
    twice = advance_telegraphs(advance_telegraphs(np.zeros(100_000, dtype=np.bool_), 0.5, 0.4, rng), 1.5, 0.4, rng)
    expected = 1 - stay_probability(2.0, 0.4)
    assert [once.mean(), twice.mean()] == pytest.approx([expected, expected], abs=0.007)


def test_switching_rates_are_spread_over_four_decades():
    rates_hz = draw_switching_rates_hz((10_000,), np.random.default_rng(6))
    shares, _ = np.histogram(np.log10(rates_hz), bins=[-6, -5, -4, -3, -2])
    assert shares.sum() == 10_000
    assert np.abs(shares - 2500).max() < 200


def test_a_defect_that_couples_shortens_t1():
    rate_hz = relaxation_rate_hz(1e4, np.array([5e3, 2e4]), np.array([[False, False], [False, True]]))
    assert rate_hz.tolist() == [1e4, 3e4]


def test_diffusion_is_stationary_and_forgets_with_its_correlation_time():
    rng = np.random.default_rng(7)
    start = rng.normal(0.0, 3.0, 200_000)
    later = advance_diffusion(start, 0.8, rms=3.0, correlation_s=2.0, rng=rng)
    assert later.std() == pytest.approx(3.0, rel=0.01)
    assert (start * later).mean() == pytest.approx(ou_autocovariance(0.8, rms=3.0, correlation_s=2.0), rel=0.02)


def test_waits_follow_lindley():
    """Arrivals at 0, 1, 2, 10 with services of 3, 1, 1, 1: waits 0, 2, 2, 0."""
    assert waits_s(np.array([0.0, 1, 2, 10]), np.array([3.0, 1, 1, 1])).tolist() == [0, 2, 2, 0]


def test_services_have_the_mean_and_the_variation_asked_for():
    services_s = draw_services_s(60.0, 2.0, 400_000, np.random.default_rng(8))
    assert services_s.mean() == pytest.approx(60, rel=0.01)
    assert services_s.var() / services_s.mean() ** 2 == pytest.approx(2, rel=0.03)


def test_vacations_lengthen_the_wait_by_what_is_left_of_them():
    """One server that leaves for a fixed 30 s whenever its queue is empty, simulated job by job."""
    rng = np.random.default_rng(9)
    free_s, waited = 0.0, []
    for arrival_s, service_s in zip(
        np.cumsum(rng.exponential(120.0, 60_000)), rng.exponential(60.0, 60_000), strict=True
    ):
        while free_s < arrival_s:
            free_s += 30.0
        waited.append(free_s - arrival_s)
        free_s += service_s
    assert np.mean(waited) == pytest.approx(mean_wait_s(1 / 120, 60.0, 1.0, mean_residual_s(30.0)), rel=0.05)


def test_a_queue_that_gets_more_than_it_can_serve_never_empties():
    assert mean_wait_s(1 / 50, 60.0, 1.0) == np.inf
    assert utilisation(1 / 120, 60.0) == 0.5
    assert mean_queue_length(1 / 120, 60.0) == 0.5
