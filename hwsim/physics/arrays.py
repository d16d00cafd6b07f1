"""The types of the closed forms: numbers in, numbers out; arrays in, arrays out.

Every argument broadcasts. `Value | float` for each argument and `Value` for the result tell the type checker that an
array among the arguments makes the result one.
"""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Real = float | Floats
Value = TypeVar("Value", float, Floats)


def unwrap(value: Any) -> Any:
    """Return a number for an array without axes, anything else as it is; to the type checker, what is declared."""
    return value[()] if isinstance(value, np.ndarray) else value


def last_first(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array with its last axis in front, with a seventh of the work of `np.moveaxis`."""
    return array.transpose(array.ndim - 1, *range(array.ndim - 1))


def first_last(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array with its first axis at the end."""
    return array.transpose(*range(1, array.ndim), 0)


def choose(condition: ArrayLike, then: ArrayLike, otherwise: ArrayLike) -> Any:
    """Return `np.where`, as a number where all arguments are numbers."""
    return np.where(condition, then, otherwise)[()]


def ratio(part: ArrayLike, whole: ArrayLike) -> Any:
    """Return part/whole, and 0 where the whole is 0: of nothing, nothing is good."""
    whole = np.asarray(whole, dtype=np.float64)
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole != 0)[()]


def binary_entropy(chance: Value) -> Value:
    """Return h2(x) = -x log2 x - (1-x) log2(1-x), with h2(0) = h2(1) = 0."""
    inside = np.clip(chance, np.finfo(float).tiny, 1.0)
    outside = np.clip(1 - chance, np.finfo(float).tiny, 1.0)
    entropy: Value = -(chance * np.log2(inside) + (1 - chance) * np.log2(outside))
    return entropy
