"""Pairs of excitations that come with several at once: DLCZ ensembles and parametric down-conversion.

Duan, Lukin, Cirac, Zoller 2001, Nature 414, 413; Sangouard et al 2011, Rev. Mod. Phys. 83, 33. The two modes are in
|00> + sqrt(p) |11> + p |22> + ..., a thermal number distribution with p/(1-p) pairs on average.
"""

from typing import Any

import numpy as np

from hwsim.physics.arrays import Floats, Value, ratio, unwrap


def pair_number_distribution(excitation: float, highest: int) -> Floats:
    """Return (1-p) p^n for n = 0 .. highest."""
    return np.asarray((1 - excitation) * excitation ** np.arange(highest + 1))


def mean_pairs(excitation: Value) -> Value:
    """Return p/(1-p)."""
    return excitation / (1 - excitation)


def excitation_of_mean(mean: Value) -> Value:
    """Return p of a source that makes `mean` pairs per pulse."""
    return mean / (1 + mean)


def dlcz_herald_probability(excitation: Value | float, stokes_efficiency: Value | float) -> Value:
    """Return P0 = 2 p eta_s: a click at either detector of the station between two ensembles (leading order)."""
    chance: Value = unwrap(2 * excitation * stokes_efficiency)
    return chance


def cross_correlation(excitation: Value) -> Value:
    """Return g2(s, as) = 1 + 1/p of Stokes and anti-Stokes photons."""
    correlation: Value = 1 + 1 / excitation
    return correlation


def heralded_g2(excitation: Value | float, herald_efficiency: Value | float) -> Value:
    """Return g2(0) of one arm after a click of a threshold detector of this efficiency in the other arm.

    <n(n-1)>/<n>^2 of the numbers that a click leaves, exact for the thermal distribution; 2p(2 - eta) for small p.
    """
    total, missed = _moments(excitation), _moments(excitation * (1 - herald_efficiency))
    share = (1 - excitation) / (1 - excitation * (1 - herald_efficiency))  # chance of no click
    clicked = 1 - share
    first = (total[0] - share * missed[0]) / clicked
    second = (total[1] - share * missed[1]) / clicked
    g2: Value = ratio(second, first**2)
    return g2


def multipair_error(excitation: Value | float, stokes_efficiency: Value | float) -> Value:
    """Return p (1 - eta_s): the chance that a herald hides a second excitation whose photon was lost."""
    error: Value = unwrap(excitation * (1 - stokes_efficiency))
    return error


def _moments(parameter: Any) -> tuple[Any, Any]:
    """Return <n> and <n(n-1)> of the thermal distribution with this parameter."""
    mean = parameter / (1 - parameter)
    return mean, 2 * mean**2
