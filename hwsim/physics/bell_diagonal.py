"""Bell-diagonal pairs: four probabilities in the order A = Phi+, B = Psi-, C = Psi+, D = Phi- (last axis).

The order is that of Deutsch 1996 (Phys. Rev. Lett. 77, 2818). Each Bell state is Phi+ after a Pauli operator on one
qubit: Phi+ = 1, Psi- = Y, Psi+ = X, Phi- = Z. So faults of pairs that are swapped multiply as Paulis do, which
on this order is the exclusive or of the bits (phase flip, bit flip): A = 00, B = 11, C = 01, D = 10.
"""

import numpy as np

from hwsim.physics.arrays import Complexes, Floats, Real

PHI_PLUS, PSI_MINUS, PSI_PLUS, PHI_MINUS = range(4)

_ROOT = 2**-0.5
BELL_STATES: Floats = np.array(
    [[_ROOT, 0, 0, _ROOT], [0, _ROOT, -_ROOT, 0], [0, _ROOT, _ROOT, 0], [_ROOT, 0, 0, -_ROOT]]
)
"""Amplitudes on |00>, |01>, |10>, |11>, one row per Bell state."""

_BITS = (0b00, 0b11, 0b01, 0b10)  # (phase flip, bit flip) of A, B, C, D
_PRODUCT = np.array([[_BITS.index(left ^ right) for right in _BITS] for left in _BITS])
"""The Bell state whose Pauli is the product of two others' Paulis."""


def werner_vector(fidelity: Real) -> Floats:
    """Return (F, (1-F)/3, (1-F)/3, (1-F)/3)."""
    fidelity = np.asarray(fidelity, dtype=np.float64)[..., None]
    return np.concatenate([fidelity, np.repeat((1 - fidelity) / 3, 3, axis=-1)], axis=-1)


def bell_vector(matrix: Complexes) -> Floats:
    """Return <B|rho|B> of the four Bell states for density matrices of shape (..., 4, 4).

    That is the pair after a random bilateral Pauli rotation, which keeps these four numbers and nothing else.
    """
    return np.asarray(np.einsum("bi,...ij,bj->...b", BELL_STATES, matrix, BELL_STATES).real)


def compose(left: Floats, right: Floats) -> Floats:
    """Return the distribution of the product of two Pauli faults: swapping two pairs, or a pair and a noisy gate."""
    composed = np.zeros(np.broadcast_shapes(left.shape, right.shape))
    for first in range(4):
        for second in range(4):
            composed[..., _PRODUCT[first, second]] += left[..., first] * right[..., second]
    return composed


def turned(pair: Floats, aim: int) -> Floats:
    """Return the pair after the Pauli operator that makes Phi+ of the Bell state `aim` (Psi+ when heralded).

    Swapping and purification aim at Phi+; two pairs aimed at alike turn alike.
    """
    return np.asarray(pair[..., _PRODUCT[aim]])


def pauli_faults(*, bit_flip: float = 0.0, phase_flip: float = 0.0, both: float = 0.0) -> Floats:
    """Return the vector that `compose` takes for a qubit hit by X, Z or Y with these probabilities."""
    return np.array([1 - bit_flip - phase_flip - both, both, bit_flip, phase_flip])


def depolarised(pair: Floats, weight: Real) -> Floats:
    """Return w pair + (1-w)/4."""
    weight = np.asarray(weight, dtype=np.float64)[..., None]
    return weight * pair + (1 - weight) / 4
