"""What a hold leaves of a state, how long one may hold, and what more pulses give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.channels import idle_matrix
from hwsim.devices.memory.retrieval import rotation_factor
from hwsim.devices.memory.stored_state import CARDINAL_STATES, amplitudes, held_state, turned_about_y
from hwsim.physics.decoupling import decoupled_t2_s
from hwsim.physics.dephasing import coherence_time_s
from hwsim.physics.idle import average_fidelity, hold_at_fidelity
from hwsim.physics.storage_lifetime import longest_hold_s

T1_S, T2_S, HOLD_S = 1.2, 0.09, 0.03


def fidelity(state: str, matrix) -> float:
    target = amplitudes(state)
    return float((target.conj() @ matrix @ target).real)


@pytest.mark.parametrize("state", CARDINAL_STATES)
@pytest.mark.parametrize("thermal", [0.0, 0.2])
def test_a_held_state_is_what_the_idling_channel_makes_of_it(state, thermal):
    start = np.outer(amplitudes(state), amplitudes(state).conj())
    expected = idle_matrix(HOLD_S, T1_S, T2_S, thermal) @ start.reshape(4, order="F")
    held = held_state(state, hold_s=HOLD_S, t1_s=T1_S, t2_s=T2_S, thermal=thermal, shrink=1.0)
    assert held == pytest.approx(expected.reshape((2, 2), order="F"), abs=1e-9)


def test_the_mean_over_the_cardinal_states_is_the_average_fidelity():
    held = {s: held_state(s, hold_s=HOLD_S, t1_s=T1_S, t2_s=T2_S, thermal=0.0, shrink=1.0) for s in CARDINAL_STATES}
    mean = np.mean([fidelity(state, matrix) for state, matrix in held.items()])
    assert mean == pytest.approx(average_fidelity(HOLD_S, T1_S, T2_S))


@given(angle=st.floats(-4, 4))
def test_a_turned_readout_costs_what_the_rotation_factor_says(angle):
    pure = {s: np.outer(amplitudes(s), amplitudes(s).conj()) for s in CARDINAL_STATES}
    mean = np.mean([fidelity(state, turned_about_y(matrix, angle)) for state, matrix in pure.items()])
    assert mean == pytest.approx(0.5 + 0.5 * float(rotation_factor(angle)))


@given(t1_s=st.floats(1e-3, 10), ratio=st.floats(0.01, 2), error=st.floats(0, 0.2), floor=st.floats(0.55, 0.99))
def test_the_longest_hold_is_where_the_fidelity_meets_the_floor(t1_s, ratio, error, floor):
    found = longest_hold_s(floor, np.array([t1_s]), np.array([ratio * t1_s]), error)[0]
    assert found == pytest.approx(hold_at_fidelity(floor, t1_s, ratio * t1_s, error), rel=1e-6, abs=1e-12)


def test_a_floor_of_one_half_is_never_undercut():
    assert longest_hold_s(0.5, np.ones(1), np.ones(1), 0.0)[0] == np.inf


def test_more_pulses_lengthen_the_coherence_as_a_slow_bath_does():
    echo_s, many_s = (
        float(coherence_time_s(rms_rad_per_s=1e6, correlation_s=1e-3, pulses=pulses)) for pulses in (1, 16)
    )
    assert decoupled_t2_s(echo_s, 1.0, pulses=16) == pytest.approx(many_s, rel=0.05)


def test_relaxation_ends_what_pulses_gain():
    assert decoupled_t2_s(0.5, 1.0, pulses=1000) == 2.0
