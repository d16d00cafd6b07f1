"""Whole metrics by the minute: from rollups where these are up to date, from the points of the minutes that wait.

Agents tell of most things every few seconds, so there are several points to a minute. Both say the same, as rollups
always equal what a recount of the points would give.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from psycopg import sql

from model.clock import to_ns
from model.errors import InvalidInputError
from model.queries import Group, MetricQuery, Reducer
from model.windows import Window, floor_minute
from store.answers import Answers, merge, put_together
from store.minutes import MinuteReader, Reading
from store.rollups import is_by_slot
from store.rows import SeriesValues
from store.series_selection import SelectedSeries, Shape
from store.session import window_params
from store.statements import load_statements

_SQL = load_statements("evidence")
_ROLLED = {
    Shape.GAUGE: ("number_minute", "sum", "count"),
    Shape.DELTA: ("number_minute", "increase", ""),
    Shape.CUMULATIVE: ("number_minute", "increase", ""),
    Shape.HISTOGRAM: ("histogram_minute", "sum", "count"),
    Shape.CUMULATIVE_HISTOGRAM: ("histogram_minute", "sum", "count"),
}
"""Where series of each shape are rolled up, and what a minute's value is the quotient of."""
_INCREASES = frozenset({Shape.DELTA, Shape.CUMULATIVE})

ByShape = Mapping[Shape, Sequence[SelectedSeries]]


class EvidenceReader(MinuteReader):
    """Reads all series of metrics."""

    def read_series(
        self, split: Mapping[str, Sequence[str]], window: Window
    ) -> Iterator[tuple[str, list[SeriesValues]]]:
        """Yield each metric with its series by the minute: increases of counters, means of gauges and histograms.

        `split` names the attributes by which a metric's series are told apart; `window` is widened to whole minutes.
        A counter where the registry has a gauge is left out. Raises InvalidInputError for a metric that it lacks.
        """
        window = Window(start_ns=floor_minute(window.start_ns), end_ns=-floor_minute(-window.end_ns))
        rows = self._rows(_SQL["read_waiting"], window_params(window))
        waiting = {metric: to_ns(minute) for metric, minute in rows}
        for metric, attributes in split.items():
            query = MetricQuery(metric=metric, reducer=self._reducer(metric), group_by=tuple(attributes))
            yield metric, self._read_metric(query, window, waiting.get(metric, window.end_ns))

    def _read_metric(self, query: MetricQuery, window: Window, rolled_until_ns: int) -> list[SeriesValues]:
        selected, groups = self._select(query)
        answers: list[Answers] = []
        if rolled_until_ns > window.start_ns:
            rolled = Reading(query, Window(start_ns=window.start_ns, end_ns=rolled_until_ns), groups)
            by_shape = _fitting(query.reducer, self._by_device(query.metric, selected))
            answers += [self._read_rolled(rolled, shape, series) for shape, series in sorted(by_shape.items())]
        if rolled_until_ns < window.end_ns:
            rest = Reading(query, Window(start_ns=rolled_until_ns, end_ns=window.end_ns), groups)
            answers += self._read_points(rest, _fitting(query.reducer, selected))
        return list(put_together(query.reducer, answers, groups).as_series())

    def _by_device(self, metric: str, selected: ByShape) -> ByShape:
        """Return one rollup instead of many where all slots of a device are asked for as one."""
        if not is_by_slot(metric):
            return selected
        firsts: dict[int, int] = dict(self._rows(_SQL["read_firsts"], {"metric": metric}))
        meant: dict[int, set[tuple[Shape, Group]]] = defaultdict(set)
        for series in chain.from_iterable(selected.values()):
            meant[firsts[series.id]].add((series.shape, series.group))

        def rolled(series: SelectedSeries) -> SelectedSeries:
            first = firsts[series.id]
            return replace(series, id=-first) if len(meant[first]) == 1 else series

        return {shape: list(dict.fromkeys(map(rolled, found))) for shape, found in selected.items()}

    def _read_rolled(self, reading: Reading, shape: Shape, series: Sequence[SelectedSeries]) -> Answers:
        table, a, b = _ROLLED[shape]
        statement = sql.SQL(_SQL["read_rolled"]).format(
            table=sql.Identifier(table), a=sql.Identifier(a), b=sql.Identifier(b) if b else sql.Literal(1)
        )
        reducer = reading.query.reducer
        answers = self._answers(statement, reading.params(series)).with_data(mean=reducer is Reducer.MEAN)
        # A histogram whose bounds changed has several rows for that minute.
        is_one_row = table == "number_minute" and len({s.group for s in series}) == len(series)
        return answers if is_one_row else merge(reducer, [answers])

    def _reducer(self, metric: str) -> Reducer:
        if metric not in self._registry.metrics:
            raise InvalidInputError(
                f"{metric!r} is not a metric of the registry", remedy="see docs/reference/metrics.md"
            )
        return Reducer.SUM if self._registry.metrics[metric].instrument == "counter" else Reducer.MEAN


def _fitting(reducer: Reducer, selected: ByShape) -> ByShape:
    return {shape: found for shape, found in selected.items() if reducer is Reducer.SUM or shape not in _INCREASES}
