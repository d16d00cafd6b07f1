"""Herald's own metric source: what stands in `metricSource.spec` where the type is `herald`.

metricSource:
  type: herald
  spec:
    metric: quantum.memory.reads              a metric of the registry
    filter: {quantum.outcome: success}        attribute: value, or a list of values
    above: 0.9 | atMost: 0.01                 histograms: samples beyond, or up to, a bucket bound
    reducer: mean                             sum, count, mean, min, max, last
    zeroWhile: quantum.link.attempts          threshold metrics: 0 in minutes with this metric but without a value
    dividedBy: {metric: ..., filter: ...}     threshold metrics: per unit of another metric in the same minute
    absolute: true                            threshold metrics: the size of a number that may be negative

A counter counts its increase, a histogram its samples; other numbers cannot make a ratio.
"""

from dataclasses import dataclass
from decimal import Decimal

from model.names import ATTR_SITE_ID
from model.queries import MetricQuery, Reducer
from model.registry import MetricDefinition, Registry
from slo.openslo.place import Place, suggest

METRIC_SOURCE_TYPE = "herald"
RESOURCE_ATTRIBUTES = (ATTR_SITE_ID,)
"""Attributes that every metric has, because its resource has them."""

_KEYS = ("metric", "filter", "above", "atMost", "reducer", "zeroWhile", "dividedBy", "absolute")
_DIVISOR_KEYS = ("metric", "filter", "reducer")
_ALLOWED = {
    "counter": (Reducer.SUM,),
    "histogram": (Reducer.COUNT, Reducer.MEAN, Reducer.MIN, Reducer.MAX, Reducer.SUM),
    "gauge": (Reducer.MEAN, Reducer.MIN, Reducer.MAX, Reducer.LAST, Reducer.COUNT),
    "updowncounter": (Reducer.LAST, Reducer.MEAN, Reducer.MIN, Reducer.MAX, Reducer.COUNT),
}
"""What can be asked of each instrument; the first is the default."""


@dataclass(frozen=True, slots=True)
class Source:
    """A metric source that was read: what to ask, and where it stands."""

    query: MetricQuery
    place: Place
    zero_while: MetricQuery | None = None
    divisor: MetricQuery | None = None
    absolute: bool = False


def read_metric_source(spec: Place, registry: Registry, *, counted: bool) -> Source | None:
    """Return the source in `spec`; None after reporting what is wrong. `counted` sources must count events."""
    for key in spec.keys:
        if key not in _KEYS:
            (spec / key).error(f"is not a key of a herald metric source{suggest(key, _KEYS)}")
    metric = _read_metric(spec / "metric", registry)
    if metric is None:
        return None
    above, at_most = _bound(spec / "above", metric), _bound(spec / "atMost", metric)
    if above is not None and at_most is not None:
        spec.error("needs at most one of above, atMost")
    beyond = above is not None or at_most is not None
    query = MetricQuery(
        metric=metric.name,
        reducer=_reducer(spec / "reducer", metric, counted=counted, beyond=beyond),
        filters=_filters(spec / "filter", metric, registry),
        above=above,
        at_most=at_most,
    )
    return Source(
        query,
        spec,
        zero_while=_zero_while(spec / "zeroWhile", registry, counted=counted),
        divisor=_divisor(spec / "dividedBy", registry, counted=counted),
        absolute=_absolute(spec / "absolute", counted=counted),
    )


def _divisor(place: Place, registry: Registry, *, counted: bool) -> MetricQuery | None:
    if not place:
        return None
    if counted:
        place.error("has a meaning for threshold metrics only")
    if not place.mapping():
        return None
    for key in place.keys:
        if key not in _DIVISOR_KEYS:
            (place / key).error(f"is not a key of a divisor{suggest(key, _DIVISOR_KEYS)}")
    metric = _read_metric(place / "metric", registry)
    if metric is None:
        return None
    reducer = _reducer(place / "reducer", metric, counted=False, beyond=False)
    return MetricQuery(metric=metric.name, reducer=reducer, filters=_filters(place / "filter", metric, registry))


