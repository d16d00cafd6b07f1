"""Swapping, purification, teleportation and waiting, held against circuits and channels in QuTiP."""

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.physics.bell_diagonal import (
    PHI_MINUS,
    PHI_PLUS,
    PSI_MINUS,
    PSI_PLUS,
    bell_vector,
    compose,
    turned,
    werner_vector,
)
from hwsim.physics.heralding import single_click, two_click
from hwsim.physics.purification import dejmps
from hwsim.physics.swapping import swap_bell_diagonal, swapped_fidelity
from hwsim.physics.waiting import BellState, PairState, bell_pair, pair_of_bell_vector, waiting_fidelity, werner_pair
from hwsim.physics.werner import teleportation_fidelity
from tests.unit.hwsim.qutip_circuits import (
    PAULIS,
    bell_diagonal,
    bell_shares,
    dejmps_by_circuit,
    idle_pair,
    swap_by_circuit,
    teleported_fidelity,
)

ENDS = ((1.0, 0.8, 0.1), (0.5, 0.9, 0.02))
GENERATOR = np.random.default_rng(24)
VECTORS = [GENERATOR.dirichlet(np.ones(4)) for _ in range(6)]
COUPLES = list(zip(VECTORS[:3], VECTORS[3:], strict=True))
shares = st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4).map(lambda each: np.array(each) / sum(each))


def wait(pair: PairState, hold_s: float) -> PairState:
    (t1_a, t2_a, thermal_a), (t1_b, t2_b, thermal_b) = ENDS
    return pair.after(hold_s, t1_s=(t1_a, t1_b), t2_s=(t2_a, t2_b), thermal=(thermal_a, thermal_b))


@pytest.mark.parametrize(("kept", "spent"), COUPLES)
def test_dejmps_is_the_circuit_on_four_qubits(kept, spent):
    probability, vector = dejmps_by_circuit(kept, spent)
    result = dejmps(kept, spent)
    assert result.probability == pytest.approx(probability, rel=1e-12)
    assert result.pair == pytest.approx(vector, abs=1e-12)


@pytest.mark.parametrize(("left", "right"), COUPLES)
def test_swapping_is_the_circuit_on_four_qubits(left, right):
    assert swap_bell_diagonal(left, right) == pytest.approx(swap_by_circuit(left, right), abs=1e-12)


@pytest.mark.parametrize("pair", VECTORS[:3])
def test_teleportation_through_any_pair_needs_its_fidelity_only(pair):
    assert teleported_fidelity(pair) == pytest.approx(teleportation_fidelity(float(pair[0])), abs=1e-12)


@pytest.mark.parametrize("hold_s", [0.0, 0.05, 1.3])
@pytest.mark.parametrize(
    "pair",
    [
        single_click(bright=0.2, eta_a=0.3, eta_b=0.2, visibility=0.9, dark=1e-3, phase_rms_rad=0.2).pair,
        two_click(eta_a=0.3, eta_b=0.2, visibility=0.9, dark=1e-2).pair,
        werner_pair(BellState.PHI, 0.9),
    ],
    ids=["single click", "two clicks", "Werner"],
)
def test_a_pair_that_waits_is_two_idling_channels_with_heat(pair, hold_s):
    state = qutip.Qobj(pair.matrix(), dims=[[2, 2], [2, 2]])
    assert wait(pair, hold_s).matrix() == pytest.approx(idle_pair(state, hold_s, ENDS).full(), abs=1e-9)


@pytest.mark.parametrize("state", list(BellState))
def test_pairs_wait_in_arrays_as_they_wait_alone(state):
    waits_s = np.array([0.0, 0.1, 2.0])
    together = waiting_fidelity(waits_s, 1.0, 0.8, 0.5, 0.9, state=state, initial=0.95)
    alone = [waiting_fidelity(float(each), 1.0, 0.8, 0.5, 0.9, state=state, initial=0.95) for each in waits_s]
    assert together == pytest.approx(alone, rel=1e-12)


