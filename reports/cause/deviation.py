"""How far blocks of a series are off what its own past makes likely: robust statistics over all rows at once."""

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]
CAP_SIGMAS = 1000.0
MOVED_SIGMAS = 4.0
"""From how many sigmas on a block is taken to be off."""
_MAD_TO_SIGMA = 1.4826
_RANGE_TO_SIGMA = 1 / 3.29  # between the 5th and the 95th percentile
_RELATIVE_FLOOR = 1e-3
_ABSOLUTE_FLOOR = 1e-12
_STEP_FROM = 3
"""Of how many values before it the mean is taken that a value is compared with to see its step."""


def find_deviations(
    value: Float64s, edge: int, *, past: tuple[Float64s, Float64s], weight: Float64s, kind: str
) -> tuple[Float64s, Float64s]:
    """Return each row's normal, and how many sigmas its blocks from `edge` on are off it.

    `value` is (rows, blocks), not a number where nothing was told; `past` holds the numerators and denominators of
    each row's past, `weight` the denominators of its later blocks. Levels are judged as their logarithms, too.
    """
    center, z = _deviation(value, edge, _chance(*past, weight, kind))
    if kind == "level":
        z_log = _by_logarithm(value, edge)
        z = np.where(np.abs(z_log) > np.abs(z), z_log, z)
    return center, np.clip(z, -CAP_SIGMAS, CAP_SIGMAS)


def find_step_deviations(value: Float64s, edge: int) -> tuple[Float64s, Float64s]:
    """Return the same by how far each block is from the few before it.

    Steps are judged by the largest of the past: what is calibrated, say, steps far but seldom.
    """
    steps = _steps(value)
    largest = quantiles(np.abs(steps[:, :edge]), (1.0,))[0]
    _, z = _deviation(steps, edge, np.broadcast_to(largest[:, None] / MOVED_SIGMAS, value[:, edge:].shape))
    return quantiles(value[:, :edge], (0.5,))[0], np.clip(z, -CAP_SIGMAS, CAP_SIGMAS)


def _deviation(value: Float64s, edge: int, chance: Float64s) -> tuple[Float64s, Float64s]:
    """Return each row's normal, and how many sigmas its later blocks are off both from it and from its trend."""
    past = value[:, :edge]
    low, median, high = quantiles(past, (0.05, 0.5, 0.95))
    center = _mean(np.clip(past, low[:, None], high[:, None]))
    mad = quantiles(np.abs(past - median[:, None]), (0.5,))[0] * _MAD_TO_SIGMA
    sigma = np.maximum(mad, (high - low) * _RANGE_TO_SIGMA)
    farthest = quantiles(np.abs(past - median[:, None]), (1.0,))[0]
    sigma = np.where(sigma > 0, sigma, farthest / MOVED_SIGMAS)  # of what is nearly always the same the rest tells
    sigma = np.maximum(sigma, np.abs(center) * _RELATIVE_FLOOR)
    sigma *= _small_past((~np.isnan(past)).sum(axis=1))
    noise = np.maximum(np.maximum(sigma[:, None], chance), _ABSOLUTE_FLOOR)
    z = (value[:, edge:] - center[:, None]) / noise
    return center, _least(z, (value[:, edge:] - _continued(value, edge)) / noise)


def _by_logarithm(value: Float64s, edge: int) -> Float64s:
    """Return the deviation of the logarithms, 0 in rows that are not positive throughout."""
    positive = quantiles(value, (0.0,))[0][:, None] > 0
    logs = np.log(np.where(positive & ~np.isnan(value), value, 1.0))
    _, z = _deviation(np.where(np.isnan(value), np.nan, logs), edge, np.zeros_like(value[:, edge:]))
    return np.where(positive, z, 0.0)


def _steps(value: Float64s) -> Float64s:
    """Return how far each block is from the mean of the last ones that were told before it."""
    order = np.argsort(np.isnan(value), axis=1, kind="stable")  # told ones first
    told = np.take_along_axis(value, order, axis=1)
    sums = np.cumsum(np.nan_to_num(told), axis=1)
    sums = np.concatenate([np.zeros((len(value), 1)), sums], axis=1)
    before = (sums[:, _STEP_FROM:-1] - sums[:, : -_STEP_FROM - 1]) / _STEP_FROM
    steps = np.full_like(value, np.nan)
    steps[:, _STEP_FROM:] = told[:, _STEP_FROM:] - before
    found = np.empty_like(value)
    np.put_along_axis(found, order, steps, axis=1)
    return found


def _small_past(blocks: NDArray[np.int64]) -> Float64s:
    """Return how much wider a scatter from few blocks must be taken: Student's t at five sigma's odds, nearly."""
    return np.asarray(1.0 + (9.0 / np.maximum(blocks - 1, 2)) ** 2.5)


def _chance(over: Float64s, under: Float64s, weight: Float64s, kind: str) -> Float64s:
    """Return what chance alone makes of blocks of that weight: Poisson counts, binomial shares.

    The past's rate is taken half an event higher than it was, since none seen does not mean none possible.
    """
    if kind == "level":
        return np.zeros_like(weight)
    safe = np.maximum(weight, 1e-9)
    rate = ((over + 0.5) / (under + 1.0))[:, None]
    if kind in ("share", "mix"):
        rate = np.minimum(rate, 1.0) * (1.0 - np.minimum(rate, 1.0)) + 1e-12
    return np.asarray(np.sqrt(rate / safe))


def _continued(value: Float64s, edge: int) -> Float64s:
    """Return what the search blocks were if the trend between the halves of the past went on."""
    half = edge // 2
    (first,), (second,) = quantiles(value[:, :half], (0.5,)), quantiles(value[:, half:edge], (0.5,))
    slope = np.nan_to_num((second - first) / max(edge - half, 1))
    steps = np.arange(edge, value.shape[1]) - (half + edge) / 2
    base = np.where(np.isnan(second), quantiles(value[:, :edge], (0.5,))[0], second)
    return np.asarray(base[:, None] + slope[:, None] * steps)


def _least(one: Float64s, other: Float64s) -> Float64s:
    """Return the lesser deviation of two, 0 where they disagree about the direction."""
    agree = np.sign(one) == np.sign(other)
    return np.where(np.isnan(one), np.nan, np.where(agree, np.where(np.abs(one) < np.abs(other), one, other), 0.0))


def quantiles(value: Float64s, shares: tuple[float, ...]) -> list[Float64s]:
    """Return quantiles of each row without its gaps, of all rows at once; not a number for an empty row."""
    ordered = np.sort(value, axis=1)  # gaps come last
    last = (~np.isnan(value)).sum(axis=1) - 1.0
    rows = np.arange(len(value))
    found = []
    for share in shares:
        at = np.maximum(last, 0) * share
        below = at.astype(np.int64)
        above = np.minimum(below + 1, np.maximum(last, 0).astype(np.int64))
        low = ordered[rows, below]
        found.append(low + (at - below) * (ordered[rows, above] - low))
    return found


def _mean(value: Float64s) -> Float64s:
    known = ~np.isnan(value)
    return np.asarray(np.where(known, value, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1))