def _absolute(place: Place, *, counted: bool) -> bool:
    if place and counted:
        place.error("has a meaning for threshold metrics only")
    return bool(place.flag())


def check_subset(part: Source, total: Source, noun: str) -> None:
    """Report where the `noun` events can be told not to be among all events: same metric, wider filter."""
    if part.query.metric != total.query.metric:
        return
    narrower = dict(part.query.filters)
    for attribute, allowed in total.query.filters:
        stray = sorted(set(narrower.get(attribute, ())) - set(allowed))
        if attribute not in narrower:
            part.place.error(f"{noun} is not a subset of total: it does not filter on {attribute} as total does")
        elif stray:
            part.place.error(f"{noun} is not a subset of total: {attribute} {', '.join(stray)} is not in total")
    if (total.query.above, total.query.at_most) not in ((None, None), (part.query.above, part.query.at_most)):
        part.place.error(f"{noun} is not a subset of total: total counts only samples beyond another bound")


def _read_metric(place: Place, registry: Registry) -> MetricDefinition | None:
    name = place.text()
    if name is None:
        return None
    if name not in registry.metrics:
        place.error(f"unknown metric {name!r}{suggest(name, registry.metrics)}")
    return registry.metrics.get(name)


def _bound(place: Place, metric: MetricDefinition) -> float | None:
    number = place.number(required=False)
    if number is None:
        return None
    if metric.instrument != "histogram":
        place.error(f"{metric.name} is a {metric.instrument}; only a histogram has samples to compare")
    elif float(number) not in metric.bounds:
        place.error(_off_bound(number, metric))
    return float(number)


def _off_bound(number: Decimal, metric: MetricDefinition) -> str:
    below = [f"{bound:g}" for bound in metric.bounds if bound < number][-1:]
    above = [f"{bound:g}" for bound in metric.bounds if bound > number][:1]
    nearest = " and ".join(
        f"{bound} {side}" for bounds, side in ((below, "below"), (above, "above")) for bound in bounds
    )
    return f"{number} is not a bucket bound of {metric.name}; the nearest are {nearest}"


def _reducer(place: Place, metric: MetricDefinition, *, counted: bool, beyond: bool) -> Reducer:
    default = Reducer.COUNT if counted and metric.instrument != "counter" else _ALLOWED[metric.instrument][0]
    reducer = place.word(Reducer, required=False) or default
    if reducer not in _ALLOWED[metric.instrument]:
        place.error(f"{reducer} is not defined for a {metric.instrument}")
    elif beyond and reducer is not Reducer.COUNT:
        place.error("above and atMost count samples; the reducer must be count")
    elif counted and reducer is not default:
        place.error(f"a ratio needs events; the reducer of a {metric.instrument} must be {default}")
    return reducer


def _filters(place: Place, metric: MetricDefinition, registry: Registry) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not place.mapping(required=False):
        return ()
    return tuple(sorted((name, _values(place / name, name, metric, registry)) for name in place.keys))


def _values(place: Place, name: str, metric: MetricDefinition, registry: Registry) -> tuple[str, ...]:
    known = (*metric.attributes, *RESOURCE_ATTRIBUTES)
    if name not in known:
        hint = suggest(name, known) or f"; it has {', '.join(known)}"
        place.error(f"{metric.name} has no attribute {name!r}{hint}")
        return ()
    values = place.items() if isinstance(place.value, list) else [place]
    members = registry.attributes[name].members
    for value in values:
        text = value.text()
        if text is not None and members and text not in members:
            value.error(f"{text!r} is not a value of {name}; it has {', '.join(members)}")
    return tuple(sorted(str(value.value) for value in values))


def _zero_while(place: Place, registry: Registry, *, counted: bool) -> MetricQuery | None:
    if not place:
        return None
    if counted:
        place.error("has a meaning for threshold metrics only")
    metric = _read_metric(place, registry)
    return MetricQuery(metric=metric.name, reducer=_ALLOWED[metric.instrument][0]) if metric else None
