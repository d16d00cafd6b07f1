"""Randomised benchmarking: survival after random Clifford gates, and the error per gate that its decay tells.

Magesan 2011 and, interleaved, 2012. Sequences are as long as the error expected says: from none to a decay by e^3.
Errors that are the same for every gate leave all sequences of a length alike, so their shots add up.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hwsim.experiments.binomial_fits import Fit, Guesses, fit_counts
from hwsim.experiments.estimates import PERFECT, Estimate, Imperfections
from hwsim.physics.arrays import Floats
from hwsim.physics.gates import decay_of_error, error_per_clifford, interleaved_gate_error
from hwsim.physics.signals import sequence_survival

_RELATIVE_LENGTHS = np.array([0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.2, 1.6, 2.2, 3.0])  # of the expected 1/e length
_GUESSES = np.geomspace(0.03, 30.0, 120)
_SHAPES = np.exp(-_RELATIVE_LENGTHS / _GUESSES[:, None])
_QUICKEST = 30.0  # logarithm of the expected rates that pass for infinitely many
_STARTS = Guesses(np.stack([np.ones_like(_SHAPES), _SHAPES], axis=-1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decay:
    """Decay per step with its standard error."""

    value: Floats
    error: Floats
    fit: Fit
    samples: int


def measure_error_per_clifford(
    error: ArrayLike,
    *,
    expected: ArrayLike,
    shots: int,
    rng: np.random.Generator,
    qubits: int = 1,
    imperfections: Imperfections = PERFECT,
) -> Estimate:
    """Return the error per Clifford of each row, from `shots` per sequence length."""
    truth, guess = _rows(error, expected)
    decay = _measure_decay(
        decay_of_error(truth, qubits), guess, shots=shots, rng=rng, qubits=qubits, imperfections=imperfections
    )
    return Estimate(
        value=error_per_clifford(decay.value, qubits),
        error=decay.error * (2**qubits - 1) / 2**qubits,
        chi2_per_dof=decay.fit.chi2_per_dof,
        samples=decay.samples,
    )


def measure_gate_error(
    gate_error: ArrayLike,
    clifford_error: ArrayLike,
    *,
    expected: ArrayLike,
    shots: int,
    rng: np.random.Generator,
    qubits: int = 1,
    imperfections: Imperfections = PERFECT,
) -> Estimate:
    """Return the error of one gate by interleaving: a reference run, and one with the gate after each Clifford.

    `expected` is the error per Clifford that chooses the lengths of both runs. A reference that is over before its
    shortest sequence says nothing of the gate: then the estimate is the largest error there is, and as uncertain.
    """
    gate, clifford, guess = _rows(gate_error, clifford_error, expected)
    plain = decay_of_error(clifford, qubits)
    both = _measure_decay(  # the two runs are rows of one fit, which takes half the time
        np.concatenate([plain, plain * decay_of_error(gate, qubits)]),
        np.tile(guess, 2),
        shots=shots,
        rng=rng,
        qubits=qubits,
        imperfections=imperfections.each_twice(len(gate)),
    )
    (reference, interleaved), errors = both.value.reshape(2, -1), both.error.reshape(2, -1)
    largest = error_per_clifford(0.0, qubits)
    lost = reference <= errors[0]
    known = np.where(lost, 1.0, reference)
    spread = np.hypot(interleaved / known * errors[0], errors[1]) / known
    return Estimate(
        value=np.where(lost, largest, interleaved_gate_error(known, interleaved, qubits)),
        error=np.where(lost, largest, largest * spread),
        chi2_per_dof=both.fit.chi2_per_dof.reshape(2, -1).max(axis=0),
        samples=2 * both.samples,
    )


def _rows(*values: ArrayLike) -> tuple[Floats, ...]:
    return np.broadcast_arrays(*(np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in values))


def _measure_decay(
    decay: Floats,
    expected: Floats,
    *,
    shots: int,
    rng: np.random.Generator,
    qubits: int,
    imperfections: Imperfections,
) -> _Decay:
    """Return the decay per step from one run; survival starts at 1 and ends at 1/d, and readout spoils both.

    A decay that is over before the shortest sequence is only known to lie below what its shots can tell from none.
    """
    e_folding = 1 / -np.log(decay_of_error(expected, qubits))
    lengths = np.round(e_folding[:, None] * _RELATIVE_LENGTHS)
    ideal = sequence_survival(
        lengths, np.maximum(decay, 0.0)[:, None], offset=1 / 2**qubits, amplitude=1 - 1 / 2**qubits
    )
    each = np.full(lengths.shape, float(shots))
    read = 1 - imperfections.observed(1 - ideal)
    counts = rng.binomial(shots, np.clip(read, 0.0, 1.0)).astype(np.float64)
    best, weights = _STARTS.best(counts / each)
    start = np.column_stack([weights, -np.log(_GUESSES[best])])
    x = lengths / e_folding[:, None]
    fit = fit_counts(lambda m, b, a, log_rate: b + a * np.exp(-m * np.exp(log_rate)), x, counts, each, start)
    rate = np.exp(np.minimum(fit.parameters[:, 2], _QUICKEST)) / e_folding
    value = np.exp(-rate)
    unseen = shots ** (-0.5 / lengths[:, 1])
    error = np.maximum(value * rate * fit.errors[:, 2], np.where(value < unseen, unseen, 0.0))
    return _Decay(value=value, error=error, fit=fit, samples=int(each[0].sum()))
