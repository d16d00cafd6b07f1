"""What a rule without an error budget looks at: a level, a share, a count, a change against the own past, events.

A signal says for each of some moments whether it holds, does not, or cannot be judged, per entity, with the number
that it judged by. It never averages over a window that depends on where reading began, so that judging a stretch of
time in one go says what judging it minute by minute says. Windows are `(start, end]`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from alert_rules.sources import Event, SignalSource
from alert_rules.windowed import hourly_means, rolling_sums
from model.clock import HOUR_NS, MINUTE_NS
from model.queries import Group, MetricQuery
from model.windows import Window
from slo.burn import PAGE

HOLDS, NOT, UNKNOWN = np.int8(1), np.int8(0), np.int8(-1)

STALE_NS = 15 * MINUTE_NS
"""How long a gauge that is read every few minutes speaks for the minutes after."""

_NEVER_NS = 2**62
_RENAMED = {"hw_id": "device"}
"""A hardware component of OpenTelemetry's `hw.*` is a device of ours."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One entity at each moment asked for: HOLDS, NOT or UNKNOWN, and the number behind it (NaN without one)."""

    state: NDArray[np.int8]
    value: NDArray[np.float64]


Ends = NDArray[np.int64]
Verdicts = dict[Group, Judged]


class Signal(Protocol):
    """Something that holds or does not; `absent` is what it says of an entity of which nothing is in sight."""

    @property
    def absent(self) -> np.int8:
        """Return NOT or UNKNOWN."""
        ...

    def judge(self, source: SignalSource, ends_ns: Ends) -> Verdicts:
        """Return the verdicts at the ends of minutes `ends_ns`, which ascend in even steps, by entity."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The newest value is above (below) a bound; unknown once it is older than `STALE_NS`."""

    query: MetricQuery
    above: float | None = None
    below: float | None = None

    @property
    def absent(self) -> np.int8:
        """Do as `Signal.absent`."""
        return UNKNOWN

    def judge(self, source: SignalSource, ends_ns: Ends) -> Verdicts:
        """Do as `Signal.judge`."""
        values = _read(source, self.query, Window(start_ns=int(ends_ns[0]) - STALE_NS, end_ns=int(ends_ns[-1])))
        return {group: self._judge(by_minute, ends_ns) for group, by_minute in values.items()}

    def _judge(self, by_minute: Mapping[int, float], ends_ns: Ends) -> Judged:
        minutes = np.array(sorted(by_minute), dtype=np.int64)
        told = np.array([by_minute[m] for m in minutes.tolist()])
        newest = np.searchsorted(minutes, ends_ns - MINUTE_NS, side="right") - 1
        fresh = (newest >= 0) & (ends_ns - MINUTE_NS - minutes[newest] < STALE_NS)
        value = np.where(fresh, told[newest], np.nan)
        over = value > self.above if self.above is not None else value < (self.below or 0.0)
        return Judged(np.where(fresh, over.astype(np.int8), UNKNOWN), value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """More than `above` of the events in a window are of one kind, and at least `at_least` of them are."""

    part: MetricQuery
    total: MetricQuery
    window_ns: int
    above: float
    at_least: int = 1

    @property
    def absent(self) -> np.int8:
        """Do as `Signal.absent`."""
        return UNKNOWN

    def judge(self, source: SignalSource, ends_ns: Ends) -> Verdicts:
        """Do as `Signal.judge`; unknown where nothing happened at all."""
        window = Window(start_ns=int(ends_ns[0]) - self.window_ns, end_ns=int(ends_ns[-1]))
        parts, totals = _read(source, self.part, window), _read(source, self.total, window)
        return {
            group: self._judge(
                rolling_sums(parts.get(group, {}), ends_ns, self.window_ns),
                rolling_sums(total, ends_ns, self.window_ns),
            )
            for group, total in totals.items()
        }

    def _judge(self, part: NDArray[np.int64], total: NDArray[np.int64]) -> Judged:
        share = np.divide(part, total, out=np.full(total.size, np.nan), where=total > 0)
        over = (share > self.above) & (part >= self.at_least)
        return Judged(np.where(total > 0, over.astype(np.int8), UNKNOWN), share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """More than `above` (less than `below`) events in a window; a minute without data has none.

    With `below` a window without any data is unknown: what says nothing may do well.
    """

    query: MetricQuery
    window_ns: int
    above: float | None = None
    below: float | None = None

    def judge(self, source: SignalSource, ends_ns: Ends) -> Verdicts:
        """Do as `Signal.judge`."""
        window = Window(start_ns=int(ends_ns[0]) - self.window_ns, end_ns=int(ends_ns[-1]))
        read = _read(source, self.query, window)
        return {group: self._judge(values, ends_ns) for group, values in read.items()}

    @property
    def absent(self) -> np.int8:
        """Do as `Signal.absent`."""
        return NOT if self.above is not None else UNKNOWN

    def _judge(self, values: Mapping[int, float], ends_ns: Ends) -> Judged:
        total = rolling_sums(values, ends_ns, self.window_ns)
        if self.above is not None:
            return Judged((total > self.above).astype(np.int8), total.astype(np.float64))
        told = rolling_sums(dict.fromkeys(values, 1.0), ends_ns, self.window_ns)
        under = (total < (self.below or 0.0)).astype(np.int8)
        return Judged(np.where(told > 0, under, UNKNOWN), total.astype(np.float64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The mean of the last whole hour is further from the own past than its scatter explains.

    The threshold adapts: `sigmas` standard deviations of the hourly means of the `past_hours` before, and besides a
    factor of their mean, `above` (1.5: half as much again) or `below`. Unknown with less than half of that past.
    """

    query: MetricQuery
    past_hours: int
    sigmas: float
    above: float | None = None
    below: float | None = None

    @property
    def absent(self) -> np.int8:
        """Do as `Signal.absent`."""
        return UNKNOWN

    def judge(self, source: SignalSource, ends_ns: Ends) -> Verdicts:
        """Do as `Signal.judge`."""
        first, last = int(ends_ns[0]) // HOUR_NS - self.past_hours - 1, int(ends_ns[-1]) // HOUR_NS
        read = _read(source, self.query, Window(start_ns=first * HOUR_NS, end_ns=last * HOUR_NS))
        hours = ends_ns // HOUR_NS
        return {group: self._judge(hourly_means(values), hours) for group, values in read.items()}

    def _judge(self, means: Mapping[int, float], hours: NDArray[np.int64]) -> Judged:
        told = {hour: self._judge_hour(means, hour) for hour in np.unique(hours).tolist()}
        state, value = zip(*(told[hour] for hour in hours.tolist()), strict=True)
        return Judged(np.array(state, dtype=np.int8), np.array(value))

    def _judge_hour(self, means: Mapping[int, float], hour: int) -> tuple[np.int8, float]:
        """Return the verdict in the hour after the one that ended last."""
        now = means.get(hour - 1, float("nan"))
        past = [means[h] for h in range(hour - 1 - self.past_hours, hour - 1) if h in means]
        if np.isnan(now) or 2 * len(past) < self.past_hours:
            return UNKNOWN, now
        mean = fsum(past) / len(past)
        scatter = sqrt(fsum((m - mean) ** 2 for m in past) / len(past))
        if self.above is not None:
            return np.int8(now > max(mean + self.sigmas * scatter, self.above * mean)), now
        return np.int8(now < min(mean - self.sigmas * scatter, (self.below or 1.0) * mean)), now


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


def judge_all(
    signals: Sequence[Signal], source: SignalSource, ends_ns: Ends, *, also: Iterable[Group] = ()
) -> Verdicts:
    """Return the verdicts of all signals together: one that does not hold decides, then doubt does.

    They are on the entities that some signal speaks of, and `also` on these.
    """
    told = [signal.judge(source, ends_ns) for signal in signals]
    nothing = [Judged(np.full(ends_ns.size, signal.absent), np.full(ends_ns.size, np.nan)) for signal in signals]
    return {
        group: _both([verdicts.get(group, absent) for verdicts, absent in zip(told, nothing, strict=True)])
        for group in {*also, *(group for verdicts in told for group in verdicts)}
    }


def _both(parts: Sequence[Judged]) -> Judged:
    states = np.stack([part.state for part in parts])
    state = np.where((states == NOT).any(axis=0), NOT, np.where((states == UNKNOWN).any(axis=0), UNKNOWN, HOLDS))
    return Judged(state.astype(np.int8), parts[0].value)


def _read(source: SignalSource, query: MetricQuery, window: Window) -> dict[Group, dict[int, float]]:
    values: dict[Group, dict[int, float]] = defaultdict(dict)
    for told in source.read_minutes(query, window):
        values[entity_group(told.group)][told.minute_ns] = told.value
    return values


def entity_group(group: Group) -> Group:
    """Return the group in the columns that entities are known by."""
    return tuple(sorted((_RENAMED.get(column, column), value) for column, value in group))


def _group(event: Event, group_by: Sequence[str]) -> Group:
    """Return whom an event speaks of: the first attributes that it has; empty where it has none."""
    named = [(_column(name), str(event.attributes[name])) for name in group_by if event.attributes.get(name)]
    return tuple(sorted(named[:1]))


def _column(attribute: str) -> str:
    column = attribute.removeprefix("quantum.").removesuffix(".id").replace(".", "_")
    return _RENAMED.get(column, column)
