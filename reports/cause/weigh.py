"""How much speaks for a series that moved: size, effect, order and place, each a factor that a reader can dispute.

* size: how far it moved, in robust standard deviations of its own past, on a logarithmic scale 0..1;
* effect: by what factor it changed, 0..1: a significant change of a percent breaks nothing;
* order: 1 for an onset within the hour before the impact, less for one after it or long before it;
* place: 1 for the entity that hurts, more for what acts on it: a cause lies upstream of its effects.
"""

import math

from model.clock import MINUTE_NS
from reports.cause.finding import Finding

STRONG_SIGMAS = 8.0
LEAST_EFFECT = 0.1
"""What is less than a tenth breaks nothing, however sure."""
_SIZE_CAP_SIGMAS = 1000.0
_EFFECT_HALF = 0.05
_LATE_DECAY_MINUTES = 10.0
_FRESH_MINUTES = 60.0
_EARLY_DECAY_MINUTES = 90.0
_UPSTREAM_BONUS = 0.25
_FARTHEST = 2
_KIND_WEIGHTS = {"hardware": 1.0, "load": 0.9, "telemetry": 1.0}
_COUNT_WEIGHT = 0.75
"""A count may only follow how much is tried; a share or a level of a load speaks for itself."""


def weigh(finding: Finding, *, distance: int, first_ns: int, impact_ns: int) -> dict[str, float]:
    """Return the parts whose product is the score of a series; `distance` counts the edges to what hurts.

    What hurts may have shown effects since `first_ns`, before it was said to hurt at `impact_ns`.
    """
    parts = {
        "size": min(math.log1p(abs(finding.sigmas)) / math.log1p(_SIZE_CAP_SIGMAS), 1.0),
        "effect": finding.effect / (finding.effect + _EFFECT_HALF),
        "order": order(finding.onset_ns, finding.resolution_ns, first_ns, impact_ns),
        "place": place(distance) if is_strong(finding) else 1.0,
        "kind": _KIND_WEIGHTS[finding.definition.role],
    }
    if finding.definition.role == "load" and finding.kind == "count":
        parts["kind"] *= _COUNT_WEIGHT
    return parts


def order(onset_ns: int, resolution_ns: int, first_ns: int, impact_ns: int) -> float:
    """Return 1 for an onset that may lie between an hour before the first effect and the impact, 0..1 otherwise."""
    late = max(0.0, (onset_ns - resolution_ns - impact_ns) / MINUTE_NS)
    early = max(0.0, (first_ns - onset_ns) / MINUTE_NS - _FRESH_MINUTES)
    return math.exp(-late / _LATE_DECAY_MINUTES - early / _EARLY_DECAY_MINUTES)


def place(distance: int) -> float:
    """Return 1 for what hurts itself, more for each edge upstream of it, up to two."""
    return 1.0 + _UPSTREAM_BONUS * min(distance, _FARTHEST)


def is_strong(finding: Finding) -> bool:
    """Return whether chance or a slow wander can be left out of account."""
    return abs(finding.sigmas) >= STRONG_SIGMAS and finding.effect >= LEAST_EFFECT
