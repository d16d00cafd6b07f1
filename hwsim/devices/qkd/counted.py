"""How sure a number is that follows from counts: by how much it would move with the luck of each of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.physics.arrays import ratio

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in each session, a number or a share, and its standard error."""

    value: Float64s
    error: Float64s


def counted_number(hits: Int64s) -> Counted:
    """Return a number of rare events with its Poisson error; none still leaves a doubt."""
    return Counted(hits.astype(np.float64), np.sqrt(hits + 1.0))


def counted_share(hits: Int64s, trials: Int64s) -> Counted:
    """Return hits/trials, 0 of nothing, with its binomial error; none or all still leave a doubt (Laplace)."""
    likely = (hits + 1) / (trials + 2)
    return Counted(np.asarray(ratio(hits, trials)), np.sqrt(likely * (1 - likely) / np.maximum(trials, 1)))


def with_error(worth: Callable[..., Float64s], counts: Sequence[Counted]) -> tuple[Float64s, Float64s]:
    """Return what independent counts are worth, and its standard error.

    Each is moved up and down by its own error; half of what that changes adds up in squares. So the error holds where
    the worth bends too, as it does where a key ends.
    """
    number = len(counts)
    moves = np.concatenate([np.zeros((1, number)), np.eye(number), -np.eye(number)]).T[:, :, None]
    values, errors = (np.array([getattr(count, name) for count in counts]) for name in ("value", "error"))
    told = worth(*np.maximum(values[:, None] + moves * errors[:, None], 0.0))
    swings = (told[1 : number + 1] - told[number + 1 :]) / 2
    return told[0], np.sqrt((swings**2).sum(axis=0))
