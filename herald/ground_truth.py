"""SLO arithmetic straight on a simulation's recordings: no exporter, no collector, no database, no delay.

A game day asks it when the policy could have fired at the earliest, and a test holds the database road against it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from model.attributes import Attributes
from model.names import ATTR_SITE_ID
from model.queries import Group, MetricQuery, MinuteValue, Reducer
from model.recording import Recording
from model.registry import Registry
from model.windows import Window, minute_of

_Values = NDArray[np.float64]
_REDUCE: Mapping[Reducer, Callable[[_Values], float]] = {
    Reducer.SUM: np.sum,
    Reducer.COUNT: len,
    Reducer.MEAN: np.mean,
    Reducer.MIN: np.min,
    Reducer.MAX: np.max,
    Reducer.LAST: lambda values: values[-1],
}


class RecordedSource:
    """Answers metric queries from recordings kept in memory; fits `slo.sources.MinuteSource`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._values: dict[str, dict[int, list[tuple[Attributes, _Values]]]] = defaultdict(lambda: defaultdict(list))

    def add(self, recording: Recording) -> None:
        """Take in a recording; a cell belongs to the minute that its end closes or lies in."""
        site = (ATTR_SITE_ID, recording.site)
        minutes = [minute_of(edge_ns) for edge_ns in recording.edges_ns[1:].tolist()]
        for count in recording.counts:
            series, values = self._values[count.metric], np.asarray(count.values, dtype=np.float64)
            for number, cell in enumerate(count.cells.tolist()):
                series[minutes[cell]].append(((*count.attributes, site), values[number : number + 1]))
        for level in recording.levels:
            series = self._values[level.metric]
            for number, time_ns in enumerate(level.times_ns.tolist()):
                series[minute_of(time_ns)].append(((*level.attributes, site), level.values[number : number + 1]))
        for samples in recording.samples:
            series, splits = self._values[samples.metric], samples.splits.tolist()
            for number, cell in enumerate(samples.cells.tolist()):
                values = samples.values[splits[number] : splits[number + 1]]
                series[minutes[cell]].append(((*samples.attributes, site), values))

    def read_minutes(self, query: MetricQuery, window: Window) -> Iterable[MinuteValue]:
        """Return one value per minute and group that has data."""
        minutes = self._values.get(query.metric, {})
        for minute in window.minutes():
            groups: dict[Group, list[_Values]] = defaultdict(list)
            for attributes, values in minutes.get(minute, ()):
                if _passes(attributes, query):
                    groups[self._group(attributes, query)].append(values)
            for group, parts in groups.items():
                values = np.concatenate(parts)
                if query.reducer in (Reducer.SUM, Reducer.COUNT) or values.size:
                    yield MinuteValue(minute, group, float(_REDUCE[query.reducer](_within_bounds(values, query))))

    def _group(self, attributes: Attributes, query: MetricQuery) -> Group:
        known = dict(attributes)
        return tuple(sorted((self._registry.column(name), str(known.get(name, ""))) for name in query.group_by))


def _passes(attributes: Attributes, query: MetricQuery) -> bool:
    known = dict(attributes)
    return all(str(known.get(name, "")) in allowed for name, allowed in query.filters)


def _within_bounds(values: _Values, query: MetricQuery) -> _Values:
    if query.above is not None:
        return values[values > query.above]
    if query.at_most is not None:
        return values[values <= query.at_most]
    return values
