"""Which alerts are one incident: those that share an entity, something upstream, or the minute in which they fired.

Pure: alerts and incidents in, who joins which out. The order in which the alerts of a moment are given changes
nothing, and no alert ends up in two incidents. A page opens an incident where there is none; a ticket only joins, and
holds none open: how long it hurt is how long it paged.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from model.clock import MINUTE_NS
from model.queries import Group
from model.topology import Relation, Topology

_COMMON_CAUSES = frozenset(Relation) - {Relation.SURROUNDS, Relation.WATCHES}
"""How one thing makes several fail. What surrounds or watches a whole site would make one incident of the site."""

_SAME_ENTITY, _AGAIN, _UPSTREAM, _SAME_MINUTE = range(4)
"""Why an alert belongs to an incident, the strongest reason first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiredAlert:
    """An alert as grouping sees it; `entity` is what the topology calls what hurts, empty if it knows no such."""

    alert_id: int
    objective: str
    group: Group
    entity: str
    fired_ns: int
    pages: bool

    @property
    def what(self) -> tuple[str, Group]:
        """Return what it has in common with the same alert when that fires again."""
        return self.objective, self.group


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIncident:
    """An incident as grouping sees it: open, or closed so lately that the same alert reopens it."""

    incident_id: int
    entities: frozenset[str]
    alerts: tuple[FiredAlert, ...] = ()
    is_open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """What to do: alerts that join an incident, by its id, and those that open one each; all by ascending id."""

    joined: Mapping[int, tuple[FiredAlert, ...]]
    opened: tuple[tuple[FiredAlert, ...], ...]


class Kinship:
    """Says which entities may fail of one cause."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self.upstream = cache(self._upstream)
        self.causes = cache(self._causes)

    def _upstream(self, entity: str) -> frozenset[str]:
        """Return what acts on an entity, directly or not, and itself."""
        return frozenset(self._topology.distances_upstream(entity)) if entity else frozenset()

    def _causes(self, entity: str) -> frozenset[str]:
        """Return what acts on an entity directly, and on others in the same way."""
        return frozenset(e.source for e in self._topology.edges_into(entity) if e.relation in _COMMON_CAUSES)


class _Party:
    """Alerts and entities that belong together, and what others can share with them."""

    def __init__(self, kinship: Kinship, entities: Iterable[str] = (), alerts: Iterable[FiredAlert] = ()) -> None:
        self._kinship = kinship
        self.alerts: list[FiredAlert] = []
        self.entities: set[str] = set()
        self.upstream: set[str] = set()
        self.causes: set[str] = set()
        self.minutes: set[int] = set()
        self._add_entities(entities)
        self.add(alerts)

    def add(self, alerts: Iterable[FiredAlert]) -> None:
        new = list(alerts)
        self.alerts += new
        self.minutes |= {alert.fired_ns // MINUTE_NS for alert in new}
        self._add_entities(alert.entity for alert in new)

    def _add_entities(self, entities: Iterable[str]) -> None:
        for entity in set(entities) - self.entities - {""}:
            self.entities.add(entity)
            self.upstream |= self._kinship.upstream(entity)
            self.causes |= self._kinship.causes(entity)

    def link(self, alert: FiredAlert) -> int | None:
        """Return the strongest reason for which an alert belongs here; None for none."""
        if alert.entity in self.entities:
            return _SAME_ENTITY
        if alert.entity in self.upstream or not self.entities.isdisjoint(self._kinship.upstream(alert.entity)):
            return _UPSTREAM
        if not self.causes.isdisjoint(self._kinship.causes(alert.entity)):
            return _UPSTREAM
        return _SAME_MINUTE if alert.fired_ns // MINUTE_NS in self.minutes else None


def group_alerts(
    alerts: Iterable[FiredAlert], incidents: Iterable[KnownIncident], topology: Topology | Kinship
) -> Grouping:
    """Return which of the alerts, none of which is in an incident yet, join an incident or open one.

    What joins makes others join: rounds go on until none does. In a round each alert goes by the strongest reason,
    and among equal ones to the oldest incident.
    """
    kinship = topology if isinstance(topology, Kinship) else Kinship(topology)
    known = {i.incident_id: i for i in incidents}
    parties = {i: _Party(kinship, each.entities, each.alerts) for i, each in known.items() if each.is_open}
    again = {a.what: i for i, each in sorted(known.items()) if not each.is_open for a in each.alerts}
    rest = {alert.alert_id: alert for alert in alerts}
    joined: dict[int, list[FiredAlert]] = defaultdict(list)
    while True:
        goes = {i: found for i, alert in rest.items() if (found := _find(alert, parties, again)) is not None}
        if not goes:
            break
        for alert_id, incident_id in goes.items():
            joined[incident_id].append(rest.pop(alert_id))
        for incident_id in set(goes.values()):
            each = known[incident_id]
            parties[incident_id] = _Party(kinship, each.entities, [*each.alerts, *joined[incident_id]])
    return Grouping(
        joined={incident_id: _in_order(found) for incident_id, found in sorted(joined.items())},
        opened=tuple(_in_order(party.alerts) for party in _new_parties(rest.values(), kinship)),
    )


def _find(alert: FiredAlert, parties: Mapping[int, _Party], again: Mapping[tuple[str, Group], int]) -> int | None:
    """Return the incident to which an alert belongs for the strongest reason."""
    reasons = [(reason, i) for i, party in parties.items() if (reason := party.link(alert)) is not None]
    if alert.pages and (closed := again.get(alert.what)) is not None:
        reasons.append((_AGAIN, closed))
    return min(reasons)[1] if reasons else None


def _new_parties(alerts: Iterable[FiredAlert], kinship: Kinship) -> list[_Party]:
    """Return who opens an incident: those of one minute, joined with those of others where something links them."""
    by_minute: dict[int, list[FiredAlert]] = defaultdict(list)
    for alert in alerts:
        by_minute[alert.fired_ns // MINUTE_NS].append(alert)
    parties: list[_Party] = []
    for _, of_minute in sorted(by_minute.items()):
        linked = [party for party in parties if any(party.link(alert) is not None for alert in of_minute)]
        parties = [party for party in parties if party not in linked]
        merged = [alert for party in linked for alert in party.alerts]
        parties.append(_Party(kinship, alerts=[*merged, *of_minute]))
    return [party for party in parties if any(alert.pages for alert in party.alerts)]


def _in_order(alerts: Sequence[FiredAlert]) -> tuple[FiredAlert, ...]:
    return tuple(sorted(alerts, key=lambda alert: (alert.fired_ns, alert.alert_id)))
