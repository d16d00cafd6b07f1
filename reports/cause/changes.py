"""Whether a change did it: how much likelier what moved is after it than by chance.

A change before an impact proves nothing; most are innocent. One that did it is followed by what it changes: most act
at once, some through what fills or empties, a few when they are first used. An innocent one has what moved anywhere
around it. The ratio of the two likelihoods of where the onsets lie, times the odds that a change breaks something,
weighed against the other changes, is the support of a change (Bayes).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.clock import MINUTE_NS
from model.names import EVENT_CALIBRATION, EVENT_CONFIGURATION_CHANGE, EVENT_SOFTWARE_CHANGE
from reports.cause.deviation import MOVED_SIGMAS
from reports.cause.finding import Finding
from reports.cause.weigh import LEAST_EFFECT, STRONG_SIGMAS
from reports.evidence import ChangeEvent

SEARCH_NS = 180 * MINUTE_NS
_ODDS = 0.15
"""That a change within the search broke something, before anything else is known of it."""
_CALIBRATION_ODDS = 0.05
"""Series are meant to step when a calibration comes into force."""
_LAGS = ((0.6, 0.5), (0.25, 8.0), (0.15, 40.0))
"""After how many minutes, in the mean, which share of the changes that break something shows."""
_IMPACT_MINUTES = 10.0
"""What hurts began to within so many minutes before it was seen."""
_IMPACT_WEIGHT = 0.2
"""That it hurts tells a little, too: a change that nothing else can tell of is not refuted by that."""
_COARSE_MINUTES = 10.0
_MIX_WEIGHT = 0.05
"""Other kinds of tries show that a change came into force, not that it did harm."""
_FOLLOWED = 2.0
_TOO_LATE = 0.005
"""What is left of a change's odds if all that moved surely began before it; of a part of it, that power by weight."""
_TOO_LATE_NS = 20 * MINUTE_NS
_STEERING = (EVENT_CONFIGURATION_CHANGE, EVENT_SOFTWARE_CHANGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What followed a change: `support` 0..1, and the findings that began with it."""

    change: ChangeEvent
    support: float
    followed: tuple[Finding, ...]


def judge_changes(
    affected: Mapping[ChangeEvent, Sequence[Finding]], *, since_ns: int, impact_ns: int
) -> list[Response]:
    """Return what followed each change since then; `affected` names what moved on what it changed and downstream."""
    telling = {
        change: [f for f in moved if _clarity(f) > 0.0 and f.lasts and f.onset_ns + f.latitude_ns > since_ns]
        for change, moved in affected.items()
    }
    odds = {change: _odds(change, moved, impact_ns) for change, moved in telling.items()}
    whole = 1.0 + sum(odds.values())
    return [
        Response(
            change=change,
            support=odds[change] / whole,
            followed=tuple(f for f in moved if ratio(change, f) > _FOLLOWED),
        )
        for change, moved in telling.items()
    ]


def _odds(change: ChangeEvent, telling: Sequence[Finding], impact_ns: int) -> float:
    """Return how much likelier it is that the change did it than that no change did."""
    lag = (impact_ns - change.time_ns) / MINUTE_NS
    told = [(_weight(f), ratio(change, f)) for f in telling]
    told.append((_IMPACT_WEIGHT, _ratio(lag - _IMPACT_MINUTES, lag)))
    whole = sum(weight for weight, _ in told)
    mean = sum(weight * each for weight, each in told) / whole
    known = _CALIBRATION_ODDS if change.event == EVENT_CALIBRATION else _ODDS
    too_late = sum(_weight(f) for f in telling if _came_before(f, change)) / whole
    return float(mean * known * _TOO_LATE**too_late)


def _came_before(finding: Finding, change: ChangeEvent) -> bool:
    """Return whether it surely began before the change, but not so long that it is another matter."""
    latest_ns = _latest_ns(finding)
    return latest_ns <= change.time_ns <= latest_ns + _TOO_LATE_NS


def _weight(finding: Finding) -> float:
    told = _clarity(finding) / (1.0 + finding.resolution_ns / MINUTE_NS / _COARSE_MINUTES)
    return told * (_MIX_WEIGHT if finding.kind == "mix" else 1.0)


def _clarity(finding: Finding) -> float:
    """Return how much a finding may say: nothing where it may be chance, less until it is strong."""
    if finding.effect < LEAST_EFFECT:
        return 0.0
    beyond = (abs(finding.sigmas) - MOVED_SIGMAS) / (STRONG_SIGMAS - MOVED_SIGMAS)
    return math.log1p(abs(finding.sigmas)) * min(max(beyond, 0.0), 1.0)


def ratio(change: ChangeEvent, finding: Finding) -> float:
    """Return how much likelier a finding's onset is if the change did it than by chance; 0 if it cannot have."""
    if not may_follow(finding, change):
        return 0.0
    earliest_ns = finding.onset_ns - finding.resolution_ns - change.time_ns
    latest_ns = _latest_ns(finding) - change.time_ns
    return _ratio(earliest_ns / MINUTE_NS, latest_ns / MINUTE_NS)


def _latest_ns(finding: Finding) -> int:
    """Return when a finding began at the latest: an onset is named by the start of its minute."""
    return finding.onset_ns + finding.latitude_ns + MINUTE_NS


def _ratio(earliest: float, latest: float) -> float:
    """Return the same for an onset between two lags in minutes."""
    chance = (latest - earliest) * MINUTE_NS / SEARCH_NS
    return (_later(earliest) - _later(latest)) / chance


def _later(lag: float) -> float:
    """Return the share of what changes broke that shows after more than so many minutes."""
    return sum(share * math.exp(-max(lag, 0.0) / mean) for share, mean in _LAGS)


def may_follow(finding: Finding, change: ChangeEvent) -> bool:
    """Return whether it can be the change's doing.

    How much is asked of an entity follows neither a change of what acts on it, nor new firmware or credentials.
    """
    steers = finding.entity == change.entity and change.event in _STEERING
    return finding.definition.role != "load" or steers


def explained(finding: Finding, responses: Sequence[Response], reach: frozenset[str]) -> float:
    """Return how far the best supported change on `reach` (the entity and what acts on it) explains a finding."""
    return max((r.support * _follows(finding, r.change) for r in responses if r.change.entity in reach), default=0.0)


def _follows(finding: Finding, change: ChangeEvent) -> float:
    fit = ratio(change, finding)
    return fit / (fit + _FOLLOWED)
