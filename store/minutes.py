"""One number per minute and group of a metric: what SLO arithmetic is fed with. Fits `slo.sources.MinuteSource`.

Counts are exact: increases of counters, samples of histograms by whole buckets, never interpolated. Delta and
cumulative series of the same metric add up. How cumulative streams are read stands in `sql/minutes.sql`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from psycopg import sql

from model.errors import InvalidInputError
from model.names import ATTR_SITE_ID
from model.queries import Group, MetricQuery, MinuteValue, Reducer
from model.registry import MetricDefinition, Registry, load_registry
from model.windows import Window
from store.answers import Answers, put_together
from store.lookups import VALID_HISTOGRAMS, VALID_NUMBERS, exact_difference, point_lookups, what_counts
from store.pgcopy import array_text, from_pg_us
from store.series_selection import SelectedSeries, Shape, select
from store.session import Session, optional_ns, window_params
from store.statements import load_statements

_SQL = load_statements("minutes")
_TYPES = {"step": "i8", "group": "i8", "a": "f8", "b": "f8"}
_NUMBERS = {
    Reducer.SUM: ("number_sum", "one"),
    Reducer.COUNT: ("number_count", "one"),
    Reducer.MEAN: ("number_sum", "number_count"),
    Reducer.MIN: ("number_min", "one"),
    Reducer.MAX: ("number_max", "one"),
    Reducer.LAST: ("number_last", "one"),
}
_HISTOGRAMS = {
    Reducer.COUNT: ("histogram_count", "zero"),
    Reducer.SUM: ("histogram_sum", "one"),
    Reducer.MEAN: ("histogram_sum", "histogram_count_with_sum"),
    Reducer.MIN: ("histogram_min", "one"),
    Reducer.MAX: ("histogram_max", "one"),
}
_CUMULATIVE_HISTOGRAMS = {
    Reducer.COUNT: ("point_count", "zero"),
    Reducer.SUM: ("point_sum", "zero"),
    Reducer.MEAN: ("point_sum", "point_count"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One query and what its statements have in common."""

    query: MetricQuery
    window: Window
    groups: Sequence[Group]

    def params(self, series: Sequence[SelectedSeries]) -> dict[str, object]:
        """Return the parameters of the statement that reads these series."""
        index = {group: i for i, group in enumerate(self.groups)}
        return {
            "ids": array_text(s.id for s in series),
            "groups": array_text(index[s.group] for s in series),
            **window_params(self.window),
        }


class MinuteReader(Session):
    """Answers metric queries minute by minute."""

    def __init__(self, url: str, *, registry: Registry | None = None) -> None:
        super().__init__(url)
        self._registry = registry or load_registry()

    def read_minutes(self, query: MetricQuery, window: Window) -> list[MinuteValue]:
        """Return one value per minute and group that has data, in any order. `window` is whole minutes.

        Raises InvalidInputError where the query cannot be answered exactly: a threshold that is no bucket bound of a
        stored point, or a reducer that the kind of the stored series does not have.
        """
        by_shape, groups = self._select(query)
        answers = self._read_points(Reading(query, window, groups), by_shape)
        return put_together(query.reducer, answers, groups).as_minutes()

    def read_first_data_ns(self, metrics: Iterable[str]) -> int | None:
        """Return the time of the oldest stored point of some metrics, None where there is none."""
        return optional_ns(self._rows(_SQL["read_first_time"], {"metrics": sorted(metrics)})[0][0])

    def _select(self, query: MetricQuery) -> tuple[dict[Shape, list[SelectedSeries]], list[Group]]:
        """Return the series that a query means by their shape, and their groups in order."""
        by_shape: dict[Shape, list[SelectedSeries]] = defaultdict(list)
        for series in self._select_series(query):
            by_shape[series.shape].append(series)
        return by_shape, sorted({series.group for found in by_shape.values() for series in found})

    def _read_points(self, reading: Reading, by_shape: Mapping[Shape, Sequence[SelectedSeries]]) -> list[Answers]:
        return [self._read_shape(reading, shape, series) for shape, series in sorted(by_shape.items())]

    def _select_series(self, query: MetricQuery) -> list[SelectedSeries]:
        attributes = [*query.group_by, *(name for name, _ in query.filters)]
        asked = {"metric": query.metric, "attributes": attributes, "site": ATTR_SITE_ID}
        rows = self._rows(_SQL["read_series"], asked)
        return select(rows, self._registry, group_by=query.group_by, filters=query.filters)

    def _read_shape(self, reading: Reading, shape: Shape, series: Sequence[SelectedSeries]) -> Answers:
        query, params = reading.query, reading.params(series)
        answers = self._answers(_statement(query, shape, self._registry), params)
        if _bound(query) is not None:
            self._refuse_off_bound(query, shape, answers, params)
        return answers.with_data(mean=query.reducer is Reducer.MEAN)

    def _answers(self, statement: sql.Composed, params: dict[str, object]) -> Answers:
        columns = self._columns(statement, params, **_TYPES)
        return Answers(from_pg_us(columns["step"]), columns["group"], columns["a"], columns["b"])

    def _refuse_off_bound(
        self, query: MetricQuery, shape: Shape, answers: Answers, params: dict[str, object]
    ) -> None:
        if shape is Shape.HISTOGRAM and not answers.b.any():
            return
        if shape is not Shape.HISTOGRAM and not np.isnan(answers.a).any():
            return
        found = self._rows(_SQL["read_bounds"], {**params, "bound": _bound(query)})
        bounds = sorted({bound for (some,) in found for bound in some or ()})
        raise InvalidInputError(
            f"{query.metric}: {_bound(query):g} is not a bucket bound of every stored histogram in the window",
            remedy=f"choose one of {', '.join(f'{bound:g}' for bound in bounds)}" if bounds else "choose a bound",
        )


