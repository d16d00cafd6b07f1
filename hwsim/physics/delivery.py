"""How fast and how surely entanglement is delivered: deterministic delivery, parallel links, nested repeaters."""

from math import comb

import numpy as np
from scipy.optimize import brentq

from hwsim.physics.arrays import Floats, Real, Value, choose, unwrap

_ALTERNATING_SUM_LINKS = 20


def deterministic_fidelity_bound(link_efficiency: Value) -> Value:
    """Return (1/4)[1 + 3 eta^(1/(1-eta))], the best fidelity of a pair delivered at a set time.

    eta is the entangling rate over the decay rate (Humphreys 2018, Nature 558, 268, eqs. 1-2); 39 Hz over 5 Hz gives
    0.8045, and eta = 1 its limit (1 + 3/e)/4.
    """
    eta = np.asarray(link_efficiency, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.where(eta == 0, -np.inf, np.log(eta) / np.where(eta == 1, 1.0, 1 - eta))
    bound: Value = choose(eta == 1, (1 + 3 / np.e) / 4, (1 + 3 * np.exp(exponent)) / 4)
    return bound


def deterministic_threshold() -> float:
    """Return the link efficiency at which the bound is 1/2: 0.8260."""
    return float(brentq(lambda eta: deterministic_fidelity_bound(float(eta)) - 0.5, 0.1, 0.999, xtol=1e-14))


def slowest_of_parallel(success: Real, links: int) -> Floats:
    """Return the mean number of steps until each of `links` links has succeeded, p per step.

    sum_k C(N,k) (-1)^(k+1)/(1-(1-p)^k) (Bernardes, Praxmeyer, van Loock 2011, Phys. Rev. A 83, 012323); two links:
    (3-2p)/(p(2-p)). For many links that sum cancels to noise: small p take the continuous limit H_N/lam + 1/2 with
    lam = -ln(1-p), large p the sum over steps of the chance that a link is still missing.
    """
    p = np.asarray(success, dtype=np.float64)
    if links > _ALTERNATING_SUM_LINKS:
        decay = -np.log1p(-p)[..., None]
        stepwise = 1 + (-np.expm1(links * np.log1p(-np.exp(-decay * np.arange(1, 128))))).sum(axis=-1)
        return np.asarray(np.where(p > 0.3, stepwise, (1 / np.arange(1, links + 1)).sum() / decay[..., 0] + 0.5))
    k = np.arange(1, links + 1)
    choices = np.array([comb(links, int(each)) for each in k], dtype=np.float64)
    missing = -np.expm1(k * np.log1p(-p)[..., None])
    return np.asarray((choices * (-1.0) ** (k + 1) / missing).sum(axis=-1))


def nested_repeater_time_s(
    *, elementary_s: float, herald: float, swap_successes: tuple[float, ...], storage_overhead: float = 1.5
) -> float:
    """Return (3/2)^n (L0/c)/(P0 P1 ... Pn), the mean time per end-to-end pair over n levels of swapping.

    Sangouard et al 2011, Rev. Mod. Phys. 83, 33: a sanity band of a factor 1.5, not an exact figure.
    """
    return float(storage_overhead ** len(swap_successes) * elementary_s / (herald * np.prod(swap_successes)))


def wait_for_direct_photon_s(source_hz: Value | float, transmittance: Value | float) -> Value:
    """Return the mean time until one photon of a source arrives: 1/(rate eta)."""
    wait_s: Value = unwrap(1 / (source_hz * transmittance))
    return wait_s
