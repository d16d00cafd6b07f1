"""SLO arithmetic straight on a simulation's recordings: no exporter, no collector, no database, no delay.

A game day asks it when the policy could have fired at the earliest, a test holds the database road against it, and
another judges a month of nominal life with it: hence arrays, not points.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alert_rules.sources import PastAlert
from model.attributes import Attributes
from model.clock import MINUTE_NS
from model.names import ATTR_SITE_ID
from model.queries import Group, MetricQuery, MinuteValue, Reducer
from model.recording import Recording
from model.registry import Registry
from model.windows import Window

_Values = NDArray[np.float64]
_Minutes = NDArray[np.int64]
_ADDED = (Reducer.SUM, Reducer.COUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """Something that happened; fits `alert_rules.sources.Event`."""

    time_ns: int
    name: str
    severity: str
    attributes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Track:
    """One series: the minutes in which it says something, and its values, each with its minute."""

    attributes: Attributes
    told: _Minutes
    minutes: _Minutes
    values: _Values


def only(recording: Recording, metrics: Collection[str]) -> Recording:
    """Return the recording without the metrics that nobody asks for."""
    return replace(
        recording,
        counts=[track for track in recording.counts if track.metric in metrics],
        levels=[track for track in recording.levels if track.metric in metrics],
        samples=[track for track in recording.samples if track.metric in metrics],
    )


class RecordedSource:
    """Answers what objectives and rules ask, from recordings kept in memory.

    Fits `slo.sources.MinuteSource` and `alert_rules.sources.SignalSource`.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._tracks: dict[str, list[_Track]] = defaultdict(list)
        self._events: list[RecordedEvent] = []

    def add(self, recording: Recording) -> None:
        """Take in a recording; a cell belongs to the minute that its end closes or lies in."""
        site = (ATTR_SITE_ID, recording.site)
        cells = _minutes_of(recording.edges_ns[1:])
        for count in recording.counts:
            minutes = cells[count.cells]
            self._keep(count.metric, (*count.attributes, site), minutes, minutes, count.values)
        for level in recording.levels:
            minutes = _minutes_of(level.times_ns)
            self._keep(level.metric, (*level.attributes, site), minutes, minutes, level.values)
        for samples in recording.samples:
            told = cells[samples.cells]
            minutes = np.repeat(told, np.diff(samples.splits))
            self._keep(samples.metric, (*samples.attributes, site), told, minutes, samples.values)
        self._events += [
            RecordedEvent(
                time_ns=happening.time_ns,
                name=happening.event,
                severity=happening.severity,
                attributes=dict((*happening.attributes, site)),
            )
            for happening in recording.happenings
        ]

    def read_minutes(self, query: MetricQuery, window: Window) -> Iterable[MinuteValue]:
        """Yield one value per minute and group that has data."""
        groups: dict[Group, list[_Track]] = defaultdict(list)
        for track in self._tracks.get(query.metric, ()):
            if _passes(track.attributes, query):
                groups[self._group(track.attributes, query)].append(track)
        for group, tracks in groups.items():
            for minute, value in _reduce(query, tracks):
                if window.start_ns <= minute <= window.end_ns - MINUTE_NS:
                    yield MinuteValue(minute, group, value)

    def read_events(self, window: Window, events: Sequence[str] | None = None) -> list[RecordedEvent]:
        """Return what happened inside the window; `events` limits it to some event names."""
        return [
            event
            for event in self._events
            if window.start_ns < event.time_ns <= window.end_ns and (events is None or event.name in events)
        ]

    def read_alerts(self, _window: Window) -> tuple[PastAlert, ...]:
        """Return nothing: nobody is told of what is only known here."""
        return ()

    def _keep(
        self, metric: str, attributes: Attributes, told: _Minutes, minutes: _Minutes, values: NDArray[np.number]
    ) -> None:
        self._tracks[metric].append(_Track(attributes, told, minutes, np.asarray(values, dtype=np.float64)))

    def _group(self, attributes: Attributes, query: MetricQuery) -> Group:
        known = dict(attributes)
        return tuple(sorted((self._registry.column(name), str(known.get(name, ""))) for name in query.group_by))


def _minutes_of(ends_ns: NDArray[np.int64]) -> _Minutes:
    """Do as `model.windows.minute_of`, for each of `ends_ns`."""
    return (np.asarray(ends_ns, dtype=np.int64) - 1) // MINUTE_NS * MINUTE_NS


def _reduce(query: MetricQuery, tracks: list[_Track]) -> Iterator[tuple[int, float]]:
    minutes = np.concatenate([track.minutes for track in tracks])
    values = np.concatenate([track.values for track in tracks])
    if query.reducer in _ADDED:
        told = np.unique(np.concatenate([track.told for track in tracks]))
        kept = _within_bounds(values, query)
        weights = np.ones(values.size) if query.reducer is Reducer.COUNT else values
        sums = np.bincount(np.searchsorted(told, minutes[kept]), weights=weights[kept], minlength=told.size)
        return zip(told.tolist(), sums.tolist(), strict=True)
    order = np.argsort(minutes, kind="stable")
    told, starts = np.unique(minutes[order], return_index=True)
    return zip(told.tolist(), _one_each(values[order], starts, query.reducer).tolist(), strict=True)


def _one_each(values: _Values, starts: NDArray[np.intp], reducer: Reducer) -> _Values:
    """Return one number for each run of `values`, which begin at `starts`."""
    if starts.size == 0:
        return np.empty(0)
    ends = np.append(starts[1:], values.size)
    match reducer:
        case Reducer.MIN:
            return np.asarray(np.minimum.reduceat(values, starts), dtype=np.float64)
        case Reducer.MAX:
            return np.asarray(np.maximum.reduceat(values, starts), dtype=np.float64)
        case Reducer.LAST:
            return np.asarray(values[ends - 1], dtype=np.float64)
        case _:
            return np.asarray(np.add.reduceat(values, starts) / (ends - starts), dtype=np.float64)


def _passes(attributes: Attributes, query: MetricQuery) -> bool:
    known = dict(attributes)
    return all(str(known.get(name, "")) in allowed for name, allowed in query.filters)


def _within_bounds(values: _Values, query: MetricQuery) -> NDArray[np.bool_]:
    if query.above is not None:
        return values > query.above
    if query.at_most is not None:
        return values <= query.at_most
    return np.ones(values.size, dtype=np.bool_)
