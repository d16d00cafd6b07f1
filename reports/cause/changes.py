"""Whether a change did it: how much of what moved began right after it.

A change before an impact proves nothing; most are innocent. One that did it is followed at once by steps in the
series of what was changed and of what that acts on. So a change's support is the share of all that moved there which
began within minutes after it, and a series that began to move with the change is what the change did, not a rival.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from model.clock import MINUTE_NS
from model.names import EVENT_CALIBRATION
from reports.cause.findings import Finding
from reports.cause.weigh import is_strong
from reports.evidence import ChangeEvent

SEARCH_NS = 180 * MINUTE_NS
_SAME_MINUTES = 2.0
_DECAY_MINUTES = 6.0
_COARSE_MINUTES = 10.0
_IMPACT_WEIGHT = 0.5
_CALIBRATION_WEIGHT = 0.5
"""Series are meant to step when a calibration comes into force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What followed a change: `support` 0..1, and the findings that began with it."""

    change: ChangeEvent
    support: float
    followed: tuple[Finding, ...]


def judge_change(change: ChangeEvent, affected: Iterable[Finding], impact_ns: int) -> Response:
    """Return what followed a change; `affected` is what moved on the changed entity and downstream of it."""
    strong = [f for f in affected if is_strong(f) and f.onset_ns > impact_ns - SEARCH_NS]
    weights = [math.log1p(abs(f.sigmas)) / (1.0 + f.resolution_ns / MINUTE_NS / _COARSE_MINUTES) for f in strong]
    fits = [follows(change.time_ns, f.onset_ns, f.resolution_ns) for f in strong]
    own = _IMPACT_WEIGHT * (max(weights, default=1.0))
    fitting = own * follows(change.time_ns, impact_ns, MINUTE_NS) + sum(
        w * fit for w, fit in zip(weights, fits, strict=True)
    )
    support = fitting / (own + sum(weights))
    if change.event == EVENT_CALIBRATION:
        support *= _CALIBRATION_WEIGHT
    followed = tuple(f for f, fit in zip(strong, fits, strict=True) if fit > _IMPACT_WEIGHT)
    return Response(change=change, support=support, followed=followed)


def follows(change_ns: int, onset_ns: int, resolution_ns: int) -> float:
    """Return 1 for an onset at the change, less with every minute after it, 0 for one before it.

    An onset known to `resolution_ns` may have been that much earlier than the sample which showed it.
    """
    lag = (onset_ns - change_ns) / MINUTE_NS
    if lag <= -1.0:  # onsets are named by the start of their minute
        return 0.0
    lag = max(0.0, lag - resolution_ns / MINUTE_NS)
    return math.exp(-max(0.0, lag - _SAME_MINUTES) / _DECAY_MINUTES)


def explained(finding: Finding, responses: Sequence[Response], reach: frozenset[str]) -> float:
    """Return how far the best supported change on `reach` (the entity and what acts on it) explains a finding."""
    return max(
        (
            r.support * follows(r.change.time_ns, finding.onset_ns, finding.resolution_ns)
            for r in responses
            if r.change.entity in reach
        ),
        default=0.0,
    )
