"""Werner pairs: what one number, the fidelity, says about a pair.

rho = w |Psi-><Psi-| + (1-w) 1/4 with weight w = (4F-1)/3 (Werner 1989, Phys. Rev. A 40, 4277), the same for any
other Bell state. Twirling turns every pair into a Werner pair of the same fidelity.
"""

import math

import numpy as np

from hwsim.physics.arrays import Value

CLASSICAL_FIDELITY = 2 / 3
"""The best that measuring and preparing anew can do for one unknown qubit (Massar & Popescu 1995)."""
CHSH_THRESHOLD_FIDELITY = (3 / math.sqrt(2) + 1) / 4
"""The fidelity above which a Werner pair violates the CHSH inequality: 0.78033."""


def werner_weight(fidelity: Value) -> Value:
    """Return w = (4F-1)/3."""
    return (4 * fidelity - 1) / 3


def werner_fidelity(weight: Value) -> Value:
    """Return F = (1+3w)/4."""
    return (1 + 3 * weight) / 4


def teleportation_fidelity(fidelity: Value) -> Value:
    """Return (2F+1)/3, the average over inputs (Horodecki 1999, Phys. Rev. A 60, 1888); F = 0.92 gives 0.94667."""
    return (2 * fidelity + 1) / 3


def chsh_value(fidelity: Value) -> Value:
    """Return the largest CHSH sum S = 2 sqrt2 w; F = 0.92 gives 2.5267."""
    return 2 * math.sqrt(2) * werner_weight(fidelity)


def bit_error_ratio(fidelity: Value) -> Value:
    """Return 2(1-F)/3, the share of unequal results when both ends measure along the same axis, any axis."""
    return 2 * (1 - fidelity) / 3


def draw_chsh_value(fidelity: float, trials: int, rng: np.random.Generator) -> float:
    """Return S as `trials` pairs in random settings show it: each setting's correlation is w/sqrt2 at best angles."""
    setting = rng.integers(0, 4, trials)
    alike = rng.random(trials) < (1 + werner_weight(fidelity) / math.sqrt(2)) / 2
    products = np.where(alike, 1.0, -1.0)
    return float(sum(products[setting == each].mean() for each in range(4)))
