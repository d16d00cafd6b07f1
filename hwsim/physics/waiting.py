"""A pair that waits: what is left of its fidelity while both qubits idle.

For the ideal pair, with g = 1 - exp(-t/T1) per qubit and c = exp(-t/T2a - t/T2b):
Psi: F = [(1-ga)/2 + (1-gb)/2 + c]/2;  Phi: F = [1/2 + ga gb/2 + (1-ga)(1-gb)/2 + c]/2.
Which Bell state waits matters when T1 is finite: at T1 = 1, T2 = 2, t = 1 it is 0.367879 against 0.567668.
"""

from enum import StrEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Value = TypeVar("Value", float, NDArray[np.float64])


class BellState(StrEnum):
    """The two families of Bell states that amplitude damping treats differently."""

    PSI = "psi"
    PHI = "phi"


def waiting_fidelity(
    wait_s: Value,
    t1_a_s: Value,
    t2_a_s: Value,
    t1_b_s: Value,
    t2_b_s: Value,
    *,
    state: BellState = BellState.PSI,
    initial: float = 1.0,
) -> Value:
    """Return the fidelity after `wait_s` of a pair that started with fidelity `initial`.

    What the pair lacked at the start is taken as phase-flipped, as imperfect interference makes it: only the
    coherence starts at 2 `initial` - 1.
    """
    kept_a, kept_b = np.exp(-wait_s / t1_a_s), np.exp(-wait_s / t1_b_s)
    coherence = (2 * initial - 1) * np.exp(-wait_s / t2_a_s - wait_s / t2_b_s)
    if state is BellState.PSI:
        populations = (kept_a + kept_b) / 2
    else:
        populations = 0.5 + (1 - kept_a) * (1 - kept_b) / 2 + kept_a * kept_b / 2
    fidelity: Value = (populations + coherence) / 2
    return fidelity
