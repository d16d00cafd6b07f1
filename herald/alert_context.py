"""What the engine knows around an alert at the moment it fires: topology, changes, the worst, numbers beside it."""

from collections.abc import Sequence
from fractions import Fraction

from alert_rules import Surroundings
from alert_rules.surroundings import ChangeEvent, changes_near, correlated, segment_of
from herald.book import Book
from model import names
from model.clock import DAY_NS, MINUTE_NS
from model.queries import Group, MetricQuery, Reducer
from model.registry import load_registry
from model.topology import Topology
from model.windows import Window
from slo import Objective, Tier, burn_rate
from store import Store

CHANGES = (
    names.EVENT_CALIBRATION,
    names.EVENT_FIRMWARE_CHANGE,
    names.EVENT_CONFIGURATION_CHANGE,
    names.EVENT_CREDENTIAL_CHANGE,
    names.EVENT_SOFTWARE_CHANGE,
)
_LOOK_BACK_NS = DAY_NS
_WORST = 3
_CONTEXT_NS = 5 * MINUTE_NS
_IDENTITY = ("link", "device", "backend", "site")


class AlertContext:
    """Reads it from one store; the topology is read once per engine step at most."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._topology: Topology | None = None

    def forget(self) -> None:
        """Read the topology anew next time: agents may have said something since."""
        self._topology = None

    def around(
        self, group: Group, at_ns: int, *, worst: Sequence[str] = (), metrics: Sequence[str] = ()
    ) -> Surroundings:
        """Return what is known around an entity at `at_ns`."""
        entity = next((value for column in _IDENTITY for name, value in group if name == column), "")
        topology = self.known_topology()
        sites = {known.id: known.site for known in topology.entities}
        changes = changes_near(topology, entity, self._changes(at_ns)) if entity else ()
        return Surroundings(
            segment=segment_of(topology, entity, sites.get(entity, "")) if entity else "",
            changes=changes,
            change=correlated(changes, at_ns),
            worst=tuple(worst),
            context=self._context(metrics, at_ns),
        )

    def known_topology(self) -> Topology:
        """Return what acts on what, as it was read last."""
        if self._topology is None:
            self._topology = self._store.read_topology()
        return self._topology

    def _changes(self, at_ns: int) -> list[ChangeEvent]:
        window = Window(start_ns=at_ns - _LOOK_BACK_NS, end_ns=at_ns)
        return [
            ChangeEvent(entity=e.link or e.device or e.backend, event=e.name, time_ns=e.time_ns, text=e.body)
            for e in self._store.read_events(window, CHANGES)
        ]

    def _context(self, metrics: Sequence[str], at_ns: int) -> dict[str, str]:
        return {metric: told for metric in metrics if (told := self._present(metric, at_ns))}

    def _present(self, metric: str, at_ns: int) -> str:
        """Return the last value of each entity of a metric, e.g. `ctl-delft 0.0013`."""
        definition = load_registry().metrics[metric]
        identity = tuple(name for name in definition.attributes if name.endswith(".id"))
        reducer = Reducer.SUM if definition.instrument == "counter" else Reducer.MEAN
        query = MetricQuery(metric=metric, reducer=reducer, group_by=identity)
        newest: dict[Group, tuple[int, float]] = {}
        for told in self._store.read_minutes(query, Window(start_ns=at_ns - _CONTEXT_NS, end_ns=at_ns)):
            newest[told.group] = max(newest.get(told.group, (0, 0.0)), (told.minute_ns, told.value))
        return ", ".join(f"{_render(group)} {value:.4g}" for group, (_, value) in sorted(newest.items()))


def _render(group: Group) -> str:
    return ", ".join(value for _, value in group) or "all"


def worst_entities(book: Book, objective: Objective, tier: Tier, at_ns: int) -> tuple[str, ...]:
    """Return the entities of an objective that burn fastest over the tier's long window, with their burn rates."""
    burns: list[tuple[Fraction, str]] = []
    for entity, of_entity, ledger in book:
        if of_entity.name == objective.name:
            burn = burn_rate(ledger.counts(at_ns, tier.long_ns), objective.error_budget)
            burns += [(burn, _render(entity.group))] if burn else []
    worst = sorted(burns, key=lambda told: (-told[0], told[1]))[:_WORST]
    return tuple(f"{entity} ({float(burn):.4g}x)" for burn, entity in worst)
