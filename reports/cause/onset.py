"""When a series began to differ: the likeliest change point, and what is as possible within chance.

Levels are taken as Gaussian, counts as Poisson, shares as binomial, each from a known normal to another that lasts; a
level may also leave its normal as a ramp, of which a step would show the middle only.
Likelihood knows what least squares does not: where none in a thousand failed, the first failure is the onset.
"""

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]
_NEIGHBOURS = 6
_FEWEST_TOLD = 4
_CHI2_95 = 3.84
_TINY = 1e-9


def find_onset(
    over: Float64s, under: Float64s, minute: int, scale: int, *, normal: float, kind: str
) -> tuple[int, int, int]:
    """Return the onset near a block of `scale` minutes that deviates, and how far earlier or later it may have been.

    Of single minutes the first that deviates is the onset at the latest. What is possible is the 95 % region of the
    likelihood (chi-square of one degree of freedom), wider where the minutes scatter more than their kind should.
    """
    told = np.flatnonzero(under > 0)
    place = int(np.searchsorted(told, minute))
    first = min(int(np.searchsorted(told, minute - 2 * scale)), max(place - _NEIGHBOURS, 0))
    last = max(int(np.searchsorted(told, minute + 2 * scale)), place + _NEIGHBOURS)
    said = told[first:last]
    if len(said) < _FEWEST_TOLD:
        return minute, max(minute - int(told[place - 1]) if place else scale, scale), 0
    deviance = _deviance(said, over[said], under[said], normal, kind)
    if first:
        deviance[0] = np.inf  # what came before is normal
    best = int(np.argmin(deviance))
    if scale == 1:
        best = min(best, place - first)
    scatter = max(deviance[best] / max(len(said) - 2, 1), float(kind != "level"), _TINY)
    possible = np.flatnonzero(deviance <= deviance[best] + _CHI2_95 * scatter)
    earliest, latest = min(int(possible[0]), best), max(int(possible[-1]), best)
    before = int(told[first + earliest - 1]) if first + earliest else int(said[0]) - scale
    onset = int(said[best])
    return onset, max(onset - before, 1), int(said[latest]) - onset


def _deviance(said: Int64s, over: Float64s, under: Float64s, normal: float, kind: str) -> Float64s:
    """Return how badly each place fits as the first that is not normal: what is left, or minus twice the log likelihood."""
    value, places = over / under, range(len(over))
    if kind == "level":
        off = value - normal
        usual, rest = (
            off**2,
            [min(_step_left(off[k:]), _ramp_left(off[k:], said[k:] - said[max(k - 1, 0)])) for k in places],
        )
    else:
        usual = _misfit(over, under, value, normal, kind)
        after = np.cumsum(over[::-1])[::-1] / np.cumsum(under[::-1])[::-1]
        rest = [float(_misfit(over[k:], under[k:], value[k:], after[k], kind).sum()) for k in places]
    return np.asarray(np.cumsum(usual) - usual + np.array(rest))


def _step_left(off: Float64s) -> float:
    return float(((off - off.mean()) ** 2).sum())


def _ramp_left(off: Float64s, minutes: Int64s) -> float:
    slope = (off * minutes).sum() / max(float((minutes**2).sum()), 1.0)
    return float(((off - slope * minutes) ** 2).sum())


def _misfit(over: Float64s, under: Float64s, saturated: Float64s, expected: float, kind: str) -> Float64s:
    """Return each minute's deviance of counts or shares from what is expected."""
    expected = max(expected, _TINY)
    hits = over * np.log(np.maximum(saturated, _TINY) / expected)
    if kind == "count":
        return np.asarray(2 * (hits - (over - expected * under)))
    misses = np.maximum(under - over, 0.0)
    miss_share = np.maximum(1 - saturated, _TINY) / max(1 - expected, _TINY)
    return np.asarray(2 * (hits + misses * np.log(miss_share)))
