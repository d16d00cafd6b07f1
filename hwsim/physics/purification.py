"""Purification: two pairs in, one better pair out, if both ends see the same result.

Both protocols spend the second pair: a CNOT at each end, then its qubits are measured and compared. BBPSSW (Bennett
1996, Phys. Rev. Lett. 76, 722) works on Werner pairs and twirls afterwards. DEJMPS (Deutsch 1996, Phys. Rev. Lett.
77, 2818) rotates by pi/2 about X before, works on any Bell-diagonal pairs (order of `bell_diagonal`), and is faster:
N = (A+B)(a+b) + (C+D)(c+d); A' = (Aa+Bb)/N; B' = (Cd+Dc)/N; C' = (Cc+Dd)/N; D' = (Ab+Ba)/N.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from hwsim.physics.arrays import Floats, Real, ratio
from hwsim.physics.bell_diagonal import PHI_MINUS, PHI_PLUS, PSI_MINUS, PSI_PLUS, werner_vector

_AGREEING = {PHI_PLUS: 0, PSI_MINUS: 0, PSI_PLUS: 1, PHI_MINUS: 1}
"""Which results agree: two pairs of the same number. Rotated, this is the bit flip of the pair."""
_FLIPPED = {PHI_PLUS: 0, PSI_MINUS: 1, PSI_PLUS: 0, PHI_MINUS: 1}
"""The phase flip of the rotated pair; those of both pairs end up on the one that is kept."""
_KEPT = {(0, 0): PHI_PLUS, (1, 0): PHI_MINUS, (0, 1): PSI_PLUS, (1, 1): PSI_MINUS}
"""The Bell state that is kept, by (phase flips together, bit flip of the kept pair)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purified:
    """Chance that both ends agree (shape ...), and the Bell-diagonal pair they then keep (shape ..., 4)."""

    probability: Floats
    pair: Floats

    @property
    def fidelity(self) -> Floats:
        """Return the share of Phi+."""
        return np.asarray(self.pair[..., PHI_PLUS])


def dejmps(
    kept: Floats, spent: Floats, *, gate_reliability: Real = 1.0, measurement_reliability: Real = 1.0
) -> Purified:
    """Return one round on two Bell-diagonal pairs of shape (..., 4).

    A CNOT that fails at either end (chance 1 - p2 each) leaves white noise on both pairs; a measurement that errs
    (chance 1 - eta each) turns agreement into disagreement.
    """
    eta = np.asarray(measurement_reliability, dtype=np.float64)
    honest = eta**2 + (1 - eta) ** 2
    fine = np.asarray(gate_reliability, dtype=np.float64)[..., None] ** 2
    left, right = (np.asarray(pair, dtype=np.float64) for pair in (kept, spent))
    shape = np.broadcast_shapes(left.shape, right.shape, (*honest.shape, 4))
    agreed = np.zeros(shape)
    for i, j in product(range(4), repeat=2):
        counted = honest if _AGREEING[i] == _AGREEING[j] else 1 - honest
        agreed[..., _KEPT[_FLIPPED[i] ^ _FLIPPED[j], _AGREEING[i]]] += left[..., i] * right[..., j] * counted
    agreed = fine * agreed + (1 - fine) / 8
    probability = agreed.sum(axis=-1)
    return Purified(probability=probability, pair=ratio(agreed, probability[..., None]))


def bbpssw(kept: Real, spent: Real, *, gate_reliability: Real = 1.0, measurement_reliability: Real = 1.0) -> Purified:
    """Return one round on two Werner pairs of these fidelities; the pair kept is a Werner pair again.

    P = Ff + F(1-f)/3 + f(1-F)/3 + 5(1-F)(1-f)/9, F' = [Ff + (1-F)(1-f)/9]/P, a gain iff F > 1/2; 0.7 twice gives
    P = 0.68 and F' = 0.735294. On Werner pairs the rotations change nothing but the order of the rest.
    """
    result = dejmps(
        werner_vector(kept),
        werner_vector(spent),
        gate_reliability=gate_reliability,
        measurement_reliability=measurement_reliability,
    )
    return Purified(probability=result.probability, pair=werner_vector(result.fidelity))


def dejmps_rounds(pair: Floats, rounds: int) -> list[Purified]:
    """Return each of `rounds` ideal rounds on like pairs; Werner 0.7 gives 0.735294, 0.845946, 0.934395, ..."""
    results: list[Purified] = []
    for _ in range(rounds):
        results.append(dejmps(pair, pair))
        pair = results[-1].pair
    return results


def bbpssw_rounds(fidelity: Real, rounds: int) -> list[Purified]:
    """Return each of `rounds` ideal rounds on like Werner pairs; 0.7 gives 0.7353, 0.7732, 0.8119, 0.8495."""
    results: list[Purified] = []
    for _ in range(rounds):
        results.append(bbpssw(fidelity, fidelity))
        fidelity = results[-1].fidelity
    return results


def expected_raw_pairs(probabilities: Floats) -> Floats:
    """Return the product of 2/P_k over the rounds (last axis): the raw pairs that one purified pair costs."""
    return np.asarray((2 / probabilities).prod(axis=-1))