def _bound(query: MetricQuery) -> float | None:
    return query.above if query.above is not None else query.at_most


def _statement(query: MetricQuery, shape: Shape, registry: Registry) -> sql.Composed:
    if query.above is not None and query.at_most is not None:
        raise InvalidInputError(f"{query.metric}: both above and at_most are given", remedy="ask for one of them")
    if shape in {Shape.HISTOGRAM, Shape.CUMULATIVE_HISTOGRAM}:
        return _histogram_statement(query, shape, registry)
    if _bound(query) is not None:
        raise _unanswerable(query, shape, "a threshold")
    return _number_statement(query, shape)


def _number_statement(query: MetricQuery, shape: Shape) -> sql.Composed:
    lookups = point_lookups("point", VALID_NUMBERS)
    if shape is not Shape.GAUGE and query.reducer is not Reducer.SUM:
        raise _unanswerable(query, shape, query.reducer)
    if shape is Shape.CUMULATIVE:
        value, zero = sql.SQL(_SQL["point_value"]), sql.SQL(_SQL["zero"])
        return _increases(lookups, guard=value, x=value, y=zero, whole=sql.SQL(_SQL["point_whole"]))
    a, b = (sql.SQL(_SQL[name]) for name in _NUMBERS[query.reducer])
    return sql.SQL(_SQL["read_points"]).format(**lookups, a=a, b=b)


def _increases(lookups: Mapping[str, sql.Composed], **parts: sql.Composable) -> sql.Composed:
    difference = exact_difference("x")
    counts = what_counts(sql.SQL(_SQL["has_fallen"]).format(difference=difference))
    return sql.SQL(_SQL["read_increases"]).format(**lookups, **parts, difference=difference, counts=counts)


def _histogram_statement(query: MetricQuery, shape: Shape, registry: Registry) -> sql.Composed:
    lookups = point_lookups("histogram", VALID_HISTOGRAMS)
    fragments = _HISTOGRAMS if shape is Shape.HISTOGRAM else _CUMULATIVE_HISTOGRAMS
    if query.reducer not in fragments or (_bound(query) is not None and query.reducer is not Reducer.COUNT):
        raise _unanswerable(query, shape, query.reducer)
    a, b = (_fragment(name) for name in fragments[query.reducer])
    if (bound := _bound(query)) is not None:
        above = _above(bound, registry.metrics.get(query.metric))
        side = "above" if query.above is not None else "at_most"
        if shape is Shape.HISTOGRAM:
            a, b = _fragment(f"histogram_sum_{side}", above), _fragment("histogram_sum_off_bound", above)
        else:
            a = above if side == "above" else _fragment("point_at_most", above)
    if shape is Shape.HISTOGRAM:
        return sql.SQL(_SQL["read_points"]).format(**lookups, a=a, b=b)
    guard = sql.SQL(_SQL["point_count"])
    return _increases(lookups, guard=guard, x=a, y=b, whole=sql.SQL(_SQL["no_whole"]))


def _above(bound: float, metric: MetricDefinition | None) -> sql.Composed:
    """Return the expression for the samples of a point above a bound, quickest with the bounds of the registry."""
    value = sql.SQL(_SQL["bound"]).format(value=sql.Literal(bound))
    usual, usual_above = _fragment("never"), _fragment("zero")
    if metric and bound in metric.bounds:
        at, buckets = metric.bounds.index(bound) + 1, len(metric.bounds) + 1
        usual = sql.SQL(_SQL["is_usual"]).format(at=sql.Literal(at), bound=value, buckets=sql.Literal(buckets))
        above = [sql.SQL(_SQL["bucket"]).format(at=sql.Literal(i)) for i in range(at + 1, buckets + 1)]
        usual_above = sql.SQL(" + ").join(above)
    return sql.SQL(_SQL["above"]).format(bound=value, usual=usual, usual_above=usual_above)


def _fragment(name: str, above: sql.Composed | None = None) -> sql.Composed:
    return sql.SQL(_SQL[name]).format(above=above or sql.SQL(""))


def _unanswerable(query: MetricQuery, shape: Shape, what: str) -> InvalidInputError:
    return InvalidInputError(
        f"{query.metric}: a {shape} does not answer {what}", remedy="choose a reducer that fits the metric"
    )
