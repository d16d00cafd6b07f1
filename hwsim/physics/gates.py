"""Gate errors of a processor: randomised benchmarking's numbers, the limit set by coherence, whole circuits.

Magesan, Gambetta, Emerson 2011, Phys. Rev. Lett. 106, 180504; interleaved: Magesan 2012, Phys. Rev. Lett. 109,
080505; Clifford decompositions: Barends 2014, Nature 508, 500. d = 2^n for n qubits.
"""

import numpy as np
from numpy.typing import ArrayLike

from hwsim.physics.arrays import Floats, Value
from hwsim.physics.idle import average_fidelity, joint_average_fidelity

SINGLE_QUBIT_GATES_PER_CLIFFORD = 1.875
CZ_PER_TWO_QUBIT_CLIFFORD = 1.5
SINGLE_QUBIT_GATES_PER_TWO_QUBIT_CLIFFORD = 8.25
_LAYERED_CHAIN_GATES = 99  # two-qubit gates in the layers of a chain of 100 qubits


def error_per_clifford(decay_per_step: Value, qubits: int = 1) -> Value:
    """Return r = (1-p)(d-1)/d of the decay P(m) = A p^m + B."""
    error: Value = (1 - decay_per_step) * (2**qubits - 1) / 2**qubits
    return error


def decay_of_error(error: Value, qubits: int = 1) -> Value:
    """Return p = 1 - r d/(d-1), the decay per step of this average error."""
    decay: Value = 1 - error * 2**qubits / (2**qubits - 1)
    return decay


def interleaved_gate_error(decay_per_step: Value | float, interleaved_decay: Value | float, qubits: int = 1) -> Value:
    """Return r = (d-1)(1 - p_int/p)/d of the gate that stands between the random ones."""
    error: Value = (1 - interleaved_decay / decay_per_step) * (2**qubits - 1) / 2**qubits
    return error


def coherence_limited_error(gate_s: Value | float, t1_s: Value | float, t2_s: Value | float) -> Value:
    """Return 1 - F_avg of a single-qubit gate that errs by decoherence only; 25 ns, 100 us, 80 us give 1.458e-4."""
    error: Value = 1 - average_fidelity(gate_s, t1_s, t2_s)
    return error


def coherence_limited_decay(gate_s: Value | float, t1_s: Value | float, t2_s: Value | float) -> Value:
    """Return p = 2 F_avg - 1 = (exp(-t/T1) + 2 exp(-t/T2))/3 of one such gate."""
    decay: Value = 2 * average_fidelity(gate_s, t1_s, t2_s) - 1
    return decay


def coherence_limited_clifford_error(
    gate_s: Value | float, t1_s: Value | float, t2_s: Value | float, gates: float = SINGLE_QUBIT_GATES_PER_CLIFFORD
) -> Value:
    """Return the error per Clifford of `gates` coherence-limited gates in a row: (1 - p^gates)/2."""
    error: Value = error_per_clifford(coherence_limited_decay(gate_s, t1_s, t2_s) ** gates)
    return error


def coherence_limited_pair_error(gate_s: ArrayLike, t1_s: ArrayLike, t2_s: ArrayLike) -> Floats:
    """Return 1 - F_avg of a gate on the qubits along the last axis of T1 and T2, erring by decoherence only."""
    return 1 - joint_average_fidelity(gate_s, t1_s, t2_s)


def rotation_error(angle_rad: Value) -> Value:
    """Return 1 - F_avg = (2/3) sin^2(theta/2) of a single-qubit gate that turns too far by theta, about any axis."""
    error: Value = 2 / 3 * np.sin(angle_rad / 2) ** 2
    return error


def conditional_phase_error(phase_rad: Value) -> Value:
    """Return 1 - F_avg = (3/10)(1 - cos phi) of a CZ whose conditional phase is wrong by phi."""
    error: Value = 3 / 10 * (1 - np.cos(phase_rad))
    return error


def error_per_layered_gate(layer_fidelity: Value) -> Value:
    """Return EPLG = 4/5 (1 - LF^(1/99)) of a chain of 100 qubits (McKay 2023, arXiv 2311.05933)."""
    error: Value = 4 / 5 * (1 - layer_fidelity ** (1 / _LAYERED_CHAIN_GATES))
    return error


def circuit_fidelity(errors: ArrayLike, counts: ArrayLike) -> Floats:
    """Return the product of (1 - error)^count, the digital error model, over the kinds of operation (last axis).

    Arute 2019, Nature 574, 505: 0.16 %, 0.62 % and 3.8 % with 1113, 430 and 53 operations give 1.49e-3.
    """
    return np.asarray(np.exp((np.asarray(counts) * np.log1p(-np.asarray(errors, dtype=np.float64))).sum(axis=-1)))
