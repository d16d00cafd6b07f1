"""Signals of events and alerts: something happened, something has begun and not ended, a page is over."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alert_rules.signals import NOT, Ends, Judged, Verdicts, entity_column
from alert_rules.sources import Event, SignalSource
from model.clock import MINUTE_NS
from model.queries import Group
from model.windows import Window
from slo.burn import PAGE

_NEVER_NS = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """At least `at_least` events of these names, with these attributes, in a window."""

    events: tuple[str, ...]
    group_by: tuple[str, ...]
    window_ns: int
    at_least: int = 1
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    severities: tuple[str, ...] = ()

    @property
    def absent(self) -> np.int8:
        """Do as `Signal.absent`."""
        return NOT

    def of_a_minute(self) -> "Happened":
        """Do as `Signal.of_a_minute`."""
        return replace(self, window_ns=MINUTE_NS, at_least=1)

    def judge(self, source: SignalSource, ends_ns: Ends) -> Verdicts:
        """Do as `Signal.judge`; an entity is judged while one of its events is in sight."""
        window = Window(start_ns=int(ends_ns[0]) - self.window_ns, end_ns=int(ends_ns[-1]))
        times: dict[Group, list[int]] = defaultdict(list)
        for event in source.read_events(window, self.events):
            if self._is_meant(event) and (group := _group(event, self.group_by)):
                times[group].append(event.time_ns)
        return {group: self._judge(np.sort(np.array(found)), ends_ns) for group, found in times.items()}

    def _is_meant(self, event: Event) -> bool:
        attributes = event.attributes
        return (not self.severities or event.severity in self.severities) and all(
            str(attributes.get(name, "")) in allowed for name, allowed in self.filters
        )

    def _judge(self, times: NDArray[np.int64], ends_ns: Ends) -> Judged:
        until = np.searchsorted(times, ends_ns, side="right")
        count = until - np.searchsorted(times, ends_ns - self.window_ns, side="right")
        return Judged((count >= self.at_least).astype(np.int8), count.astype(np.float64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """After an event that begins something and before the one that ends it, `at_most_ns` long."""

    begin: str
    end: str
    group_by: tuple[str, ...]
    at_most_ns: int

    @property
    def absent(self) -> np.int8:
        """Do as `Signal.absent`."""
        return NOT

    def of_a_minute(self) -> "Between":
        """Do as `Signal.of_a_minute`: it lasts."""
        return self

    def judge(self, source: SignalSource, ends_ns: Ends) -> Verdicts:
        """Do as `Signal.judge`."""
        window = Window(start_ns=int(ends_ns[0]) - self.at_most_ns, end_ns=int(ends_ns[-1]))
        begins: dict[Group, list[int]] = defaultdict(list)
        finishes: dict[Group, list[int]] = defaultdict(list)
        for event in source.read_events(window, (self.begin, self.end)):
            (begins if event.name == self.begin else finishes)[_group(event, self.group_by)].append(event.time_ns)
        return {group: self._judge(times, finishes[group], ends_ns) for group, times in begins.items() if group}

    def _judge(self, begins: list[int], finishes: list[int], ends_ns: Ends) -> Judged:
        begun, ended = (_latest(np.sort(np.array(times, dtype=np.int64)), ends_ns) for times in (begins, finishes))
        lasts = (begun > ended) & (ends_ns - begun < self.at_most_ns)
        return Judged(lasts.astype(np.int8), np.full(ends_ns.size, np.nan))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOver:
    """A page of at least `at_least_ns` ended less than `within_ns` ago, and nobody has been paged since."""

    within_ns: int
    at_least_ns: int

    @property
    def absent(self) -> np.int8:
        """Do as `Signal.absent`."""
        return NOT

    def of_a_minute(self) -> "PageOver":
        """Do as `Signal.of_a_minute`: it lasts."""
        return self

    def judge(self, source: SignalSource, ends_ns: Ends) -> Verdicts:
        """Do as `Signal.judge`."""
        window = Window(start_ns=int(ends_ns[0]) - self.within_ns, end_ns=int(ends_ns[-1]))
        pages: dict[Group, list[tuple[int, int]]] = defaultdict(list)
        for alert in source.read_alerts(window):
            if alert.severity == PAGE and alert.group:
                pages[alert.group].append((alert.fired_ns, alert.resolved_ns or _NEVER_NS))
        return {group: self._judge(intervals, ends_ns) for group, intervals in pages.items()}

    def _judge(self, intervals: list[tuple[int, int]], ends_ns: Ends) -> Judged:
        over, firing = np.zeros(ends_ns.size, dtype=bool), np.zeros(ends_ns.size, dtype=bool)
        for fired_ns, resolved_ns in intervals:
            firing |= (ends_ns >= fired_ns) & (ends_ns < resolved_ns)
            if resolved_ns - fired_ns >= self.at_least_ns:
                over |= (ends_ns >= resolved_ns) & (ends_ns - resolved_ns < self.within_ns)
        return Judged((over & ~firing).astype(np.int8), np.full(ends_ns.size, np.nan))


def _latest(times: NDArray[np.int64], ends_ns: Ends) -> NDArray[np.int64]:
    """Return the last of `times` at each moment, -1 before the first."""
    return np.concatenate(([-1], times))[np.searchsorted(times, ends_ns, side="right")]


def _group(event: Event, group_by: Sequence[str]) -> Group:
    """Return whom an event speaks of: the first attributes that it has; empty where it has none."""
    named = [(_column(name), str(event.attributes[name])) for name in group_by if event.attributes.get(name)]
    return tuple(sorted(named[:1]))


def _column(attribute: str) -> str:
    return entity_column(attribute.removeprefix("quantum.").removesuffix(".id").replace(".", "_"))
