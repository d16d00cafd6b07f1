"""Whether a change did it: how much of what moved began right after it.

A change before an impact proves nothing; most are innocent. One that did it is followed at once by steps in the
series of what was changed and of what that acts on. So a change's support is the share of all that moved there which
began within minutes after it, and a series that began to move with the change is what the change did, not a rival.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from model.clock import MINUTE_NS
from model.names import EVENT_CALIBRATION, EVENT_CONFIGURATION_CHANGE, EVENT_SOFTWARE_CHANGE
from reports.cause.findings import Finding
from reports.cause.weigh import is_strong
from reports.evidence import ChangeEvent

SEARCH_NS = 180 * MINUTE_NS
_SAME_MINUTES = 2.0
_DECAY_MINUTES = 6.0
_COARSE_MINUTES = 10.0
_IMPACT_WEIGHT = 0.5
_STEERING = (EVENT_CONFIGURATION_CHANGE, EVENT_SOFTWARE_CHANGE)
_TOO_LATE = 0.5
_TOO_LATE_NS = 20 * MINUTE_NS
_CALIBRATION_WEIGHT = 0.5
"""Series are meant to step when a calibration comes into force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What followed a change: `support` 0..1, and the findings that began with it."""

    change: ChangeEvent
    support: float
    followed: tuple[Finding, ...]


def judge_change(change: ChangeEvent, affected: Iterable[Finding], *, changes: int, impact_ns: int) -> Response:
    """Return what followed a change; `affected` is what moved on the changed entity and downstream of it.

    `changes` counts all changes of that entity within the search.
    """
    began_ns = impact_ns - SEARCH_NS
    strong = [f for f in affected if is_strong(f) and f.lasts and f.onset_ns + f.latitude_ns > began_ns]
    weights = [math.log1p(abs(f.sigmas)) / (1.0 + f.resolution_ns / MINUTE_NS / _COARSE_MINUTES) for f in strong]
    fits = [may_follow(f, change) * follows(change.time_ns, f) * not_by_chance(f, changes) for f in strong]
    own = _IMPACT_WEIGHT * (max(weights, default=1.0))
    fitting = own * _decay(impact_ns - change.time_ns - MINUTE_NS) + sum(
        w * fit for w, fit in zip(weights, fits, strict=True)
    )
    support = fitting / (own + sum(weights))
    if any(_came_before(f, change) for f in strong):
        support *= _TOO_LATE
    if change.event == EVENT_CALIBRATION:
        support *= _CALIBRATION_WEIGHT
    followed = tuple(f for f, fit in zip(strong, fits, strict=True) if fit > _IMPACT_WEIGHT)
    return Response(change=change, support=support, followed=followed)


def _came_before(finding: Finding, change: ChangeEvent) -> bool:
    """Return whether it surely began before the change, but not so long that it is another matter."""
    latest_ns = finding.onset_ns + finding.latitude_ns + MINUTE_NS
    return latest_ns <= change.time_ns <= latest_ns + _TOO_LATE_NS


def follows(change_ns: int, finding: Finding) -> float:
    """Return 1 for what may have begun at the change, less with every minute after it, 0 for what began before it."""
    latest_ns = finding.onset_ns + finding.latitude_ns + MINUTE_NS  # onsets are named by the start of their minute
    if change_ns >= latest_ns:
        return 0.0
    return _decay(finding.onset_ns - finding.resolution_ns - change_ns)


def may_follow(finding: Finding, change: ChangeEvent) -> bool:
    """Return whether it can be the change's doing.

    How much is asked of an entity follows neither a change of what acts on it, nor new firmware or credentials.
    """
    steers = finding.entity == change.entity and change.event in _STEERING
    return finding.definition.role != "load" or steers


def not_by_chance(finding: Finding, changes: int) -> float:
    """Return the chance that none of so many changes falls into the time in which a series may have begun to move.

    An onset that is known to the minute hardly coincides with an innocent change; one that is known to the hour may.
    """
    width_ns = finding.resolution_ns + finding.latitude_ns + _SAME_MINUTES * MINUTE_NS
    return math.exp(-changes * width_ns / SEARCH_NS)


def _decay(lag_ns: float) -> float:
    return math.exp(-max(0.0, lag_ns / MINUTE_NS - _SAME_MINUTES) / _DECAY_MINUTES)


def explained(finding: Finding, responses: Sequence[Response], reach: frozenset[str]) -> float:
    """Return how far the best supported change on `reach` (the entity and what acts on it) explains a finding."""
    return max(
        (
            r.support * follows(r.change.time_ns, finding)
            for r in responses
            if r.change.entity in reach and may_follow(finding, r.change)
        ),
        default=0.0,
    )
