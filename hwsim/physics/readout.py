"""Readout that mistakes levels: confusion matrices, their inverse, and what they do to expectation values.

Columns of a confusion matrix are prepared states, rows are results: A = [[1-e01, e10], [e01, 1-e10]], with e01 the
chance to read 1 after 0 was prepared. Probabilities transform as p_measured = A p_true.
"""

import numpy as np
from numpy.typing import ArrayLike

from hwsim.physics.arrays import Floats, Value, unwrap


def readout_error(one_given_zero: Value | float, zero_given_one: Value | float) -> Value:
    """Return (e01 + e10)/2, which is what IBM's properties call readout_error."""
    error: Value = unwrap((one_given_zero + zero_given_one) / 2)
    return error


def contrast(one_given_zero: Value | float, zero_given_one: Value | float) -> Value:
    """Return 1 - e01 - e10, the factor on every sigma_z."""
    factor: Value = unwrap(1 - one_given_zero - zero_given_one)
    return factor


def confusion_matrix(one_given_zero: ArrayLike, zero_given_one: ArrayLike) -> Floats:
    """Return A of shape (..., 2, 2)."""
    e01, e10 = np.broadcast_arrays(
        np.asarray(one_given_zero, dtype=np.float64), np.asarray(zero_given_one, dtype=np.float64)
    )
    return np.stack([np.stack([1 - e01, e10], axis=-1), np.stack([e01, 1 - e10], axis=-1)], axis=-2)


def joint_confusion_matrix(*matrices: Floats) -> Floats:
    """Return the Kronecker product of single-qubit matrices: readout errors that do not know of each other."""
    joint: Floats = np.eye(1)
    for matrix in matrices:
        joint = np.asarray(np.kron(joint, matrix))
    return joint


def measured_probabilities(matrix: Floats, true: Floats) -> Floats:
    """Return A p for distributions along the last axis."""
    return np.asarray(np.einsum("...ij,...j->...i", matrix, true))


def mitigated_probabilities(matrix: Floats, measured: Floats) -> Floats:
    """Return A^-1 p: unbiased, so noise may push a value out of 0..1."""
    return np.asarray(np.linalg.solve(matrix, measured[..., None])[..., 0])


def nearest_distribution(quasi: Floats) -> Floats:
    """Return the probability distribution nearest to `quasi` in least squares (last axis), which sums to 1.

    Smolin, Gambetta, Smith 2012, Phys. Rev. Lett. 108, 070502: a constant is taken off, negatives become 0.
    """
    ordered = -np.sort(-quasi, axis=-1)
    count = np.arange(1, quasi.shape[-1] + 1)
    excess = (np.cumsum(ordered, axis=-1) - 1) / count
    kept = (ordered > excess).sum(axis=-1, keepdims=True)
    return np.asarray(np.maximum(quasi - np.take_along_axis(excess, kept - 1, axis=-1), 0.0))
