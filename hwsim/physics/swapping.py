"""Entanglement swapping: two pairs that share a node become one longer pair.

Briegel, Duer, Cirac, Zoller 1998, Phys. Rev. Lett. 81, 5932: Werner weights multiply, and every swap multiplies by
p2 (4 eta^2 - 1)/3, with p2 the reliability of the two-qubit gate and eta that of one measurement.
"""

import numpy as np
from numpy.typing import ArrayLike

from hwsim.physics.arrays import Floats, Real, Value, unwrap
from hwsim.physics.bell_diagonal import compose, depolarised
from hwsim.physics.werner import werner_fidelity, werner_weight

LINEAR_OPTICS_BELL_MEASUREMENT = 0.5
"""Success of a Bell measurement with beam splitters only: Psi+ and Psi- are told apart, Phi+ and Phi- are not.

Calsamiglia & Luetkenhaus 2001, Appl. Phys. B 72, 67.
"""


def swap_weight(gate_reliability: Value | float, measurement_reliability: Value | float = 1.0) -> Value:
    """Return p2 (4 eta^2 - 1)/3, the weight that one noisy swap leaves."""
    weight: Value = unwrap(gate_reliability * (4 * measurement_reliability**2 - 1) / 3)
    return weight


def swapped_fidelity(
    fidelity_a: Value | float,
    fidelity_b: Value | float,
    *,
    gate_reliability: Value | float = 1.0,
    measurement_reliability: Value | float = 1.0,
) -> Value:
    """Return the fidelity of the pair made from two Werner pairs; 0.9 and 0.9 give 0.813333."""
    swap = gate_reliability * (4 * measurement_reliability**2 - 1) / 3
    fidelity: Value = unwrap(0.25 + swap * (4 * fidelity_a - 1) * (4 * fidelity_b - 1) / 12)
    return fidelity


def chain_fidelity(
    fidelities: ArrayLike, *, gate_reliability: float = 1.0, measurement_reliability: float = 1.0
) -> Floats:
    """Return the end-to-end fidelity of links whose fidelities lie along the last axis; ten of 0.99 give 0.905792."""
    links = np.asarray(fidelities, dtype=np.float64)
    swaps = swap_weight(gate_reliability, measurement_reliability) ** (links.shape[-1] - 1)
    return werner_fidelity(np.asarray(swaps * werner_weight(links).prod(axis=-1)))


def swap_bell_diagonal(
    left: Floats, right: Floats, *, gate_reliability: Real = 1.0, measurement_reliability: Real = 1.0
) -> Floats:
    """Return the Bell-diagonal pair made from two of them, after the correction that the result asks for.

    A gate that fails leaves white noise. A measurement that errs (1 - eta per qubit) corrects with the wrong Pauli:
    a bit flip, a phase flip, or both. For Werner pairs the mean over Bell states is Briegel's factor.
    """
    eta = np.asarray(measurement_reliability, dtype=np.float64)
    faults = np.stack([eta**2, (1 - eta) ** 2, eta * (1 - eta), eta * (1 - eta)], axis=-1)
    return depolarised(compose(compose(left, right), faults), gate_reliability)


def draw_bell_measurements(attempts: int, rng: np.random.Generator) -> int:
    """Return how many linear-optics Bell measurements of `attempts` succeed, each with a random Bell state."""
    return int(rng.binomial(attempts, LINEAR_OPTICS_BELL_MEASUREMENT))
