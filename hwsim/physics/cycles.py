"""Many write-hold-read cycles at once: what a bank of memories does to the qubits that are stored in it.

The solution of the Lindblad equation with relaxation sqrt((1-p_th)/T1) |0><1|, excitation sqrt(p_th/T1) |1><0|,
dephasing sqrt(1/(2 T_phi)) sigma_z and the Hamiltonian detuning |1><1|, written out: p1 relaxes to p_th, rho01
shrinks with T2 and turns with the detuning. Writing and reading are depolarising; their errors are infidelities.
It is what `qutip.mesolve` returns, thousands of times faster, and it has no state and no loop.
"""

import numpy as np
from numpy.typing import ArrayLike

from hwsim.physics.arrays import Complexes, Floats


def write_hold_read(
    states: Complexes,
    *,
    hold_s: ArrayLike,
    t1_s: ArrayLike,
    t2_s: ArrayLike,
    thermal: ArrayLike = 0.0,
    detuning_rad_per_s: ArrayLike = 0.0,
    write_error: ArrayLike = 0.0,
    read_error: ArrayLike = 0.0,
) -> Complexes:
    """Return the density matrices that are read, shape (..., 2, 2), for those that are written.

    Every other argument broadcasts against the leading axes: one value for all cycles, or one for each.
    """
    hold_s = np.asarray(hold_s, dtype=np.float64)
    written, read = 1 - 2 * np.asarray(write_error), 1 - 2 * np.asarray(read_error)
    excited = 0.5 + (states[..., 1, 1].real - 0.5) * written
    held = thermal + (excited - thermal) * np.exp(-hold_s / np.asarray(t1_s))
    excited = 0.5 + (held - 0.5) * read
    kept = written * read * np.exp(-hold_s / np.asarray(t2_s))
    angle = np.asarray(detuning_rad_per_s) * hold_s
    coherence = states[..., 0, 1] * kept
    if angle.any():
        coherence = coherence * (np.cos(angle) + 1j * np.sin(angle))
    result = np.empty((*np.broadcast_shapes(excited.shape, coherence.shape), 2, 2), dtype=np.complex128)
    result[..., 0, 0] = 1 - excited
    result[..., 1, 1] = excited
    result[..., 0, 1] = coherence
    result[..., 1, 0] = coherence.conj()
    return result


def density_matrices(bloch: Floats) -> Complexes:
    """Return (1 + x X + y Y + z Z)/2 for Bloch vectors along the last axis; z = 1 is the ground state."""
    x, y, z = np.moveaxis(np.asarray(bloch, dtype=np.float64), -1, 0)
    top, bottom = np.stack([1 + z, x - 1j * y], axis=-1), np.stack([x + 1j * y, 1 - z], axis=-1)
    return np.asarray(np.stack([top, bottom], axis=-2) / 2)


def bloch_vectors(states: Complexes) -> Floats:
    """Return (x, y, z) of density matrices, shape (..., 3)."""
    coherence = states[..., 1, 0]
    return np.stack([2 * coherence.real, 2 * coherence.imag, (states[..., 0, 0] - states[..., 1, 1]).real], axis=-1)


def state_fidelities(states: Complexes, others: Complexes) -> Floats:
    """Return the squared (Jozsa) fidelity of qubits: tr(rho sigma) + 2 sqrt(det rho det sigma)."""
    overlap = np.einsum("...ij,...ji->...", states, others).real
    return np.asarray(overlap + 2 * np.sqrt(np.maximum(_determinant(states) * _determinant(others), 0.0)))


def _determinant(states: Complexes) -> Floats:
    product = states[..., 0, 0] * states[..., 1, 1] - states[..., 0, 1] * states[..., 1, 0]
    return np.asarray(product.real)
