"""Rules that fire without an error budget: when one fires, when it resolves, and what it says. Data: `rules/*.yaml`.

A rule fires when its signals have held for `delay_ns`, and resolves when one has not for `keep_ns`: the first is the
brief delay on noisy signals, the second keeps what flaps from being told again and again. A moment that cannot be
judged is neither. So whether a rule fires follows from the last `delay_ns` or `keep_ns` and from whether it fired
before, and nothing else need be remembered.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from alert_rules.event_signals import PageOver
from alert_rules.policy import Change
from alert_rules.signals import HOLDS, NOT, UNKNOWN, Judged, Signal, judge_all
from alert_rules.sources import SignalSource
from model.clock import DAY_NS, MINUTE_NS
from model.queries import Group
from model.windows import Window
from slo.impact import find_impact_ns

_BY_CHANCE = 0.05
"""The share of minutes in which what a rule waits for may be so without anything being the matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionRule:
    """One rule; `every_ns` is how often it is judged, `catalogue` which entries it fulfils."""

    name: str
    alertname: str
    title: str
    severity: str
    domain: str
    signals: tuple[Signal, ...]
    delay_ns: int = 0
    keep_ns: int = 0
    every_ns: int = MINUTE_NS
    team: str = ""
    runbook: str = ""
    catalogue: tuple[str, ...] = ()
    context: tuple[str, ...] = ()

    @property
    def is_reminder(self) -> bool:
        """Return whether it speaks of pages, not of what is watched: somebody has something to do about them."""
        return any(isinstance(signal, PageOver) for signal in self.signals)

    @property
    def _holds_for(self) -> int:
        return max(1, self.delay_ns // self.every_ns)

    @property
    def _clear_for(self) -> int:
        return max(1, self.keep_ns // self.every_ns)

    def transitions(
        self, source: SignalSource, window: Window, *, firing: Iterable[Group] = ()
    ) -> list["ConditionChange"]:
        """Return what changes at moments in `window`, in the order of time; it fires for `firing` already."""
        already = set(firing)
        ends = self._moments(window)
        if ends.size == 0:
            return []
        lead = max(self._holds_for, self._clear_for) - 1
        early = ends[0] - np.arange(lead, 0, -1, dtype=np.int64) * self.every_ns
        verdicts = judge_all(self.signals, source, np.concatenate([early, ends]), also=already)
        changes = [
            change
            for group in sorted(verdicts)
            for change in self._follow(group, verdicts[group], ends, group in already)
        ]
        return sorted(changes, key=lambda change: (change.at_ns, change.group))

    def began_ns(self, source: SignalSource, group: Group, fired_ns: int) -> int:
        """Return since when all its signals had been so for an entity when it fired, at most a day before."""
        ends_ns = np.arange(fired_ns - DAY_NS, fired_ns, MINUTE_NS, dtype=np.int64) + MINUTE_NS
        judged = judge_all([signal.of_a_minute() for signal in self.signals], source, ends_ns, also=[group])[group]
        told, holds = (judged.state != UNKNOWN).astype(np.int64), (judged.state == HOLDS).astype(np.int64)
        return find_impact_ns(ends_ns - MINUTE_NS, told - holds, told, budget=_BY_CHANCE, fired_ns=fired_ns)

    def _moments(self, window: Window) -> NDArray[np.int64]:
        first = window.start_ns // self.every_ns * self.every_ns + self.every_ns
        return np.arange(first, window.end_ns + 1, self.every_ns, dtype=np.int64)

    def _follow(
        self, group: Group, judged: Judged, ends: NDArray[np.int64], was: bool
    ) -> Iterator["ConditionChange"]:
        """Yield the changes of one entity."""
        lead = judged.state.size - ends.size
        state = self._settle(judged.state, lead, was=was)
        for index in np.flatnonzero(np.diff(state, prepend=was)):
            change = Change.FIRED if state[index] else Change.RESOLVED
            yield ConditionChange(self, group, change, int(ends[index]), float(judged.value[lead + index]))

    def _settle(self, state: NDArray[np.int8], lead: int, *, was: bool) -> NDArray[np.bool_]:
        fires = _run_of(state == HOLDS, self._holds_for)[lead:]
        clears = _run_of(state == NOT, self._clear_for)[lead:]
        decided = np.where(fires | clears, np.arange(fires.size), -1)
        latest = np.maximum.accumulate(decided)
        return np.where(latest >= 0, fires[latest], was)


@dataclass(frozen=True, slots=True)
class ConditionChange:
    """A rule fired or resolved for an entity at `at_ns`, by this number (NaN: none)."""

    rule: ConditionRule = field(repr=False)
    group: Group
    change: Change
    at_ns: int
    value: float


def _run_of(holds: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Return where `holds` has been true `length` times in a row."""
    index = np.arange(holds.size)
    last_false = np.maximum.accumulate(np.where(holds, -1, index))
    return np.asarray(index - last_false >= length, dtype=np.bool_)
