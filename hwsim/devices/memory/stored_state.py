"""The density matrix of a qubit that was stored in one of six cardinal states and read after a hold."""

import numpy as np

from hwsim.physics.arrays import Complexes, Floats
from hwsim.physics.idle import coherence, excited_population

CARDINAL_STATES = ("x+", "x-", "y+", "y-", "z+", "z-")

_AMPLITUDES = {
    "x+": np.array([1, 1]) / 2**0.5,
    "x-": np.array([1, -1]) / 2**0.5,
    "y+": np.array([1, 1j]) / 2**0.5,
    "y-": np.array([1, -1j]) / 2**0.5,
    "z+": np.array([1, 0]),
    "z-": np.array([0, 1]),
}


def amplitudes(state: str) -> Complexes:
    """Return the amplitudes of a cardinal state, ground state first."""
    return np.asarray(_AMPLITUDES[state], dtype=np.complex128)


def held_state(state: str, *, hold_s: float, t1_s: float, t2_s: float, thermal: float, shrink: float) -> Complexes:
    """Return what idling leaves of a cardinal state; `shrink` is what write and read leave of its Bloch vector."""
    start = amplitudes(state)
    excited = float(excited_population(hold_s, t1_s, start=float(abs(start[1]) ** 2), thermal=thermal))
    across = start[0] * start[1].conj() * float(coherence(hold_s, t2_s))
    held = np.array([[1 - excited, across], [np.conj(across), excited]])
    return np.asarray(shrink * held + (1 - shrink) * np.eye(2) / 2)


def turned_about_y(matrix: Complexes, angle_rad: float) -> Complexes:
    """Return what a readout takes the state for whose axes are turned by an angle about y."""
    half = angle_rad / 2
    turn: Floats = np.array([[np.cos(half), -np.sin(half)], [np.sin(half), np.cos(half)]])
    return np.asarray(turn @ matrix @ turn.T)
