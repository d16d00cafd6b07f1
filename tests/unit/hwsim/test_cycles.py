"""The batched write-hold-read cycle: QuTiP's master equation as the oracle, and the laws of fidelities."""

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hwsim.channels import TIGHT, lindblad_solution
from hwsim.physics.arrays import Complexes, Floats
from hwsim.physics.cycles import bloch_vectors, density_matrices, state_fidelities, write_hold_read
from hwsim.physics.idle import retrieval_fidelity

vectors = arrays(np.float64, (3,), elements=st.floats(-1, 1)).map(lambda v: v / max(1.0, float(np.linalg.norm(v))))
AXES = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float64)


def draw_cycles(size: int) -> tuple[Complexes, dict[str, Floats]]:
    rng = np.random.default_rng(3)
    directions = rng.normal(size=(size, 3))
    states = density_matrices(directions / np.linalg.norm(directions, axis=1, keepdims=True))
    t1_s = rng.uniform(0.2, 2.0, size)
    return states, {
        "hold_s": rng.exponential(0.4, size),
        "t1_s": t1_s,
        "t2_s": t1_s * rng.uniform(0.1, 2.0, size),
        "thermal": rng.uniform(0, 0.3, size),
        "detuning_rad_per_s": rng.normal(0, 15, size),
    }


def test_held_states_are_those_of_the_master_equation():
    states, conditions = draw_cycles(25)
    held = write_hold_read(states, **conditions)
    for number, state in enumerate(states):
        own = {name: float(each[number]) for name, each in conditions.items()}
        oracle = lindblad_solution(state, options=TIGHT, **own)
        assert np.abs(held[number] - oracle).max() < 1e-8


def test_a_cycle_alone_is_the_cycle_in_a_batch():
    states, conditions = draw_cycles(5)
    together = write_hold_read(states, **conditions, write_error=0.01, read_error=0.02)
    alone = write_hold_read(
        states[3], **{name: each[3] for name, each in conditions.items()}, write_error=0.01, read_error=0.02
    )
    assert np.array_equal(together[3], alone)


def test_the_mean_over_six_directions_is_the_average_fidelity():
    states = density_matrices(AXES)
    read = write_hold_read(states, hold_s=0.3, t1_s=1.0, t2_s=0.7, write_error=0.01, read_error=0.02)
    error = 0.01 + 0.02 - 2 * 0.01 * 0.02
    assert state_fidelities(states, read).mean() == pytest.approx(retrieval_fidelity(0.3, 1.0, 0.7, error), rel=1e-12)


@given(first=vectors, second=vectors)
def test_fidelity_is_the_square_of_what_qutip_calls_fidelity(first, second):
    states = density_matrices(np.array([first, second]))
    oracle = qutip.fidelity(qutip.Qobj(states[0]), qutip.Qobj(states[1])) ** 2
    assert state_fidelities(states[0], states[1]) == pytest.approx(oracle, abs=1e-6)


@given(vectors)
def test_a_bloch_vector_survives_its_matrix(vector):
    assert bloch_vectors(density_matrices(vector)) == pytest.approx(vector, abs=1e-15)


@given(start=vectors, hold=st.floats(0, 10), share=st.floats(0.01, 2), thermal=st.floats(0, 0.5))
def test_what_is_read_is_a_state(start, hold, share, thermal):
    read = write_hold_read(density_matrices(start), hold_s=hold, t1_s=1.0, t2_s=share, thermal=thermal)
    assert np.trace(read).real == pytest.approx(1)
    assert np.linalg.eigvalsh(read).min() > -1e-12
