"""Heralded entanglement between two nodes whose photons meet at a midpoint station with threshold detectors.

The closed forms are exact for threshold detectors. eta is the whole chance that a node's photon is detected
(emission, fibre, detector), V the two-photon visibility, d the dark-count chance per detector and gate.
"""

import math
from dataclasses import dataclass

from hwsim.physics.photonics import fibre_delay_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Heralding:
    """Chance that an attempt is heralded, and the fidelity of the pair that a herald announces."""

    probability: float
    fidelity: float


def single_click(
    *,
    bright: float,
    eta_a: float,
    eta_b: float,
    visibility: float,
    dark: float = 0.0,
    phase_rms_rad: float = 0.0,
) -> Heralding:
    """Return heralding by one click of two detectors, with `bright` the bright-state population of each node.

    Cabrillo 1999, Phys. Rev. A 59, 1025; Humphreys 2018, Nature 558, 268; Hermans 2022, arXiv 2208.07449.
    bright = 0.05, eta = 4e-4 at both nodes, V = 0.9, d = 0 gives P = 3.99996e-5 and F = 0.925634. Unequal eta
    tell which node emitted and scale the coherence by 2 sqrt(eta_a eta_b)/(eta_a + eta_b).
    """
    one_dark, one_bright = 2 * dark * (1 - dark), bright * (1 - bright)
    nothing = (1 - bright) ** 2 * one_dark
    coherent = one_bright * (eta_a + eta_b) * (1 - dark)
    incoherent = one_bright * (2 - eta_a - eta_b) * one_dark
    lost = (1 - eta_a) * (1 - eta_b)
    both = bright**2 * (lost * one_dark + _one_detector(eta_a, eta_b, visibility) * (1 - dark))
    probability = nothing + coherent + incoherent + both
    if probability == 0:
        return Heralding(probability=0.0, fidelity=0.0)
    balance = 2 * math.sqrt(eta_a * eta_b) / (eta_a + eta_b) if eta_a + eta_b else 0.0
    overlap = balance * math.sqrt(visibility) * math.exp(-(phase_rms_rad**2) / 2)
    return Heralding(
        probability=probability,
        fidelity=(coherent * (1 + overlap) / 2 + incoherent / 2) / probability,
    )


def two_click(*, eta_a: float, eta_b: float, visibility: float, dark: float = 0.0) -> Heralding:
    """Return Barrett-Kok heralding: one click in each of two rounds with a spin flip in between.

    Barrett & Kok 2005, Phys. Rev. A 71, 060310. Ideally P = eta_a eta_b / 2 and F = (1+V)/2;
    eta = 0.02, V = 0.9, d = 1e-6 gives P = 2.00078e-4 and F = 0.949724.
    """
    one_dark = 2 * dark * (1 - dark)
    one_photon = _one_detector(eta_a, eta_b, visibility)
    full_round = one_photon * (1 - dark) + (1 - eta_a) * (1 - eta_b) * one_dark
    photon_a, photon_b = eta_a * (1 - dark), eta_b * (1 - dark)
    any_a, any_b = photon_a + (1 - eta_a) * one_dark, photon_b + (1 - eta_b) * one_dark
    genuine, all_clicks = photon_a * photon_b / 2, any_a * any_b / 2  # both orders, each with weight 1/4
    probability = all_clicks + full_round * one_dark / 2
    if probability == 0:
        return Heralding(probability=0.0, fidelity=0.0)
    fidelity = (genuine * (1 + visibility) / 2 + (all_clicks - genuine) / 2) / probability
    return Heralding(probability=probability, fidelity=fidelity)


def _one_detector(eta_a: float, eta_b: float, visibility: float) -> float:
    """Return the chance that two emitted photons light exactly one detector: one is lost, or both bunch."""
    return eta_a * (1 - eta_b) + eta_b * (1 - eta_a) + eta_a * eta_b * (1 + visibility) / 2


def attempt_cycle_s(local_s: float, length_km: float) -> float:
    """Return T_c = t_local + L/c: photon to the midpoint station and the herald back, L/2 each."""
    return local_s + fibre_delay_s(length_km)


def mean_heralding_time_s(cycle_s: float, probability: float) -> float:
    """Return T_c/P, the mean of the geometric heralding time."""
    return cycle_s / probability


def heralding_time_quantile_s(cycle_s: float, probability: float, quantile: float) -> float:
    """Return T_c ln(1-q)/ln(1-P), the time within which a share `quantile` of the heralds arrives."""
    return cycle_s * math.log1p(-quantile) / math.log1p(-probability)
