"""What reports and pages read of telemetry itself: topology, events, series over time, and how fresh the data is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import numpy as np
from psycopg import sql

from model import names
from model.clock import MINUTE_NS, to_ns
from model.errors import InvalidInputError
from model.queries import Group, MetricQuery, Reducer
from model.registry import MetricDefinition
from model.topology import Edge, Entity, Relation, Topology
from model.windows import Window
from store.lookups import ALL_POINTS, point_lookups
from store.minutes import MinuteReader
from store.rows import EventRow, SeriesValues
from store.session import optional_ns, window_params
from store.statements import load_statements

_SQL = load_statements("telemetry")
_QUANTILE_TYPES = {"time_us": "i8", "group": "i8", "value": "f8"}
_ENTITY_COLUMNS = ("site", "device", "link", "backend")


class TelemetryReader(MinuteReader):
    """Reads telemetry for people."""

    def read_topology(self) -> Topology:
        """Return what acts on what, as the agents have said so far."""
        sites: dict[str, str] = dict(self._rows(_SQL["read_entity_sites"], {"hw_id": names.ATTR_HW_ID}))
        kinds: dict[str, str] = {}
        edges = []
        for source, source_kind, relation, target, target_kind in self._rows(_SQL["read_topology"]):
            kinds |= {source: source_kind, target: target_kind}
            if relation in list(Relation):
                edges.append(Edge(source=source, relation=Relation(relation), target=target))
        entities = [Entity(kind=kind, id=name, site=sites.get(name, "")) for name, kind in sorted(kinds.items())]
        return Topology(entities, edges)

    def read_events(self, window: Window, events: Sequence[str] | None = None) -> list[EventRow]:
        """Return what happened inside the window, ascending in time; `events` limits it to some event names."""
        params = {**window_params(window), "names": None if events is None else list(events)}
        return [
            EventRow(
                time_ns=to_ns(time),
                name=name,
                severity=severity,
                body=body,
                attributes=attributes,
                site=site,
                device=device,
                link=link,
                backend=backend,
            )
            for time, name, severity, body, attributes, site, device, link, backend in self._rows(
                _SQL["read_events"], params
            )
        ]

    def read_used(self, metrics: Iterable[str], window: Window) -> list[tuple[str, str, str, float]]:
        """Return metric, device, tenant, and how much of a counter or of a histogram's sum the window has, ascending.

        It is made of the hours that begin inside the window and are rolled up.
        """
        params = {**window_params(window), "metrics": list(metrics)}
        return [
            (metric, device, tenant, float(amount))
            for metric, device, tenant, amount in self._rows(_SQL["meter"], params)
        ]

    def read_last_data_ns(self) -> int | None:
        """Return the time of the newest point, None where nothing is stored; it may lag some seconds."""
        newest: datetime | None = self._rows(_SQL["read_last_time"])[0][0]
        return optional_ns(newest)

    def find_last_data_ns(self) -> int | None:
        """Return the same exactly, even where a writer was killed: asks each series for its newest point."""
        newest: datetime | None = self._rows(_SQL["find_last_time"])[0][0]
        return optional_ns(newest)

    def read_last_data(self, metric: str | None = None) -> dict[tuple[str, Group], int]:
        """Return the time of the newest point per metric and entity (columns site, device, link, backend it has)."""
        rows = self._rows(_SQL["read_last_times"], {"metric": metric})
        return {(name, _entity(columns)): to_ns(newest) for name, *columns, newest in rows}

    def read_heard(self) -> list[tuple[str, str, int]]:
        """Return each entity that the topology may name, its site, and the time of its newest point."""
        rows = self._rows(_SQL["read_heard"], {"hw_id": names.ATTR_HW_ID})
        return [(entity, site, to_ns(newest)) for entity, site, newest in rows]

    def read_series(
        self,
        metric: str,
        window: Window,
        *,
        step_ns: int = MINUTE_NS,
        group_by: Sequence[str] | None = None,
        quantile: float | None = None,
    ) -> list[SeriesValues]:
        """Return a metric step by step: increases of counters, means of gauges and histograms, or a quantile.

        `group_by` are attribute names, by default all of the metric's and the site. Quantiles are of explicit delta
        histograms whose bounds did not change inside the step.
        """
        definition = self._definition(metric)
        attributes = tuple(group_by if group_by is not None else {*definition.attributes, names.ATTR_SITE_ID})
        if quantile is not None:
            return self._read_quantiles(metric, window, step_ns, attributes, quantile)
        reducer = Reducer.SUM if definition.instrument == "counter" else Reducer.MEAN
        query = MetricQuery(metric=metric, reducer=reducer, group_by=attributes)
        steps = self._read_steps(query, window, step_ns)
        return _series({(step.group, step.minute_ns): step.value for step in steps})

    def _read_quantiles(
        self, metric: str, window: Window, step_ns: int, attributes: tuple[str, ...], quantile: float
    ) -> list[SeriesValues]:
        selected = self._select_series(MetricQuery(metric=metric, reducer=Reducer.COUNT, group_by=attributes))
        groups = sorted({series.group for series in selected})
        params = {
            **window_params(window),
            "step": timedelta(microseconds=step_ns // 1000),
            "quantile": quantile,
            "ids": [series.id for series in selected],
            "groups": [groups.index(series.group) for series in selected],
        }
        statement = sql.SQL(_SQL["read_quantiles"]).format(**point_lookups("histogram", ALL_POINTS))
        columns = self._columns(statement, params, **_QUANTILE_TYPES)
        rows = zip(columns["group"].tolist(), columns["time_us"].tolist(), columns["value"].tolist(), strict=True)
        return _series({(groups[group], time_us * 1000): value for group, time_us, value in rows})

    def _definition(self, metric: str) -> MetricDefinition:
        if metric not in self._registry.metrics:
            raise InvalidInputError(
                f"{metric!r} is not a metric of the registry", remedy="see docs/reference/metrics.md"
            )
        return self._registry.metrics[metric]


def _entity(columns: Iterable[str]) -> Group:
    return tuple(sorted((column, value) for column, value in zip(_ENTITY_COLUMNS, columns, strict=True) if value))


def _series(values: dict[tuple[Group, int], float]) -> list[SeriesValues]:
    by_group: dict[Group, list[tuple[int, float]]] = defaultdict(list)
    for (group, time_ns), value in sorted(values.items()):
        by_group[group].append((time_ns, value))
    return [
        SeriesValues(
            group=group,
            time_ns=np.array([time_ns for time_ns, _ in points], dtype=np.int64),
            value=np.array([value for _, value in points], dtype=np.float64),
        )
        for group, points in by_group.items()
    ]
