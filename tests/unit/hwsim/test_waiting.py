"""Pairs that wait."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.channels import apply_idle
from hwsim.physics.waiting import BellState, waiting_fidelity

lifetimes = st.floats(1e-3, 10.0)


def waited_in_qutip(state: BellState, hold_s: float, a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the fidelity of a Bell pair whose qubits both went through QuTiP's channel."""
    bell = np.zeros(4)
    bell[[1, 2] if state is BellState.PSI else [0, 3]] = 2**-0.5
    left = np.zeros((4, 4), dtype=np.complex128)
    for row, column in np.argwhere(np.outer(bell, bell)):
        parts = []
        for (i, j), (t1_s, t2_s) in (((row // 2, column // 2), a), ((row % 2, column % 2), b)):
            unit = np.zeros((2, 2), dtype=np.complex128)
            unit[i, j] = 1
            parts.append(apply_idle(unit, hold_s, t1_s, t2_s))
        left += 0.5 * np.kron(*parts)
    return float((bell @ left @ bell).real)


@pytest.mark.parametrize(("state", "expected"), [(BellState.PSI, 0.367879), (BellState.PHI, 0.567668)])
def test_which_bell_state_waits_matters(state, expected):
    assert waiting_fidelity(1.0, 1.0, 2.0, 1.0, 2.0, state=state) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("state", list(BellState))
@pytest.mark.parametrize("hold_s", [0.01, 0.3, 2.0])
def test_waiting_agrees_with_two_qutip_channels(state, hold_s):
    oracle = waited_in_qutip(state, hold_s, (1.0, 0.8), (0.5, 0.9))
    assert waiting_fidelity(hold_s, 1.0, 0.8, 0.5, 0.9, state=state) == pytest.approx(oracle, rel=1e-5)


@given(t1_a=lifetimes, t1_b=lifetimes, share=st.floats(0.01, 2), wait=st.floats(0, 5), more=st.floats(0, 5))
def test_a_psi_pair_never_gets_better_by_waiting(t1_a, t1_b, share, wait, more):
    now, later = (
        waiting_fidelity(t, t1_a, share * t1_a, t1_b, share * t1_b, initial=0.94) for t in (wait, wait + more)
    )
    assert 0 <= later <= now <= 1


def test_a_fresh_pair_has_its_initial_fidelity():
    assert waiting_fidelity(0.0, 1.0, 1.0, 1.0, 1.0, initial=0.93) == pytest.approx(0.93)
