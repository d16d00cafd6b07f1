"""Stretches of time that do not count against a budget: calibration, maintenance, somebody else's incident.

An exclusion names what it covers (columns of a group, or the whole fleet), when, and whether events in it are left
out or all count as good. It takes effect on the minutes it touches, past ones too, for as long as nobody revokes it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from model.clock import MINUTE_NS
from model.queries import Group
from model.windows import Window
from slo.counts import Int64s
from slo.objective import Excluded, Objective
from slo.recurrence import recurring_windows

KINDS = ("calibration", "maintenance", "incident", "test", "decommissioned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """One entry of the list; `end_ns` None lasts until it is revoked, `rule` is an RRULE in the zone `zone`."""

    kind: str
    start_ns: int
    end_ns: int | None
    matchers: Group = ()  # empty: everything
    rule: str = ""
    zone: str = "UTC"
    mode: Excluded | None = None  # None: as the objective says
    who: str = ""
    why: str = ""
    source: str = ""  # of which event it was made; empty where a person wrote it
    created_ns: int = 0
    revoked_ns: int | None = None
    exclusion_id: int = 0

    def concerns(self, objective: Objective) -> bool:
        """Return whether the objective lets exclusions of this kind apply."""
        return self.kind in objective.exclude

    def covers(self, group: Group) -> bool:
        """Return whether all matchers hold for an entity."""
        labels = dict(group)
        return all(labels.get(column) == value for column, value in self.matchers)

    def windows(self, within: Window) -> Iterator[Window]:
        """Yield the stretches that overlap `within`, ascending and cut to it."""
        end_ns = within.end_ns if self.end_ns is None else self.end_ns
        if not self.rule:
            found: Iterable[Window] = (Window(start_ns=min(self.start_ns, end_ns), end_ns=end_ns),)
        else:
            first = Window(start_ns=self.start_ns, end_ns=end_ns)
            found = recurring_windows(self.rule, first, self.zone, within)
        for window in found:
            start_ns, stop_ns = max(window.start_ns, within.start_ns), min(window.end_ns, within.end_ns)
            if start_ns < stop_ns:
                yield Window(start_ns=start_ns, end_ns=stop_ns)

    def minutes(self, within: Window) -> Int64s:
        """Return the starts of the minutes inside `within` that it touches, ascending; a part of one is enough."""
        touched = [
            np.arange(window.start_ns // MINUTE_NS * MINUTE_NS, window.end_ns, MINUTE_NS, dtype=np.int64)
            for window in self.windows(within)
        ]
        found = np.unique(np.concatenate(touched)) if touched else np.zeros(0, dtype=np.int64)
        return found[(found >= within.start_ns) & (found < within.end_ns)]


class ExcludedMinutes:
    """Which minutes inside a window are excluded for which entity of one objective."""

    def __init__(self, objective: Objective, exclusions: Iterable[Exclusion], within: Window) -> None:
        self._mode = objective.excluded
        self._parts: Sequence[tuple[Exclusion, Int64s]] = [
            (exclusion, exclusion.minutes(within))
            for exclusion in exclusions
            if exclusion.concerns(objective) and exclusion.revoked_ns is None
        ]
        self._of: dict[Group, dict[int, Excluded]] = {}

    def __bool__(self) -> bool:
        """Return whether anything is excluded."""
        return any(minutes.size for _, minutes in self._parts)

    def of(self, group: Group) -> dict[int, Excluded]:
        """Return the excluded minutes of an entity; where two exclusions overlap, dropping wins."""
        if group not in self._of:
            found: dict[int, Excluded] = {}
            for exclusion, minutes in self._parts:
                if exclusion.covers(group):
                    mode = exclusion.mode or self._mode
                    for minute in minutes.tolist():
                        found[minute] = Excluded.DROPPED if found.get(minute) is Excluded.DROPPED else mode
            self._of[group] = found
        return self._of[group]
