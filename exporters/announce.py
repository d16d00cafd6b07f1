"""What a site looks like, as happenings: one per edge of its topology, sent when an agent or a history starts."""

from model import names
from model.attributes import attributes
from model.readings import Happening, Readings
from model.topology import Edge, Topology


def build_announcement(site: str, topology: Topology, time_ns: int) -> Readings:
    """Return readings that say which entity acts on which at `time_ns`."""
    kinds = {entity.id: entity.kind for entity in topology.entities}
    return Readings(
        site=site,
        start_ns=time_ns,
        end_ns=time_ns,
        happenings=[_describe(edge, kinds, time_ns) for edge in topology.edges],
    )


def _describe(edge: Edge, kinds: dict[str, str], time_ns: int) -> Happening:
    return Happening(
        event=names.EVENT_TOPOLOGY_EDGE,
        attributes=attributes(
            {
                names.ATTR_TOPOLOGY_SOURCE: edge.source,
                names.ATTR_TOPOLOGY_SOURCE_KIND: kinds.get(edge.source, ""),
                names.ATTR_TOPOLOGY_RELATION: edge.relation.value,
                names.ATTR_TOPOLOGY_TARGET: edge.target,
                names.ATTR_TOPOLOGY_TARGET_KIND: kinds.get(edge.target, ""),
            }
        ),
        time_ns=time_ns,
        body=f"{edge.source} {edge.relation.value} {edge.target}",
    )
