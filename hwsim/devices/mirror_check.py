"""Circuits whose answer is known: mirror circuits, which undo themselves, on all qubits of a processor.

Their ideal outcome is one string of bits, a new random one each time, so the Hellinger fidelity of the counts with
the ideal distribution is the share of shots that show it (Proctor et al. 2022, Nature Physics 18, 75). What
decoherence and gates spoil comes out as a random string; readout flips single bits; a fault of postprocessing that
reverses the order of the bits makes the right string a wrong one.
"""

import numpy as np
from numpy.typing import NDArray

from hwsim.devices.chip import ChipState
from hwsim.physics.gates import circuit_fidelity

Float64s = NDArray[np.float64]


def right_answer_probability(state: ChipState, layers: float, reversed_share: Float64s | float = 0.0) -> Float64s:
    """Return the chance that a shot of the circuit shows the right string.

    A layer is a gate on each qubit and a gate on every second pair of neighbours; the mirror doubles the layers.
    """
    qubits = len(state.t1_s)
    spoiling = np.concatenate([state.gate_error, state.pair_error + state.crosstalk_error])
    counts = np.concatenate([np.full(qubits, 2 * layers), np.full(qubits - 1, layers)])
    unspoilt = circuit_fidelity(spoiling, counts)
    read = np.prod(1 - (state.one_given_zero + state.zero_given_one) / 2)
    by_chance = 2.0**-qubits
    right = unspoilt * read + (1 - unspoilt) * by_chance
    palindromes = 2.0 ** -(qubits // 2)  # strings that reversal does not change
    return np.asarray(right * (1 - reversed_share * (1 - palindromes)))
