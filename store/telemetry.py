"""What reports and pages read of telemetry itself: topology, events, series over time, and how fresh the data is."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from model import names
from model.clock import to_ns
from model.queries import Group
from model.topology import Edge, Entity, Relation, Topology
from model.windows import Window
from store.evidence import EvidenceReader
from store.rows import EventRow
from store.session import optional_ns, window_params
from store.statements import load_statements

_SQL = load_statements("telemetry")
_QUANTILE_TYPES = {"time_us": "i8", "group": "i8", "value": "f8"}
_ENTITY_COLUMNS = ("site", "device", "link", "backend")


class TelemetryReader(EvidenceReader):
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

    def read_names(self) -> list[str]:
        """Return the names of everything that telemetry, the topology or an objective speaks of."""
        return [name for (name,) in self._rows(_SQL["read_names"], {"hw_id": names.ATTR_HW_ID})]

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


def _entity(columns: Iterable[str]) -> Group:
    return tuple(sorted((column, value) for column, value in zip(_ENTITY_COLUMNS, columns, strict=True) if value))
