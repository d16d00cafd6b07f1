"""Maximum-likelihood curves through binomial counts, many rows at once.

Weights N/(p(1-p)) taken from observed frequencies bias a fit towards lucky points; here p is the fitted curve's own,
which makes the fit the maximum of the binomial likelihood (Fisher scoring), damped as Levenberg and Marquardt do.
Derivatives are taken by a complex step, exact to rounding, so a curve is written once, as a formula in numpy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from hwsim.physics.arrays import Floats, last_first

Curve = Callable[..., Floats]
"""Maps x, shape (rows, points), and parameters, each (..., rows, 1), to probabilities, shape (..., rows, points)."""

_COMPLEX_STEP = 1e-30
_ITERATIONS = 60
_UNKNOWN = 1e-6  # information about a parameter of which the counts say nothing: an error of 1000
_CONVERGED = 1e-3  # of a standard error
_HARDLY_DAMPED = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Parameters and their covariance, one row per fit; chi-square per degree of freedom should be near 1.

    Where it is above 1, errors grow by its root, as the Particle Data Group does: a curve that does not quite
    describe the counts is not quoted as if it did.
    """

    parameters: Floats
    covariance: Floats
    chi2_per_dof: Floats

    @property
    def errors(self) -> Floats:
        """Return the standard errors of the parameters, the same shape."""
        variances = np.maximum(np.diagonal(self.covariance, axis1=-2, axis2=-1), 0.0)
        return np.asarray(np.sqrt(variances * np.maximum(self.chi2_per_dof, 1.0)[:, None]))

    @property
    def is_trustworthy(self) -> NDArray[np.bool_]:
        """Return where chi2/dof lies in 0.5..2; elsewhere the curve does not describe the counts."""
        return np.asarray((self.chi2_per_dof > 0.5) & (self.chi2_per_dof < 2.0))


def fit_counts(curve: Curve, x: Floats, counts: Floats, shots: Floats, start: Floats) -> Fit:
    """Return the likeliest parameters for `counts` of `shots`, from `start` of shape (rows, parameters)."""
    parameters = np.array(start, dtype=np.float64)
    shots = np.broadcast_to(shots, counts.shape)
    damping, unit = np.full(len(parameters), 1e-3), np.eye(parameters.shape[1])
    loss = _loss(curve, x, counts, shots, parameters)
    rows = np.arange(len(parameters))  # those that still move
    for _ in range(_ITERATIONS):
        data = x[rows], counts[rows], shots[rows]
        gradient, information = _score(curve, *data, parameters[rows])
        diagonal = np.diagonal(information, axis1=1, axis2=2)
        damped = information + (damping[rows, None] * (diagonal + 1e-12))[..., None] * unit
        step = np.linalg.solve(damped, gradient[..., None])[..., 0]
        trial = _loss(curve, *data, parameters[rows] + step)
        better = trial <= loss[rows]
        parameters[rows[better]] += step[better]
        loss[rows[better]] = trial[better]
        damping[rows] = np.clip(damping[rows] * np.where(better, 0.1, 10.0), 1e-12, 1e12)
        # A step is also short because it is damped: then only one that makes things better has arrived.
        arrived = better | (damping[rows] < _HARDLY_DAMPED) | (damping[rows] > 1e6)
        rows = rows[~((np.abs(step) * np.sqrt(diagonal) < _CONVERGED).all(axis=1) & arrived)]
        if len(rows) == 0:
            break
    _, information = _score(curve, x, counts, shots, parameters)
    observed, expected = counts / shots, _inside(_evaluate(curve, x, parameters), shots)
    chi2 = (shots * (observed - expected) ** 2 / (expected * (1 - expected))).sum(axis=1)
    return Fit(
        parameters=parameters,
        covariance=np.asarray(np.linalg.inv(information + _UNKNOWN * unit), dtype=np.float64),
        chi2_per_dof=chi2 / max(x.shape[1] - parameters.shape[1], 1),
    )


def _evaluate(curve: Curve, x: Floats, parameters: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(curve(x, *last_first(parameters)[..., None]))


def _inside(chance: Floats, shots: Floats) -> Floats:
    """Return the chance kept half a count away from 0 and 1, where weights would be infinite."""
    edge = 0.5 / (shots + 1)
    return np.clip(chance, edge, 1 - edge)


def _loss(curve: Curve, x: Floats, counts: Floats, shots: Floats, parameters: Floats) -> Floats:
    """Return the negative log-likelihood per row; beyond 0 and 1 a parabola leads back; infinite where undefined."""
    with np.errstate(all="ignore"):
        chance = _evaluate(curve, x, parameters)
        inside = _inside(chance, shots)
        likelihood = xlogy(counts, inside) + xlogy(shots - counts, 1 - inside)
        outside = shots * (chance - inside) ** 2 / (2 * inside * (1 - inside))
        loss = (outside - likelihood).sum(axis=1)
    return np.where(np.isfinite(loss), loss, np.inf)


def _score(curve: Curve, x: Floats, counts: Floats, shots: Floats, parameters: Floats) -> tuple[Floats, Floats]:
    """Return the gradient of the log-likelihood and the Fisher information."""
    count = parameters.shape[1]
    aside = parameters + 1j * _COMPLEX_STEP * np.eye(count)[:, None, :]  # (count, rows, count): one at a time
    curves = np.broadcast_to(_evaluate(curve, x, aside), (count, *x.shape))
    chance, slopes = curves[0].real, curves.imag.transpose(1, 2, 0) / _COMPLEX_STEP
    inside = _inside(chance, shots)
    weights = shots / (inside * (1 - inside))
    weighted = (weights[..., None] * slopes).swapaxes(1, 2)
    return (weighted @ (counts / shots - chance)[..., None])[..., 0], weighted @ slopes


class Guesses:
    """Guesses of the parameters that do not enter linearly, each with the functions that then do.

    A grid of them finds the right valley for any data. `bases` has the shape (guesses, points, functions).
    """

    def __init__(self, bases: Floats) -> None:
        orthonormal, self._triangles = np.linalg.qr(bases)
        self._functions = bases.shape[2]
        self._orthonormal = np.ascontiguousarray(orthonormal.swapaxes(0, 1)).reshape(bases.shape[1], -1)

    def best(self, observed: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Return, per row, which of the guesses fits best in least squares, and the weights of its functions."""
        shares = (observed @ self._orthonormal).reshape(len(observed), -1, self._functions)
        best: NDArray[np.int64] = np.argmax((shares**2).sum(axis=-1), axis=1)
        chosen = np.take_along_axis(shares, best[:, None, None], axis=1)[:, 0]
        return best, np.linalg.solve(self._triangles[best], chosen[..., None])[..., 0]
