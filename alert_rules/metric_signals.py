"""Signals of metrics: a level, a share, a count, a drift away from the own past."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import fsum, sqrt

import numpy as np
from numpy.typing import NDArray

from alert_rules.signals import NOT, UNKNOWN, Ends, Judged, Verdicts, entity_column
from alert_rules.sources import SignalSource
from alert_rules.windowed import hourly_means, rolling_sums
from model.clock import HOUR_NS, MINUTE_NS
from model.queries import Group, MetricQuery
from model.windows import Window

STALE_NS = 15 * MINUTE_NS
"""How long a gauge that is read every few minutes speaks for the minutes after."""


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

    def of_a_minute(self) -> "Level":
        """Do as `Signal.of_a_minute`: a value speaks for more than its own minute."""
        return self

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
    """More than `above` of the events in a window are of one kind, and at least `at_least` of them are.

    The kind may be events of another metric, so that there can be more than all: retries for each execution.
    """

    part: MetricQuery
    total: MetricQuery
    window_ns: int
    above: float
    at_least: int = 1

    @property
    def absent(self) -> np.int8:
        """Do as `Signal.absent`."""
        return UNKNOWN

    def of_a_minute(self) -> "Share":
        """Do as `Signal.of_a_minute`."""
        return replace(self, window_ns=MINUTE_NS, at_least=1)

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

    def of_a_minute(self) -> "Total":
        """Do as `Signal.of_a_minute`: one with more (less) than its part of the bound."""
        above, below = (bound and bound * MINUTE_NS / self.window_ns for bound in (self.above, self.below))
        return replace(self, window_ns=MINUTE_NS, above=above, below=below)

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

    def of_a_minute(self) -> "Drift":
        """Do as `Signal.of_a_minute`: only hours are judged."""
        return self

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


def _read(source: SignalSource, query: MetricQuery, window: Window) -> dict[Group, dict[int, float]]:
    values: dict[Group, dict[int, float]] = defaultdict(dict)
    for told in source.read_minutes(query, window):
        values[_entity(told.group)][told.minute_ns] = told.value
    return values


def _entity(group: Group) -> Group:
    """Return the group in the columns that entities are known by."""
    return tuple(sorted((entity_column(column), value) for column, value in group))
