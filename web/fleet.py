"""The JSON of the fleet page: what acts on what, and how each entity keeps its promises.

Agents watch everything at their site; those edges are told apart, so that the picture can leave them out. Tenants,
who stand at no site, are not in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.clock import SECOND_NS, format_time
from model.topology import TENANT, Edge, Relation
from model.windows import Window
from web.fleet_map import place
from web.sentences import render_state
from web.slo_answers import SloAnswers, reaches_people
from web.sources import FleetSource


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetAnswers:
    """Builds answers from what the agents said of the fleet and from how the objectives stand."""

    source: FleetSource
    slos: SloAnswers

    def describe(self, now_ns: int) -> dict[str, object]:
        """Return the nodes with their states and places, and the edges between them."""
        topology = self.source.read_topology()
        acting = [edge for edge in topology.edges if edge.relation not in (Relation.WATCHES, Relation.SERVES)]
        watching = [edge for edge in topology.edges if edge.relation is Relation.WATCHES]
        heard = {each.entity: each for each in self.source.read_heard()}
        known = {name: each.site for name, each in heard.items()}
        machines = [entity for entity in topology.entities if entity.kind != TENANT]
        sites = {each.id: each.site or known.get(each.id, "") for each in machines}
        places = place(sites, acting)
        rows, firing = self.slos.list_rows(), self._firing(now_ns)
        nodes = [
            {
                "id": entity.id,
                "kind": entity.kind,
                "site": sites[entity.id],
                "column": places[entity.id][0],
                "row": places[entity.id][1],
                "last_data_at": heard[entity.id].newest_ns // 1_000_000 if entity.id in heard else None,
                "alerts": sum(entity.id in labels.values() for labels in firing),
                **_promises([row for row in rows if entity.id in row["group"].values()]),
            }
            for entity in machines
        ]
        return {
            "as_of": format_time(now_ns),
            "nodes": sorted(nodes, key=lambda node: (node["site"], node["column"], node["row"])),
            "edges": [_edge(each) for each in acting],
            "watched": [_edge(each) for each in watching],
        }

    def describe_sites(self, now_ns: int) -> dict[str, object]:
        """Return how old the newest telemetry of each site is, the oldest first."""
        newest: dict[str, int] = {}
        for each in self.source.read_heard():
            newest[each.site] = max(each.newest_ns, newest.get(each.site, 0))
        sites = [
            {"site": site, "last_data_at": at_ns // 1_000_000, "age_seconds": round((now_ns - at_ns) / SECOND_NS, 3)}
            for site, at_ns in sorted(newest.items(), key=lambda item: (item[1], item[0]))
        ]
        return {"as_of": format_time(now_ns), "sites": sites}

    def _firing(self, now_ns: int) -> list[Mapping[str, str]]:
        """Return whom each alert that fires and tells somebody is about."""
        alerts = self.slos.source.read_alerts(Window(start_ns=now_ns - SECOND_NS, end_ns=now_ns))
        return [alert.labels for alert in alerts if alert.resolved_ns is None and reaches_people(alert)]


def _promises(rows: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """Return how the worst of an entity's objectives stands, and where to look; `rows` are worst first."""
    worst = next(iter(rows), None)
    if worst is None:
        return {"state": "none", "state_word": "No objective", "objectives": 0, "worst": None, "boards": []}
    return {
        "state": worst["state"],
        "state_word": render_state(worst["state"]),
        "objectives": len(rows),
        "worst": {"name": worst["objective"], "display_name": worst["display_name"]},
        "boards": worst["boards"],
    }


def _edge(edge: Edge) -> dict[str, str]:
    return {"source": edge.source, "relation": edge.relation.value, "target": edge.target}
