"""A gate's error as Qiskit Aer models a device: thermal relaxation, then as much depolarising as is still missing.

The depolarising probability p makes the whole channel as bad as the calibrated gate error says:
p = d (F_relax - F_target)/(d F_relax - 1), d = 2^n, F average fidelities. Where relaxation alone is worse than the
target, p is 0. For T2 <= T1 relaxation is a mixture of doing nothing, Z, and resets to 0 and 1.
"""

from dataclasses import dataclass
from typing import Generic

import numpy as np
from numpy.typing import ArrayLike

from hwsim.physics.arrays import Floats, Value, choose
from hwsim.physics.idle import joint_average_fidelity


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaxationMixture(Generic[Value]):
    """Chances of the four things that happen to a qubit with T2 <= T1."""

    nothing: Value
    phase_flip: Value
    reset_to_0: Value
    reset_to_1: Value


def relaxation_mixture(
    hold_s: Value | float, t1_s: Value | float, t2_s: Value | float, thermal: Value | float = 0.0
) -> RelaxationMixture[Value]:
    """Return p_reset = 1 - exp(-t/T1), p_Z = (1-p_reset)(1 - exp(-t(1/T2 - 1/T1)))/2 and the rest.

    Exact for T2 <= T1; beyond, p_Z would be negative, and the channel is no such mixture.
    """
    reset = -np.expm1(-hold_s / t1_s)
    flip = (1 - reset) * -np.expm1(-hold_s * (1 / t2_s - 1 / t1_s)) / 2
    return RelaxationMixture(
        nothing=1 - reset - flip, phase_flip=flip, reset_to_0=(1 - thermal) * reset, reset_to_1=thermal * reset
    )


def depolarising_probability(relaxed_fidelity: Value | float, target_fidelity: Value | float, qubits: int) -> Value:
    """Return p = d (F_relax - F_target)/(d F_relax - 1), between 0 and 4^n/(4^n - 1)."""
    dimension = 2**qubits
    missing = dimension * (relaxed_fidelity - target_fidelity) / (dimension * relaxed_fidelity - 1)
    probability: Value = choose(missing > 0, np.minimum(missing, 4**qubits / (4**qubits - 1)), 0.0)
    return probability


def device_depolarising(gate_s: ArrayLike, gate_error: ArrayLike, t1_s: ArrayLike, t2_s: ArrayLike) -> Floats:
    """Return the depolarising probability of a gate on the qubits along the last axis of T1 and T2.

    Measured T2 above 2 T1 is cut there, as Aer does: the two were measured at different times.
    """
    t1, t2 = np.broadcast_arrays(np.asarray(t1_s, dtype=np.float64), np.asarray(t2_s, dtype=np.float64))
    gate = np.asarray(gate_s, dtype=np.float64)[..., None]
    relaxed = joint_average_fidelity(gate, t1, np.minimum(t2, 2 * t1))
    return np.asarray(depolarising_probability(relaxed, 1 - np.asarray(gate_error, dtype=np.float64), t1.shape[-1]))


def composite_fidelity(relaxed_fidelity: Value | float, depolarising: Value | float, qubits: int) -> Value:
    """Return the average fidelity of relaxation followed by depolarising: (1-p) F + p/d."""
    fidelity: Value = (1 - depolarising) * relaxed_fidelity + depolarising / 2**qubits
    return fidelity
