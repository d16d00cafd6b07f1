"""PromQL for what an objective asks of its metrics.

Everything is summed by the objective's groups, whose labels carry the short names (`device`, `link`) that routes and
dashboards use. A series that is not there yet counts as zero where the events it belongs to are there.
"""

import re
from fractions import Fraction

from alert_rules.prometheus_names import render_family, render_label
from model.errors import InvalidInputError
from model.queries import MetricQuery, Reducer
from model.registry import MetricDefinition, Registry
from model.windows import render_duration
from slo import BudgetingMethod, Comparison, Objective, RatioIndicator, ThresholdIndicator

_OPERATORS = {Comparison.GTE: ">=", Comparison.GT: ">", Comparison.LTE: "<=", Comparison.LT: "<"}
_OF_GAUGES = {
    Reducer.MEAN: ("avg", "avg_over_time"),
    Reducer.MIN: ("min", "min_over_time"),
    Reducer.MAX: ("max", "max_over_time"),
    Reducer.LAST: ("max", "last_over_time"),
    Reducer.COUNT: ("sum", "count_over_time"),
}


class PromQl:
    """Expressions for one objective."""

    def __init__(self, objective: Objective, registry: Registry) -> None:
        self._objective = objective
        self._registry = registry

    def error_ratio(self, window: str) -> str:
        """Return the share of bad events over `window`; no sample where there was no event."""
        ratio = self._ratio()
        total = self._count("rate", ratio.total, window)
        if ratio.bad is not None:
            return f"{self._part('rate', ratio.bad, ratio.total, window)} / ({total} > 0)"
        good = ratio.good or ratio.total
        return f"1 - {self._part('rate', good, ratio.total, window)} / ({total} > 0)"

    def bad_events(self, window: str) -> str:
        """Return the number of bad events over `window`."""
        ratio = self._ratio()
        if ratio.bad is not None:
            return self._part("increase", ratio.bad, ratio.total, window)
        total = self._count("increase", ratio.total, window)
        return f"({total} - {self._part('increase', ratio.good or ratio.total, ratio.total, window)})"

    def all_events(self, window: str) -> str:
        """Return the number of all events over `window`."""
        return self._count("increase", self._ratio().total, window)

    def minute_is_good(self) -> str:
        """Return 1 or 0 for the last minute, or the good share of the last slice where that is what counts.

        There is no sample where there is nothing to judge.
        """
        indicator = self._objective.indicator
        if self._objective.method is BudgetingMethod.RATIO_TIMESLICES and isinstance(indicator, RatioIndicator):
            return f"1 - ({self.error_ratio(render_duration(self._objective.slice_ns))})"
        if not isinstance(indicator, ThresholdIndicator):
            return f"(1 - ({self.error_ratio('1m')})) >= bool {render_number(Fraction(self._objective.slice_target))}"
        value = self._value(indicator.value)
        if indicator.zero_while is not None:
            value = f"({value} or 0 * {self._value(indicator.zero_while)})"
        if indicator.divisor is not None:
            value = f"{value} / ({self._value(indicator.divisor)} > 0)"
        if indicator.absolute:
            value = f"abs({value})"
        return f"{value} {_OPERATORS[indicator.comparison]} bool {render_number(Fraction(indicator.bound))}"

    @property
    def columns(self) -> str:
        """Return the group's labels, joined for `by (...)`."""
        return ", ".join(self._columns)

    @property
    def entity(self) -> str:
        """Return the template of who is meant: the values of the group's labels."""
        return ", ".join(f"{{{{ $labels.{column} }}}}" for column in self._columns) or self._objective.service

    @property
    def _columns(self) -> list[str]:
        return [self._registry.column(name) for name in self._objective.group_by]

    def _ratio(self) -> RatioIndicator:
        indicator = self._objective.indicator
        if not isinstance(indicator, RatioIndicator):
            raise InvalidInputError(f"objective {self._objective.name} counts no events", remedy="use its slices")
        return indicator

    def _part(self, function: str, part: MetricQuery, total: MetricQuery, window: str) -> str:
        counted = self._count(function, part, window)
        if part.metric == total.metric and not part.filters:
            return counted
        return f"({counted} or 0 * {self._count(function, total, window)})"

    def _count(self, function: str, query: MetricQuery, window: str) -> str:
        """Return how many events the query counts over `window`, per second with `rate`."""
        if self._metric(query).instrument == "counter":
            return self._sum(f"{function}({self._selector(query, '_total')}[{window}])")
        if query.reducer is not Reducer.COUNT:
            return self._sum(f"{function}({self._selector(query, f'_{query.reducer}')}[{window}])")
        if query.at_most is not None:
            return self._sum(f"{function}({self._selector(query, '_bucket', query.at_most)}[{window}])")
        every = self._sum(f"{function}({self._selector(query, '_count')}[{window}])")
        if query.above is None:
            return every
        at_most = self._sum(f"{function}({self._selector(query, '_bucket', query.above)}[{window}])")
        return f"({every} - {at_most})"

    def _value(self, query: MetricQuery) -> str:
        """Return the number that the query gives for the last minute."""
        metric = self._metric(query)
        if metric.instrument in ("gauge", "updowncounter"):
            outer, inner = _OF_GAUGES[query.reducer]
            return self._sum(f"{inner}({self._selector(query, '')}[1m])", outer)
        if query.reducer is Reducer.MEAN:
            total = self._sum(f"increase({self._selector(query, '_sum')}[1m])")
            samples = self._sum(f"increase({self._selector(query, '_count')}[1m])")
            return f"{total} / ({samples} > 0)"
        if query.reducer not in (Reducer.COUNT, Reducer.SUM):
            raise InvalidInputError(
                f"Prometheus keeps no {query.reducer} of the histogram {metric.name}",
                place=f"objective {self._objective.name}",
                remedy="use mean or count, or leave the objective to Herald's own engine",
            )
        return self._count("increase", query, "1m")

    def _sum(self, expression: str, aggregation: str = "sum") -> str:
        for name in self._objective.group_by:
            column = self._registry.column(name)
            expression = f'label_replace({expression}, "{column}", "$1", "{render_label(name)}", "(.*)")'
        return f"{aggregation} by ({self.columns}) ({expression})"

    def _selector(self, query: MetricQuery, suffix: str, bound: float | None = None) -> str:
        matchers = [_matcher(name, values) for name, values in query.filters]
        if bound is not None:
            matchers.append(f'le="{bound!r}"')
        family = render_family(self._metric(query))
        return f"{family}{suffix}" + (f"{{{', '.join(matchers)}}}" if matchers else "")

    def _metric(self, query: MetricQuery) -> MetricDefinition:
        return self._registry.metrics[query.metric]


def render_number(number: Fraction) -> str:
    """Return a number as PromQL reads it: exact decimals where there are some, else the nearest float.

    >>> render_number(Fraction(84, 625)), render_number(Fraction(1, 3))
    ('0.1344', '0.3333333333333333')
    """
    for digits in range(16):
        if (scaled := number * 10**digits).denominator == 1:
            return f"{scaled.numerator}" if digits == 0 else f"{number.numerator / number.denominator:.{digits}f}"
    return repr(float(number))


def _matcher(name: str, values: tuple[str, ...]) -> str:
    if len(values) == 1:
        return f'{render_label(name)}="{_escape(values[0])}"'
    return f'{render_label(name)}=~"{_escape("|".join(map(re.escape, values)))}"'


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
