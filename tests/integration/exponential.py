"""Exponential histograms of known samples, and what they must be once merged: counted anew, in whole numbers.

A magnitude is a place on a grid of 256 per octave, `2 ** (place / 256)`, so that bounds of buckets are multiples of
a power of two. No sample lies on a bound.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from model.points import ExponentialPoint, Series

PLACES_PER_OCTAVE = 256
FINEST_SCALE = 6
NO_THRESHOLD = -(10**9)
"""Below every place: only zero itself counts as zero."""
MOST_BUCKETS = 320

Sample = tuple[int, int]
"""Sign and place; a sign of 0 is zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Samples as they were, and how finely they are told apart; `is_added` is false for what is taken away."""

    samples: Sequence[Sample]
    scale: int
    threshold: int = NO_THRESHOLD
    is_added: bool = True

    def counts(self) -> tuple[int, dict[int, int], dict[int, int]]:
        """Return the zero count, and the samples by bucket on the positive and on the negative side."""
        width = width_of(self.scale)
        above = [(sign, place) for sign, place in self.samples if _is_above(sign, place, self.threshold)]
        positive = Counter(place // width for sign, place in above if sign > 0)
        negative = Counter(place // width for sign, place in above if sign < 0)
        return len(self.samples) - len(above), dict(positive), dict(negative)

    def as_point(self, series: Series, *, time_ns: int, start_ns: int) -> ExponentialPoint:
        """Return it as it is sent."""
        zero, positive, negative = self.counts()
        return ExponentialPoint(
            series=series, time_ns=time_ns, start_ns=start_ns, count=len(self.samples), sum=None, min=None, max=None,
            scale=self.scale, zero_count=zero, zero_threshold=threshold_value(self.threshold),
            positive_offset=min(positive, default=0), positive=_dense(positive),
            negative_offset=min(negative, default=0), negative=_dense(negative),
        )  # fmt: skip


def merge(parts: Sequence[Histogram]) -> Histogram:
    """Return what comes of all parts, told apart no finer than each of them can and no coarser than it must be."""
    scale = min(part.scale for part in parts)
    threshold = max(part.threshold for part in parts)
    around, rest = divmod(threshold, width_of(scale))
    if rest and any(
        place // width_of(scale) == around
        for part in parts
        for sign, place in part.samples
        if part.threshold < threshold and _is_above(sign, place, part.threshold)
    ):
        threshold = (around + 1) * width_of(scale)
    told_apart = [each for part in parts for each in part.samples if _is_above(*each, threshold)]
    while _widest(told_apart, width_of(scale)) > MOST_BUCKETS:
        scale -= 1
    left = Counter(each for part in parts if part.is_added for each in part.samples)
    left.subtract(each for part in parts if not part.is_added for each in part.samples)
    return Histogram(samples=list(left.elements()), scale=scale, threshold=threshold)


def width_of(scale: int) -> int:
    """Return how many places a bucket has."""
    return PLACES_PER_OCTAVE >> scale if scale >= 0 else PLACES_PER_OCTAVE << -scale


def threshold_value(threshold: int) -> float:
    """Return the magnitude of a threshold."""
    return 0.0 if threshold == NO_THRESHOLD else 2.0 ** (threshold / PLACES_PER_OCTAVE)


def _is_above(sign: int, place: int, threshold: int) -> bool:
    return sign != 0 and place > threshold


def _widest(samples: Iterable[Sample], width: int) -> int:
    """Return how many buckets the wider of both sides spans."""
    sides: dict[int, list[int]] = {}
    for sign, place in samples:
        sides.setdefault(sign, []).append(place // width)
    return max((max(side) - min(side) + 1 for side in sides.values()), default=0)


def _dense(buckets: dict[int, int]) -> tuple[int, ...]:
    return tuple(buckets.get(k, 0) for k in range(min(buckets), max(buckets) + 1)) if buckets else ()
