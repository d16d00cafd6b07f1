"""When an alert fires and when it resolves: a state per entity and tier, stepped once a minute.

A tier fires when its burn is exceeded in both windows with enough bad events, and resolves when that no longer holds.
While the short window has no data at all it does neither: silence is no proof of recovery. `replay` says for a whole
stretch of time what stepping through it minute by minute would say, and `step_all` for many entities at one moment.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from model.clock import MINUTE_NS
from model.windows import Window
from slo import Ledger, Objective, Silence, Tier, burn_rate
from slo.burn import PAGE
from slo.counts import Int64s, Sums
from slo.status import SILENT_AFTER_NS, is_burning, meets_each, silent_after_ns

NO_DATA_TIER = Tier(
    name="no-data",
    severity=PAGE,
    long_ns=SILENT_AFTER_NS,
    short_ns=SILENT_AFTER_NS,
    budget_share=Fraction(0),
)
"""The tier of objectives to which silence is an alert: it fires when the entity has fallen silent."""


class Change(StrEnum):
    """What happened to an alert."""

    FIRED = "fired"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """An alert of `tier` fired or resolved at `at_ns`, with these burn rates; None where nothing was counted."""

    change: Change
    tier: Tier
    at_ns: int
    burn_long: Fraction | None
    burn_short: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertInterval:
    """An alert from firing to resolving (None: still firing), with the burn rates at which it fired."""

    tier: Tier
    fired_ns: int
    resolved_ns: int | None
    burn_long: Fraction | None
    burn_short: Fraction | None


class AlertTracker:
    """The alerts of one entity. `firing` names the tiers that fire already, as after a restart."""

    def __init__(self, objective: Objective, *, firing: Iterable[str] = ()) -> None:
        self._objective = objective
        self._firing = set(firing)

    @property
    def firing(self) -> frozenset[str]:
        """Return the names of the tiers that fire."""
        return frozenset(self._firing)

    def step(self, ledger: Ledger, at_ns: int) -> list[Transition]:
        """Return what changed by `at_ns`, the end of a minute, given the ledger's counts up to then."""
        return [
            change for tier in alerting_tiers(self._objective) if (change := self._step_tier(tier, ledger, at_ns))
        ]

    def _step_tier(self, tier: Tier, ledger: Ledger, at_ns: int) -> Transition | None:
        was = tier.name in self._firing
        now = self._silent(ledger, at_ns) if tier is NO_DATA_TIER else _verdict(self._objective, tier, ledger, at_ns)
        return None if now is None or now == was else self.turn(tier, ledger, at_ns)

    def turn(self, tier: Tier, ledger: Ledger, at_ns: int) -> Transition:
        """Let a tier fire that did not, or resolve one that did."""
        self._firing ^= {tier.name}
        change = Change.FIRED if tier.name in self._firing else Change.RESOLVED
        return _transition(self._objective, tier, ledger, at_ns, change)

    def _silent(self, ledger: Ledger, at_ns: int) -> bool:
        last = ledger.last_data_ns(at_ns)
        return last is not None and at_ns - last > silent_after_ns(self._objective)


def step_all(
    objective: Objective, trackers: Sequence[AlertTracker], ledgers: Sequence[Ledger], sums: Sums, at_ns: int
) -> Iterator[tuple[int, Transition]]:
    """Step many trackers, and yield what changed with the index of whose it is: tier by tier, else as `step` has it.

    `sums` are those of the ledgers at `at_ns`. Only what changes costs more than a few operations on arrays.
    """
    ends = np.full(len(trackers), at_ns, dtype=np.int64)
    for tier in alerting_tiers(objective):
        was = np.fromiter((tier.name in tracker.firing for tracker in trackers), dtype=np.bool_, count=ends.size)
        wanted, judged = _wanted(objective, tier, sums, ends)
        for index in np.flatnonzero(judged & (wanted != was)).tolist():
            yield index, trackers[index].turn(tier, ledgers[index], at_ns)


def alerting_tiers(objective: Objective) -> tuple[Tier, ...]:
    """Return the tiers that may fire for the objective."""
    return (*objective.tiers, NO_DATA_TIER) if objective.silence is Silence.ALERT else objective.tiers


def replay_transitions(
    objective: Objective, ledger: Ledger, window: Window, *, firing: Iterable[str] = ()
) -> list[Transition]:
    """Return what stepping through the minutes that end in `window` would give, in the order of time.

    `firing` names the tiers that fire already. The ledger must hold the counts that the tiers look back on.
    """
    first = window.start_ns // MINUTE_NS * MINUTE_NS + MINUTE_NS
    ends = np.arange(first, window.end_ns + 1, MINUTE_NS, dtype=np.int64)
    sums, already = ledger.sums(), set(firing)
    changes: list[Transition] = []
    for tier in alerting_tiers(objective):
        was = tier.name in already
        state = _states(objective, tier, sums, ends, was=was)
        for index in np.flatnonzero(np.diff(state, prepend=was)):
            change = Change.FIRED if state[index] else Change.RESOLVED
            changes.append(_transition(objective, tier, ledger, int(ends[index]), change))
    return sorted(changes, key=lambda change: change.at_ns)


def replay(objective: Objective, ledger: Ledger, window: Window) -> list[AlertInterval]:
    """Return the alerts of `window`, earliest first; nothing fires before it."""
    intervals: list[AlertInterval] = []
    for change in replay_transitions(objective, ledger, window):
        if change.change is Change.FIRED:
            intervals.append(
                AlertInterval(
                    tier=change.tier,
                    fired_ns=change.at_ns,
                    resolved_ns=None,
                    burn_long=change.burn_long,
                    burn_short=change.burn_short,
                )
            )
        else:
            index = max(i for i, interval in enumerate(intervals) if interval.tier == change.tier)
            intervals[index] = replace(intervals[index], resolved_ns=change.at_ns)
    return intervals


def _verdict(objective: Objective, tier: Tier, ledger: Ledger, at_ns: int) -> bool | None:
    """Return whether the tier should fire; None while there is nothing to judge by."""
    return is_burning(objective, ledger, tier, at_ns) if ledger.counts(at_ns, tier.short_ns).minutes else None


def _states(objective: Objective, tier: Tier, sums: Sums, ends: Int64s, *, was: bool) -> NDArray[np.bool_]:
    """Return at which of `ends` the alert is firing; a moment without data leaves it as it was."""
    wanted, judged = _wanted(objective, tier, sums, ends)
    latest = np.maximum.accumulate(np.where(judged, np.arange(ends.size), -1))
    return np.where(latest >= 0, wanted[latest], was)


def _wanted(
    objective: Objective, tier: Tier, sums: Sums, ends: Int64s
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where the tier should fire, and where there is something to judge that by."""
    if tier is NO_DATA_TIER:
        last = sums.last_data_ns(ends)
        return (last > 0) & (ends - last > silent_after_ns(objective)), np.ones(ends.size, dtype=np.bool_)
    return meets_each(objective, tier, sums, ends), sums.counts(ends, tier.short_ns).minutes > 0


def _transition(objective: Objective, tier: Tier, ledger: Ledger, at_ns: int, change: Change) -> Transition:
    return Transition(
        change=change,
        tier=tier,
        at_ns=at_ns,
        burn_long=burn_rate(ledger.counts(at_ns, tier.long_ns), objective.error_budget),
        burn_short=burn_rate(ledger.counts(at_ns, tier.short_ns), objective.error_budget),
    )
