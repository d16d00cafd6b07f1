"""SLO arithmetic straight on a simulation's readings: no exporter, no collector, no database, no delay.

A game day asks it when the policy could have fired at the earliest, and a test holds the database road against it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from model.attributes import Attributes
from model.names import ATTR_SITE_ID
from model.queries import Group, MetricQuery, MinuteValue, Reducer
from model.readings import Readings
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


class ReadingsSource:
    """Answers metric queries from readings kept in memory; fits `slo.sources.MinuteSource`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._values: dict[str, dict[int, list[tuple[Attributes, _Values]]]] = defaultdict(lambda: defaultdict(list))

    def add(self, readings: Readings) -> None:
        """Take in readings; they belong to the minute that their end closes or lies in."""
        site = (ATTR_SITE_ID, readings.site)
        minute = minute_of(readings.end_ns)
        for count in readings.counts:
            values = np.array([count.value], dtype=np.float64)
            self._values[count.metric][minute].append(((*count.attributes, site), values))
        for level in readings.levels:
            measured = minute_of(level.measured_at_ns)
            values = np.array([level.value], dtype=np.float64)
            self._values[level.metric][measured].append(((*level.attributes, site), values))
        for samples in readings.samples:
            self._values[samples.metric][minute].append(((*samples.attributes, site), samples.values))

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
