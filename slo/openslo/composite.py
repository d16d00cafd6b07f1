"""Items of `objectives` that bring their own indicators: the parts of one composite objective.

OpenSLO gives each part a target and a weight, but the whole no target. Herald takes the weighted mean: parts of 99 %
with weight 3 and 90 % with weight 1 promise 96.75 % together.
"""

from collections.abc import Sequence
from decimal import Decimal

from slo.objective import Component, CompositeIndicator
from slo.openslo.judged import Judged
from slo.openslo.place import Place


def build_composite(objectives: Place, parts: Sequence[Judged], names: Sequence[str]) -> list[Judged]:
    """Return the one composite of the parts; none after reporting that their slices differ."""
    first = parts[0]
    for part in parts[1:]:
        if part.slice_ns != first.slice_ns:
            (part.place / "timeSliceWindow").error(
                "differs from the first; the parts of a composite share one length"
            )
            return []
    components = tuple(
        Component(
            name=name,
            indicator=part.indicator,
            target=part.target,
            weight=part.weight,
            slice_target=part.slice_target,
        )
        for name, part in zip(names, parts, strict=True)
        if not isinstance(part.indicator, CompositeIndicator)
    )
    whole = CompositeIndicator(components=components)
    target = _weighted_mean(parts)
    return [Judged(place=objectives, indicator=whole, target=target, slice_ns=first.slice_ns)]


def _weighted_mean(parts: Sequence[Judged]) -> Decimal:
    total = sum((part.weight for part in parts), Decimal(0))
    return sum((part.target * part.weight for part in parts), Decimal(0)) / total
