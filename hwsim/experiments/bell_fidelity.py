"""Fidelity of delivered pairs from three settings: both ends measure along X, along Y, along Z.

F = (1 + s_x <XX> + s_y <YY> + s_z <ZZ>)/4 with the signs of the Bell state aimed at. Readout errors shrink and shift
the correlations; both are undone with the known confusion matrices, which keeps the estimate unbiased.
"""

import numpy as np

from hwsim.experiments.estimates import PERFECT, Estimate, Imperfections
from hwsim.physics.arrays import Floats
from hwsim.physics.readout import joint_confusion_matrix
from hwsim.physics.waiting import BellState, PairState

_EQUAL = np.array([1.0, -1.0, -1.0, 1.0])  # sign of an outcome 00, 01, 10, 11
_SIGNS = {BellState.PSI: (1.0, 1.0, -1.0), BellState.PHI: (1.0, -1.0, 1.0)}


def measure_bell_fidelity(
    pairs: PairState,
    *,
    state: BellState,
    shots: int,
    rng: np.random.Generator,
    imperfections: tuple[Imperfections, Imperfections] = (PERFECT, PERFECT),
) -> Estimate:
    """Return the fidelity of each row of `pairs` from `shots` pairs per setting."""
    confusion = joint_confusion_matrix(imperfections[0].matrix, imperfections[1].matrix)
    readings = _EQUAL @ np.linalg.inv(confusion)
    value, variance = np.full(pairs.psi_coherence.shape, 0.25), np.zeros(pairs.psi_coherence.shape)
    for sign, outcomes in zip(_SIGNS[state], _outcomes(pairs), strict=True):
        counts = rng.multinomial(shots, np.clip(outcomes, 0.0, 1.0) @ confusion.T)
        smoothed = (counts + 1) / (shots + 4)  # near the edge, counts look better known than they are
        value = value + sign / 4 * (counts / shots) @ readings
        variance = variance + (smoothed @ readings**2 - (smoothed @ readings) ** 2) / (16 * shots)
    return Estimate(value=value, error=np.sqrt(variance), chi2_per_dof=np.ones_like(value), samples=3 * shots)


def _outcomes(pairs: PairState) -> tuple[Floats, Floats, Floats]:
    """Return the chances of 00, 01, 10, 11 along X, Y and Z; an X state has no local X or Y."""
    along_x = 2 * (pairs.psi_coherence + pairs.phi_coherence)
    along_y = 2 * (pairs.psi_coherence - pairs.phi_coherence)
    x, y = ((1 + correlation[..., None] * _EQUAL) / 4 for correlation in (along_x, along_y))
    return x, y, pairs.populations
