"""Made-up series that make an objective's minutes good or bad, in the notation of promtool's unit tests.

A story is a list of phases, each so many minutes long with one share of bad events. A phase of a threshold is good or
bad as a whole: its number lies well on one side of the bound. A sample tells of the time since the one before it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from alert_rules.prometheus_names import render_family, render_label
from model.queries import MetricQuery, Reducer
from model.registry import Registry
from slo import Comparison, Objective, RatioIndicator, ThresholdIndicator

EVENTS = 1000
"""Events a minute: a bad share in thousandths is a whole number of them."""

_OTHER = "none-of-these"
_UNITS = 10  # what a number per unit is divided by
_WELL_INSIDE, _WELL_OUTSIDE = 0.2, 0.5


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a story."""

    minutes: int
    bad_share: Fraction


_Labels = Mapping[str, str]
_PerMinute = Sequence[float]


def render_series(
    objective: Objective, registry: Registry, story: Sequence[Phase], *, every: int = 1, entity: str = "made-up"
) -> list[dict[str, str]]:
    """Return the input series of one entity over a story, a sample each `every` minutes, as promtool reads them."""
    writer = _Writer(objective, registry, story, every, entity)
    indicator = objective.indicator
    if isinstance(indicator, RatioIndicator):
        writer.tell_events(indicator)
    elif isinstance(indicator, ThresholdIndicator):
        writer.tell_values(indicator)
    return writer.render()


class _Writer:
    """Collects what each series holds in each phase: the increase a minute of counters, the level of gauges."""

    def __init__(
        self, objective: Objective, registry: Registry, story: Sequence[Phase], every: int, entity: str
    ) -> None:
        self._registry = registry
        self._story = story
        self._every = every
        self._samples = [phase.minutes // every for phase in story]
        self._entity = dict.fromkeys(objective.group_by, entity)
        self._increases: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(story))
        self._levels: dict[str, _PerMinute] = {}

    def render(self) -> list[dict[str, str]]:
        counters = {name: self._counter(rates) for name, rates in self._increases.items()}
        gauges = {name: self._gauge(levels) for name, levels in self._levels.items()}
        return [{"series": name, "values": values} for name, values in sorted({**counters, **gauges}.items())]

    def tell_events(self, ratio: RatioIndicator) -> None:
        part = ratio.good or ratio.bad or ratio.total
        bad = [EVENTS * float(phase.bad_share) for phase in self._story]
        good = [EVENTS - count for count in bad]
        inside, outside = (bad, good) if ratio.bad is not None else (good, bad)
        if part.metric != ratio.total.metric:
            self._count(ratio.total, self._labels(ratio.total), [EVENTS] * len(bad))
            self._count(part, self._labels(part), inside)
            return
        chosen = self._labels(ratio.total, part)
        own = [name for name, _ in part.filters if name not in dict(ratio.total.filters)]
        self._count(part, chosen, inside)
        self._count(part, {**chosen, **dict.fromkeys(own[:1], _OTHER)}, outside, inside=False)

    def tell_values(self, threshold: ThresholdIndicator) -> None:
        units = _UNITS if threshold.divisor is not None else 1
        values = [_value(threshold, good=phase.bad_share == 0) * units for phase in self._story]
        self._value(threshold.value, values)
        if threshold.divisor is not None:
            self._value(threshold.divisor, [float(units)] * len(values))

    def _labels(self, *queries: MetricQuery) -> dict[str, str]:
        filters = {name: allowed[0] for query in queries for name, allowed in query.filters}
        return {**self._entity, **filters}

    def _count(self, query: MetricQuery, labels: _Labels, events: _PerMinute, *, inside: bool = True) -> None:
        """Add events, which lie on the side of the query's bucket bound that it asks for or on the other."""
        if self._registry.metrics[query.metric].instrument == "counter":
            self._add(query, "_total", labels, events)
            return
        for suffix in ("_count", "_sum"):
            self._add(query, suffix, labels, events)
        bound = query.at_most if query.at_most is not None else query.above
        if bound is not None:
            below = inside == (query.at_most is not None)
            self._add(query, "_bucket", labels, events if below else [0.0] * len(events), bound)

    def _value(self, query: MetricQuery, values: _PerMinute) -> None:
        labels = self._labels(query)
        if self._registry.metrics[query.metric].instrument in ("gauge", "updowncounter"):
            self._levels[self._series(query, "", labels)] = values
        elif query.reducer is Reducer.MEAN:
            self._add(query, "_count", labels, [1.0] * len(values))
            self._add(query, "_sum", labels, values)
        else:
            self._count(query, labels, values)

    def _add(
        self, query: MetricQuery, suffix: str, labels: _Labels, rates: _PerMinute, bound: float | None = None
    ) -> None:
        increases = self._increases[self._series(query, suffix, labels, bound)]
        increases[:] = [had + more for had, more in zip(increases, rates, strict=True)]

    def _series(self, query: MetricQuery, suffix: str, labels: _Labels, bound: float | None = None) -> str:
        written = {render_label(name): value for name, value in labels.items()}
        if bound is not None:
            written["le"] = repr(bound)
        pairs = ", ".join(f'{name}="{value}"' for name, value in sorted(written.items()))
        return f"{render_family(self._registry.metrics[query.metric])}{suffix}{{{pairs}}}"

    def _counter(self, rates: _PerMinute) -> str:
        total, parts = 0.0, []
        for index, (samples, rate) in enumerate(zip(self._samples, rates, strict=True)):
            step = rate * self._every
            parts.append(_run(total + step, step, samples) if index else _run(0.0, step, samples + 1))
            total += samples * step
        return " ".join(parts)

    def _gauge(self, levels: _PerMinute) -> str:
        first = [self._samples[0] + 1, *self._samples[1:]]
        return " ".join(_run(level, 0.0, samples) for level, samples in zip(levels, first, strict=True))


def _run(begin: float, step: float, samples: int) -> str:
    """Return so many samples from `begin` on, each `step` more than the one before."""
    return f"{_number(begin)}+{_number(step)}x{samples - 1}"


def _value(threshold: ThresholdIndicator, *, good: bool) -> float:
    bound = float(threshold.bound)
    scale = abs(bound) or 1.0
    upward = threshold.comparison in (Comparison.GTE, Comparison.GT)
    if good:
        return bound + (scale if upward else -scale) * _WELL_INSIDE
    return bound + (-scale if upward else scale) * _WELL_OUTSIDE


def _number(value: float) -> str:
    return f"{value:.10f}".rstrip("0").rstrip(".")
