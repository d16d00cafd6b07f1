"""Heralded entanglement between two nodes whose photons meet at a midpoint station.

eta is the whole chance that a node's photon is detected (emission, fibre, detector), V the two-photon visibility, d
the dark-count chance per detector and gate. The forms are exact for threshold detectors, and for detectors that
count photons (`number_resolving`), which refuse two photons, or a photon and a dark count, at one detector.
Each returns the whole pair, not only its fidelity, so that it can wait, be purified and be swapped.
"""

from dataclasses import dataclass
from typing import Generic

import numpy as np
from numpy.typing import ArrayLike

from hwsim.physics.arrays import Floats, Value, ratio, unwrap
from hwsim.physics.photonics import fibre_delay_s
from hwsim.physics.waiting import BellState, PairState


@dataclass(frozen=True, slots=True, kw_only=True)
class Heralding(Generic[Value]):
    """Chance that an attempt is heralded, and the pair that a herald announces; all zero where nothing heralds."""

    probability: Value
    pair: PairState

    @property
    def fidelity(self) -> Value:
        """Return the fidelity with the Psi state that the herald announces."""
        fidelity: Value = unwrap(self.pair.fidelity(BellState.PSI))
        return fidelity


def single_click(
    *,
    bright: Value | float,
    eta_a: Value | float,
    eta_b: Value | float,
    visibility: Value | float,
    dark: Value | float = 0.0,
    phase_rms_rad: Value | float = 0.0,
    number_resolving: bool = False,
) -> Heralding[Value]:
    """Return heralding by one click of two detectors, with `bright` the bright-state population of each node.

    Cabrillo 1999, Phys. Rev. A 59, 1025; Humphreys 2018, Nature 558, 268; Hermans 2022, arXiv 2208.07449.
    bright = 0.05, eta = 4e-4 at both nodes, V = 0.9, d = 0 gives P = 3.99996e-5 and F = 0.925634. Unequal eta tell
    which node emitted, so the coherence goes with sqrt(eta_a eta_b); a phase spread s costs exp(-s^2/2) of it.
    |1> is the bright state.
    """
    one_dark, quiet = 2 * dark * (1 - dark), _quiet(dark, number_resolving=number_resolving)
    both_dim, one_bright, both_bright = (1 - bright) ** 2, bright * (1 - bright), bright**2
    only_a = one_bright * (eta_a * quiet + (1 - eta_a) * one_dark)
    only_b = one_bright * (eta_b * quiet + (1 - eta_b) * one_dark)
    both = both_bright * _full_round(eta_a, eta_b, visibility, dark, number_resolving=number_resolving)
    overlap = np.sqrt(visibility) * np.exp(-np.square(phase_rms_rad) / 2)
    coherence = one_bright * quiet * np.sqrt(np.multiply(eta_a, eta_b)) * overlap
    return _herald(both_dim * one_dark, only_b, only_a, both, coherence)


def two_click(
    *,
    eta_a: Value | float,
    eta_b: Value | float,
    visibility: Value | float,
    dark: Value | float = 0.0,
    number_resolving: bool = False,
) -> Heralding[Value]:
    """Return Barrett-Kok heralding: one click in each of two rounds with a spin flip in between.

    Barrett & Kok 2005, Phys. Rev. A 71, 060310. Ideally P = eta_a eta_b / 2 and F = (1+V)/2, at any loss and also
    for unequal arms; eta = 0.02, V = 0.9, d = 1e-6 gives P = 2.00078e-4 and F = 0.949724.
    """
    one_dark, quiet = 2 * dark * (1 - dark), _quiet(dark, number_resolving=number_resolving)
    any_a = eta_a * quiet + (1 - eta_a) * one_dark
    any_b = eta_b * quiet + (1 - eta_b) * one_dark
    full = _full_round(eta_a, eta_b, visibility, dark, number_resolving=number_resolving)
    same, opposite = full * one_dark / 4, any_a * any_b / 4
    coherence = eta_a * eta_b * quiet**2 / 4 * visibility
    return _herald(same, opposite, opposite, same, coherence)


def _quiet(dark: Value | float, *, number_resolving: bool) -> Value | float:
    """Return the chance that no dark count spoils a photon's click: none in the other detector, or in neither."""
    return (1 - dark) ** 2 if number_resolving else 1 - dark


def _full_round(
    eta_a: Value | float,
    eta_b: Value | float,
    visibility: Value | float,
    dark: Value | float,
    *,
    number_resolving: bool,
) -> Floats:
    """Return the chance of one click after two emissions: a photon is lost, both bunch, or a dark count stands in."""
    one_arrives = eta_a * (1 - eta_b) + eta_b * (1 - eta_a)
    bunched = 0.0 if number_resolving else eta_a * eta_b * (1 + visibility) / 2
    none_arrives = (1 - eta_a) * (1 - eta_b)
    quiet = _quiet(dark, number_resolving=number_resolving)
    return np.asarray((one_arrives + bunched) * quiet + none_arrives * 2 * dark * (1 - dark))


def _herald(p00: ArrayLike, p01: ArrayLike, p10: ArrayLike, p11: ArrayLike, coherence: ArrayLike) -> Heralding[Value]:
    """Return the heralding whose joint chances with the spin states (a, b) are these."""
    joint = np.stack(np.broadcast_arrays(p00, p01, p10, p11), axis=-1)
    total = joint.sum(axis=-1)
    probability: Value = unwrap(total)
    pair = PairState(
        populations=ratio(joint, total[..., None]),
        psi_coherence=np.asarray(ratio(coherence, total)),
        phi_coherence=np.zeros_like(total),
    )
    return Heralding(probability=probability, pair=pair)


def attempt_cycle_s(local_s: Value | float, length_km: Value | float) -> Value:
    """Return T_c = t_local + L/c: photon to the midpoint station and the herald back, L/2 each."""
    cycle_s: Value = local_s + fibre_delay_s(length_km)
    return cycle_s


def mean_heralding_time_s(cycle_s: Value | float, probability: Value | float) -> Value:
    """Return T_c/P, the mean of the geometric heralding time."""
    mean_s: Value = unwrap(cycle_s / probability)
    return mean_s


def heralding_rate_hz(cycle_s: Value | float, probability: Value | float, duty_cycle: Value | float = 1.0) -> Value:
    """Return P/T_c times the share of the time in which attempts run."""
    rate_hz: Value = unwrap(probability / cycle_s * duty_cycle)
    return rate_hz


def heralding_time_quantile_s(cycle_s: Value | float, probability: Value | float, quantile: Value | float) -> Value:
    """Return T_c ln(1-q)/ln(1-P), the time within which a share `quantile` of the heralds arrives."""
    within_s: Value = cycle_s * np.log1p(-np.asarray(quantile)) / np.log1p(-np.asarray(probability))
    return within_s
