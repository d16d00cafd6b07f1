"""A Hong-Ou-Mandel dip: coincidences behind a beam splitter against the photons' delay, and the visibility fitted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hwsim.experiments.binomial_fits import Guesses, fit_counts
from hwsim.experiments.estimates import Estimate
from hwsim.physics.arrays import Floats
from hwsim.physics.photonics import coincidence_probability, wavepacket_overlap

_DELAYS = np.linspace(-3.0, 3.0, 25)  # of the expected width
_CENTRES = np.linspace(-1.0, 1.0, 21)
_WIDTHS = np.geomspace(0.4, 2.5, 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dip:
    """Visibility, 1/e half width and centre of a dip, one row per scan."""

    visibility: Estimate
    width_s: Estimate
    centre_s: Estimate


def measure_dip(
    overlap: ArrayLike,
    width_s: ArrayLike,
    *,
    expected_width_s: float,
    pairs: int,
    rng: np.random.Generator,
    efficiency: float = 1.0,
    centre_s: ArrayLike = 0.0,
    accidental: float = 0.0,
) -> Dip:
    """Return the dip from `pairs` photon pairs sent per delay, of which each photon is seen with `efficiency`.

    `accidental` is the chance per pair of a coincidence that has nothing to do with interference.
    """
    true_overlap, true_width_s, true_centre_s = (
        np.asarray(each, dtype=np.float64)[..., None] for each in (overlap, width_s, centre_s)
    )
    delays_s = _DELAYS * expected_width_s - true_centre_s
    seen = efficiency**2 * coincidence_probability(
        true_overlap * wavepacket_overlap(delays_s / true_width_s, width_s=1.0)
    )
    chance = np.atleast_2d(accidental + (1 - accidental) * seen)
    counts = rng.binomial(pairs, chance).astype(np.float64)
    x = np.broadcast_to(_DELAYS, counts.shape)
    fit = fit_counts(_dip, x, counts, np.full(counts.shape, float(pairs)), _start(counts / pairs))
    (visibility, log_width, centre), errors = fit.parameters[:, 1:].T, fit.errors[:, 1:].T
    width = np.exp(log_width) * expected_width_s

    def estimate(value: Floats, error: Floats) -> Estimate:
        return Estimate(value=value, error=error, chi2_per_dof=fit.chi2_per_dof, samples=pairs * len(_DELAYS))

    return Dip(
        visibility=estimate(visibility, errors[0]),
        width_s=estimate(width, width * errors[1]),
        centre_s=estimate(centre * expected_width_s, errors[2] * expected_width_s),
    )


def _dip(x: Floats, *parameters: Floats) -> Floats:
    level, visibility, log_width, centre = parameters
    return np.asarray(level * (1 - visibility * np.exp(-(((x - centre) * np.exp(-log_width)) ** 2))))


def _start(shares: Floats) -> Floats:
    widths, centres = (grid.ravel() for grid in np.meshgrid(_WIDTHS, _CENTRES))
    shapes = np.exp(-(((_DELAYS - centres[:, None]) / widths[:, None]) ** 2))
    best, weights = Guesses(np.stack([np.ones_like(shapes), shapes], axis=-1)).best(shares)
    level = weights[:, 0]
    return np.column_stack([level, -weights[:, 1] / level, np.log(widths[best]), centres[best]])
