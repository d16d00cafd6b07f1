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
_CHI2_99 = 6.63
_TINY = 1e-9


def find_onset(
    over: Float64s, under: Float64s, minute: int, scale: int, *, normal: float, kind: str
) -> tuple[int, int, int]:
    """Return the onset near a block of `scale` minutes that deviates, and how far earlier or later it may have been.

    Of single minutes the first that deviates is the onset at the latest. What is possible is the 99 % region of the
    likelihood (chi-square of one degree of freedom): so many series are dated that a chance failure in the minutes
    before comes with one of them.
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
    scatter = max(deviance[best] / max(len(said) - 2, 1), _TINY) if kind == "level" else 1.0
    if kind == "count":
        scatter = _clumping(over[told[:first]], normal * under[told[:first]])
    possible = np.flatnonzero(deviance <= deviance[best] + _CHI2_99 * scatter)
    earliest, latest = min(int(possible[0]), best), max(int(possible[-1]), best)
    before = int(told[first + earliest - 1]) if first + earliest else int(said[0]) - scale
    onset = int(said[best])
    return onset, max(onset - before, 1), int(said[latest]) - onset


def _clumping(counts: Float64s, expected: Float64s) -> float:
    """Return how much wider than Poisson the counts of the past scatter (the dispersion of a quasi-Poisson model).

    What comes by the dozen, as the bytes of a call or the passes of a job, says less about when it began.
    """
    return max(1.0, float(((counts - expected) ** 2).sum() / max(expected.sum(), _TINY))) if len(counts) else 1.0


def _deviance(said: Int64s, over: Float64s, under: Float64s, normal: float, kind: str) -> Float64s:
    """Return how badly each place fits as the first that is not normal, up to a constant.

    That is the sum of squares that are left of levels, and minus twice the log likelihood of counts and shares.
    """
    if kind == "level":
        off = over / under - normal
        usual, rest = off**2, np.minimum(_step_left(off), _ramp_left(off, said))
    else:
        usual = -2 * _log_likelihood(over, under, normal, kind)
        hits, tries = _from_here(over), _from_here(under)
        rest = -2 * _log_likelihood(hits, tries, hits / tries, kind)
    return np.asarray(np.cumsum(usual) - usual + rest)


def _step_left(off: Float64s) -> Float64s:
    """Return the squares that are left from each place on when its mean is taken away."""
    return np.asarray(_from_here(off**2) - _from_here(off) ** 2 / np.arange(len(off), 0, -1))


def _ramp_left(off: Float64s, said: Int64s) -> Float64s:
    """Return the same for the ramp that starts at the minute before each place."""
    minute = (said - said[0]).astype(np.float64)
    start = np.concatenate([minute[:1], minute[:-1]])
    rest, sums = np.arange(len(off), 0, -1), _from_here(minute)
    both = _from_here(off * minute) - start * _from_here(off)
    length = _from_here(minute**2) - 2 * start * sums + rest * start**2
    return np.asarray(_from_here(off**2) - both**2 / np.maximum(length, 1.0))


def _from_here(values: Float64s) -> Float64s:
    return np.asarray(np.cumsum(values[::-1])[::-1])


def _log_likelihood(over: Float64s, under: Float64s, rate: Float64s | float, kind: str) -> Float64s:
    """Return that of counts or of shares at a rate, without what does not depend on it."""
    rate = np.maximum(rate, _TINY)
    if kind == "count":
        return np.asarray(over * np.log(rate) - rate * under)
    return np.asarray(over * np.log(rate) + np.maximum(under - over, 0.0) * np.log(np.maximum(1 - rate, _TINY)))
