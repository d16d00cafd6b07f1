"""Atomic frequency combs: a comb of narrow absorption teeth gives a light pulse back after 1/spacing.

Afzelius, Simon, de Riedmatten, Gisin 2009, Phys. Rev. A 79, 052329; square teeth: Bonarota 2010, Phys. Rev. A 81,
033803 (optimal, Zang, Suchara, Zhong 2024, arXiv 2406.01769). d is the peak (intensity) optical depth of the teeth, F
the finesse spacing/width, d0 the depth of the absorbing background.
"""

from enum import StrEnum
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from hwsim.physics.arrays import Value, unwrap


class Teeth(StrEnum):
    """The shape of the comb's teeth; Gaussian ones by their full width at half maximum."""

    GAUSSIAN = "gaussian"
    SQUARE = "square"


class Direction(StrEnum):
    """Where the pulse leaves: forward on the way it came, or backward, which needs phase matching."""

    FORWARD = "forward"
    BACKWARD = "backward"


def effective_depth(depth: Value | float, finesse: Value | float, teeth: Teeth) -> Value:
    """Return the comb's mean optical depth: d/F for square teeth, (d/F) sqrt(pi/(4 ln 2)) for Gaussian ones."""
    shape = np.sqrt(np.pi / (4 * np.log(2))) if teeth is Teeth.GAUSSIAN else 1.0
    mean: Value = unwrap(depth / finesse * shape)
    return mean


def comb_dephasing(finesse: Value, teeth: Teeth) -> Value:
    """Return what the width of the teeth leaves: exp(-pi^2/(2 ln2 F^2)), or sinc^2(pi/F) for square teeth."""
    kept: Value = _dephasing(finesse, teeth)
    return kept


def comb_efficiency(
    depth: Value | float, direction: Direction, dephasing: Value | float = 1.0, background: float = 0.0
) -> Value:
    """Return the echo's efficiency for a comb of mean depth d~.

    Forward d~^2 exp(-d~), at most 4/e^2 = 54.1 % at d~ = 2 because the echo is absorbed again; backward
    (1 - exp(-d~))^2. Both times the dephasing and exp(-d0).
    """
    rephased = depth**2 * np.exp(-depth) if direction is Direction.FORWARD else np.expm1(-depth) ** 2
    efficiency: Value = rephased * dephasing * np.exp(-background)
    return efficiency


def afc_efficiency(
    depth: Value | float,
    finesse: Value | float,
    *,
    teeth: Teeth = Teeth.SQUARE,
    direction: Direction = Direction.FORWARD,
    background: float = 0.0,
) -> Value:
    """Return the efficiency of the echo after 1/spacing for teeth of peak depth d and finesse F."""
    comb = comb_efficiency(effective_depth(depth, finesse, teeth), direction, 1.0, background)
    efficiency: Value = comb * _dephasing(finesse, teeth)
    return efficiency


def _dephasing(finesse: Any, teeth: Teeth) -> Any:
    if teeth is Teeth.GAUSSIAN:
        return np.exp(-(np.pi**2) / (2 * np.log(2) * finesse**2))
    return np.sinc(1 / finesse) ** 2


def optimal_finesse(depth: float, *, teeth: Teeth = Teeth.SQUARE, direction: Direction = Direction.FORWARD) -> float:
    """Return the finesse that gives the highest efficiency at this peak depth (square, forward: pi/atan(2 pi/d))."""
    found = minimize_scalar(
        lambda log_f: -float(afc_efficiency(depth, float(np.exp(log_f)), teeth=teeth, direction=direction)),
        bounds=(np.log(1.0), np.log(1e4)),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return float(np.exp(found.x))


def spin_wave_efficiency(
    echo: Value | float,
    *,
    control: Value | float,
    spin_hold_s: Value | float,
    spin_t2_s: Value | float,
    exponent: float = 1.0,
) -> Value:
    """Return echo * eta_control^2 * exp(-(t_s/T2_spin)^n): two control pulses put the light into spins and back."""
    efficiency: Value = echo * control**2 * np.exp(-((spin_hold_s / spin_t2_s) ** exponent))
    return efficiency


def storage_time_s(spacing_hz: Value) -> Value:
    """Return 1/spacing, the moment of the echo."""
    return 1 / spacing_hz


def temporal_modes(spacing_hz: Value | float, mode_s: Value | float) -> Value:
    """Return how many pulses of this length fit into the storage time."""
    modes: Value = np.floor(1 / (spacing_hz * mode_s))
    return modes
