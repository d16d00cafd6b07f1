"""Readout calibration: prepare 0 and 1, count what is read; the confusion matrix with its errors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hwsim.experiments.estimates import Estimate, share_with_error
from hwsim.physics.arrays import Floats
from hwsim.physics.readout import confusion_matrix, readout_error


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadoutCalibration:
    """The two misread shares and their mean, one row per qubit."""

    one_given_zero: Estimate
    zero_given_one: Estimate
    mean: Estimate

    @property
    def matrix(self) -> Floats:
        """Return the confusion matrices, shape (rows, 2, 2), columns = prepared states."""
        return confusion_matrix(self.one_given_zero.value, self.zero_given_one.value)


def measure_readout(
    one_given_zero: ArrayLike, zero_given_one: ArrayLike, *, shots: int, rng: np.random.Generator
) -> ReadoutCalibration:
    """Return the calibration from `shots` of each preparation."""
    e01 = _misread(one_given_zero, shots, rng)
    e10 = _misread(zero_given_one, shots, rng)
    mean = Estimate(
        value=readout_error(e01.value, e10.value),
        error=np.asarray(np.hypot(e01.error, e10.error) / 2),
        chi2_per_dof=np.ones_like(e01.value),
        samples=2 * shots,
    )
    return ReadoutCalibration(one_given_zero=e01, zero_given_one=e10, mean=mean)


def _misread(chance: ArrayLike, shots: int, rng: np.random.Generator) -> Estimate:
    counts = rng.binomial(shots, np.atleast_1d(np.asarray(chance, dtype=np.float64))).astype(np.float64)
    share, error = share_with_error(counts, shots)
    return Estimate(value=share, error=error, chi2_per_dof=np.ones_like(share), samples=shots)
