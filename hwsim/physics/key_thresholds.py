"""How many errors a key can stand, and what no repeaterless link can exceed."""

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from hwsim.physics.arrays import Value, binary_entropy

INDIVIDUAL_ATTACK_THRESHOLD = (1 - 1 / math.sqrt(2)) / 2
"""QBER above which individual attacks leave no key: 14.645 %."""
INTERCEPT_RESEND_ERROR_RATIO = 0.25
"""QBER that measuring every photon in a random basis and sending it on leaves behind."""


def bb84_threshold(reconciliation: float = 1.0) -> float:
    """Return the QBER at which 1 - f h2(e) - h2(e) is 0: 11.003 %, with f = 1.16 9.811 % (Shor & Preskill 2000)."""
    return _root(lambda e: 1 - (1 + reconciliation) * float(binary_entropy(e)))


def six_state_threshold() -> float:
    """Return the QBER at which the six-state protocol has no key: 12.619 % (Lo 2001).

    The pair is a Bell-diagonal (1 - 3e/2, e/2, e/2, e/2): the key 1 - its entropy.
    """
    return _root(lambda e: 1 + _plogp(1 - 1.5 * e) + 3 * _plogp(e / 2))


def repeaterless_bound(transmittance: Value) -> Value:
    """Return -log2(1 - eta), secret bits per mode that no link without a repeater exceeds.

    Pirandola et al 2017, Nat. Commun. 8, 15043; eta = 0.01 gives 0.0144996; infinite without loss.
    """
    with np.errstate(divide="ignore"):
        bits: Value = -np.log1p(-np.asarray(transmittance)) / np.log(2)
    return bits


def draw_intercept_resend(rounds: int, rng: np.random.Generator) -> tuple[int, int]:
    """Return (errors, sifted bits) of BB84 rounds whose photons were all measured and sent on."""
    bit, basis, eve_basis, bob_basis = rng.integers(0, 2, (4, rounds))
    eve = np.where(eve_basis == basis, bit, rng.integers(0, 2, rounds))
    bob = np.where(bob_basis == eve_basis, eve, rng.integers(0, 2, rounds))
    sifted = bob_basis == basis
    return int((bob != bit)[sifted].sum()), int(sifted.sum())


def _plogp(share: float) -> float:
    return share * math.log2(share) if share > 0 else 0.0


def _root(margin: Callable[[float], float]) -> float:
    return float(brentq(margin, 1e-12, 0.5, xtol=1e-14))