def test_single_click_pairs_lose_their_bright_part_faster_than_phase_flips_would():
    heralding = single_click(bright=0.1, eta_a=1e-3, eta_b=1e-3, visibility=0.95)
    flipped = bell_pair(BellState.PSI, heralding.fidelity)
    kept = {"t1_s": (1.0, 1.0), "t2_s": (1.0, 1.0)}
    assert heralding.pair.after(0.5, **kept).fidelity() != pytest.approx(flipped.after(0.5, **kept).fidelity())
    assert heralding.pair.after(0.0, **kept).fidelity() == pytest.approx(heralding.fidelity)


def test_the_chsh_value_of_a_waiting_pair_is_that_of_its_correlation_matrix():
    pair = wait(single_click(bright=0.05, eta_a=0.1, eta_b=0.1, visibility=0.95).pair, 0.1)
    paulis = (qutip.sigmax(), qutip.sigmay(), qutip.sigmaz())
    state = qutip.Qobj(pair.matrix(), dims=[[2, 2], [2, 2]])
    correlations = np.array([[qutip.expect(qutip.tensor(a, b), state).real for b in paulis] for a in paulis])
    largest = np.sort(np.linalg.eigvalsh(correlations.T @ correlations))[1:]
    assert pair.chsh_value() == pytest.approx(2 * np.sqrt(largest.sum()), rel=1e-9)


def test_bell_shares_are_those_that_qutip_measures():
    pair = single_click(bright=0.2, eta_a=0.3, eta_b=0.2, visibility=0.9).pair
    expected = bell_shares(qutip.Qobj(pair.matrix(), dims=[[2, 2], [2, 2]]))
    assert pair.bell_vector() == pytest.approx(expected, abs=1e-12)
    assert bell_vector(pair.matrix()) == pytest.approx(expected, abs=1e-12)


def test_a_misread_bit_corrects_with_its_own_pauli_operator():
    """Of the two bits one asks for a bit flip (Psi+ where Phi+ was meant), one for a phase flip (Phi-), both Psi-."""
    perfect, right = np.array([1.0, 0, 0, 0]), 0.9
    swapped = swap_bell_diagonal(perfect, perfect, measurement_reliability=right)
    assert swapped[[PHI_PLUS, PSI_PLUS, PHI_MINUS, PSI_MINUS]] == pytest.approx([0.81, 0.09, 0.09, 0.01])


@given(fidelity_a=st.floats(0.25, 1), fidelity_b=st.floats(0.25, 1), gate=st.floats(0.5, 1), eta=st.floats(0.5, 1))
def test_werner_pairs_swap_as_their_vectors_do(fidelity_a, fidelity_b, gate, eta):
    noise = {"gate_reliability": gate, "measurement_reliability": eta}
    vector = swap_bell_diagonal(werner_vector(fidelity_a), werner_vector(fidelity_b), **noise)
    assert vector[0] == pytest.approx(swapped_fidelity(fidelity_a, fidelity_b, **noise), abs=1e-12)


@settings(max_examples=30)
@given(left=shares, right=shares)
def test_composing_faults_keeps_a_distribution_and_commutes(left, right):
    composed = compose(left, right)
    assert composed.sum() == pytest.approx(1)
    assert composed == pytest.approx(compose(right, left))


@pytest.mark.parametrize("aim", range(4))
def test_a_pair_is_turned_by_the_pauli_operator_of_its_aim(aim):
    pauli = qutip.tensor(qutip.qeye(2), PAULIS[aim])
    expected = bell_shares(pauli * bell_diagonal(VECTORS[0]) * pauli.dag())
    assert turned(VECTORS[0], aim) == pytest.approx(expected, abs=1e-12)
    assert turned(VECTORS[0], aim)[PHI_PLUS] == VECTORS[0][aim]


def test_swapped_pairs_can_wait():
    assert pair_of_bell_vector(VECTORS[0]).matrix() == pytest.approx(bell_diagonal(VECTORS[0]).full(), abs=1e-12)
    assert pair_of_bell_vector(np.array(VECTORS)).bell_vector() == pytest.approx(np.array(VECTORS))


@pytest.mark.parametrize("vector", VECTORS[:2])
def test_a_bell_diagonal_matrix_has_the_shares_it_was_made_of(vector):
    assert bell_vector(bell_diagonal(vector).full()) == pytest.approx(vector, abs=1e-12)
