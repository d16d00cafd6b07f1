"""What a measurement publishes, and what spoils every shot of it."""

from dataclasses import dataclass

import numpy as np

from hwsim.physics.arrays import Floats, Real
from hwsim.physics.readout import confusion_matrix, contrast


@dataclass(frozen=True, slots=True, kw_only=True)
class Imperfections:
    """Readout and preparation: the share read as 1 of qubits in 0, and as 0 of qubits in 1.

    Numbers, or one per row of a measurement.
    """

    one_given_zero: Real = 0.0
    zero_given_one: Real = 0.0

    @property
    def contrast(self) -> Real:
        """Return what is left of an expectation value."""
        return contrast(self.one_given_zero, self.zero_given_one)

    @property
    def matrix(self) -> Floats:
        """Return the confusion matrix of one qubit."""
        return confusion_matrix(self.one_given_zero, self.zero_given_one)

    def observed(self, excited: Floats) -> Floats:
        """Return the chance to read 1, for chances of shape (rows, points)."""
        background, contrast = (np.asarray(each)[..., None] for each in (self.one_given_zero, self.contrast))
        return np.asarray(background + contrast * excited)

    def each_twice(self, rows: int) -> "Imperfections":
        """Return those of a measurement of that many rows for two runs of it, one after the other."""
        first, second = (
            np.tile(np.broadcast_to(each, rows), 2) for each in (self.one_given_zero, self.zero_given_one)
        )
        return Imperfections(one_given_zero=first, zero_given_one=second)


PERFECT = Imperfections()


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Values with standard errors, one per row, how many shots each rests on, and how well a curve fits (1: well)."""

    value: Floats
    error: Floats
    chi2_per_dof: Floats
    samples: int


def share_with_error(counts: Floats, shots: float) -> tuple[Floats, Floats]:
    """Return counts/shots and its standard error, with two counts more on either side (Agresti & Coull 1998).

    Without them, shares near 0 or 1 would look better known than they are, and a count of 0 would look certain.
    """
    smoothed = (counts + 2) / (shots + 4)
    return counts / shots, np.asarray(np.sqrt(smoothed * (1 - smoothed) / shots))
