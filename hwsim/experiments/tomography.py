"""State tomography of one and two qubits: all Pauli settings, counts, linear inversion, and the nearest state.

The linear estimate is unbiased and gives fidelities with honest errors, but its eigenvalues may be negative; the
physical state is the one whose eigenvalues are nearest (Smolin, Gambetta, Smith 2012, Phys. Rev. Lett. 108, 070502).
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from hwsim.experiments.estimates import PERFECT, Estimate, Imperfections
from hwsim.physics.arrays import Complexes, Floats
from hwsim.physics.readout import joint_confusion_matrix, nearest_distribution

_PAULI: Complexes = np.array(
    [[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=np.complex128
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tomography:
    """Pauli expectations, shape (rows, 4^n - 1), in the order of `pauli_operators`, and their covariance."""

    expectations: Floats
    covariance: Floats
    samples: int
    qubits: int

    @property
    def errors(self) -> Floats:
        """Return the standard errors of the expectations."""
        return np.sqrt(np.diagonal(self.covariance, axis1=1, axis2=2))

    @property
    def linear(self) -> Complexes:
        """Return the linear-inversion matrices, unit trace, perhaps not positive: shape (rows, 2^n, 2^n)."""
        operators = pauli_operators(self.qubits)
        sums = np.einsum("rp,pij->rij", self.expectations, operators[1:])
        return np.asarray((sums + operators[0]) / 2**self.qubits)

    @property
    def state(self) -> Complexes:
        """Return the nearest density matrices."""
        values, vectors = np.linalg.eigh(self.linear)
        return np.asarray(np.einsum("rik,rk,rjk->rij", vectors, nearest_distribution(values), vectors.conj()))

    def fidelity(self, target: Complexes) -> Estimate:
        """Return the fidelity with a pure state, given as its amplitudes, from the linear estimate."""
        operators = pauli_operators(self.qubits)
        weights = np.einsum("i,pij,j->p", target.conj(), operators, target).real / 2**self.qubits
        value = weights[0] + self.expectations @ weights[1:]
        variance = np.einsum("p,rpq,q->r", weights[1:], self.covariance, weights[1:])
        return Estimate(
            value=value,
            error=np.asarray(np.sqrt(variance)),
            chi2_per_dof=np.ones_like(value),
            samples=self.samples,
        )


@cache
def pauli_operators(qubits: int) -> Complexes:
    """Return the 4^n products of 1, X, Y, Z, the first qubit's varying slowest; the first one is the identity."""
    operators = np.ones((1, 1, 1), dtype=np.complex128)
    for _ in range(qubits):
        operators = np.array([np.kron(left, right) for left in operators for right in _PAULI])
    operators.setflags(write=False)
    return operators


def measure_state(
    states: Complexes,
    *,
    shots: int,
    rng: np.random.Generator,
    imperfections: Imperfections = PERFECT,
) -> Tomography:
    """Return the tomography of `states` (rows, 2^n, 2^n) from `shots` of each of the 3^n settings.

    Every setting measures each qubit along X, Y or Z. A Pauli operator with identities is seen in several settings,
    which are averaged. Readout errors of `imperfections` are undone with the matrix that is known for them.
    """
    qubits = states.shape[-1].bit_length() - 1
    signs = _signs(qubits)
    confusion = joint_confusion_matrix(*[imperfections.matrix] * qubits)
    readings = signs @ np.linalg.inv(confusion)  # from observed shares to expectations
    truth = np.einsum("rij,pji->rp", states, pauli_operators(qubits)).real
    totals, covariance = np.zeros_like(truth), np.zeros((*truth.shape, truth.shape[-1]))
    seen = np.zeros(4**qubits)
    for setting in product((1, 2, 3), repeat=qubits):
        measured = _operators_of(setting)
        chance = np.maximum(truth[:, measured] @ signs / 2**qubits, 0.0) @ confusion.T
        counts = rng.multinomial(shots, chance / chance.sum(axis=1, keepdims=True))
        totals[:, measured] += counts / shots @ readings.T
        covariance[np.ix_(range(len(states)), measured, measured)] += _spread(counts, shots, readings)
        seen[measured] += 1
    return Tomography(
        expectations=(totals / seen)[:, 1:],
        covariance=(covariance / np.outer(seen, seen))[:, 1:, 1:],
        samples=shots * 3**qubits,
        qubits=qubits,
    )


def _operators_of(setting: tuple[int, ...]) -> list[int]:
    """Return the Pauli operators that a setting measures: each qubit's axis or, where its bit is 0, the identity."""
    qubits = len(setting)
    return [
        sum(
            axis * 4 ** (qubits - 1 - qubit) for qubit, axis in enumerate(setting) if part >> (qubits - 1 - qubit) & 1
        )
        for part in range(2**qubits)
    ]


def _signs(qubits: int) -> Floats:
    """Return the value of each measured operator (rows) for each outcome (columns): -1 for an odd number of ones."""
    parts = np.arange(2**qubits)
    ones = np.array([[(part & outcome).bit_count() for outcome in parts.tolist()] for part in parts.tolist()])
    return np.asarray(1.0 - 2.0 * (ones % 2))


def _spread(counts: NDArray[np.int64], shots: int, readings: Floats) -> Floats:
    """Return the multinomial covariance of the expectations; four counts more, spread out, keep it honest near 0."""
    shares = (counts + 4 / counts.shape[1]) / (shots + 4)
    mean = shares @ readings.T
    square = np.einsum("ro,po,qo->rpq", shares, readings, readings)
    return np.asarray((square - mean[:, :, None] * mean[:, None, :]) / shots)
