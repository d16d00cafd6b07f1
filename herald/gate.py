"""The gate of an objective: for a pipeline from the database, for change management from telemetry as it comes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from alert_rules.routes import MACHINES
from herald.book import Book
from herald.recount import count_minutes
from herald.standings import read_standings, render_group
from model.clock import format_time
from model.queries import Group
from model.windows import Window, floor_minute
from slo import MinuteSource, Objective
from slo.gate import GateRule, reasons_to_close
from slo.tier_sets import PAUSE
from store import AlertRow, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether the gate is open, and per entity why not; without any entity it is closed."""

    objective: str
    at_ns: int
    reasons: dict[Group, list[str]]

    @property
    def open(self) -> bool:
        """Return whether a pipeline may go on."""
        return bool(self.reasons) and not any(self.reasons.values())

    def sentences(self) -> list[str]:
        """Return the answer for people."""
        if not self.reasons:
            return ["closed: nothing has reported yet"]
        closed = [
            f"closed: {self.objective} of {render_group(group)} {reason}"
            for group, reasons in self.reasons.items()
            for reason in reasons
        ]
        return closed or [f"open: {self.objective} has budget to spend"]

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as a JSON document."""
        return {
            "objective": self.objective,
            "open": self.open,
            "as_of": format_time(self.at_ns),
            "entities": [
                {"group": dict(group), "open": not reasons, "reasons": reasons}
                for group, reasons in self.reasons.items()
            ],
        }


def ask_gate(store: Store, objective: Objective, rule: GateRule, *, among: Sequence[Objective] = ()) -> Answer:
    """Return what the stored minutes and alerts say, as of the last minute that an engine has judged.

    A firing tier whose action is to pause holds back everything risky on its machine: those of all objectives `among`
    close the gate of an entity on the same device, link or backend.
    """
    at_ns, standings = read_standings(store, [objective])
    alerts = store.read_open_alerts()
    firing: dict[Group, set[str]] = defaultdict(set)
    for alert in alerts:
        if alert.objective == objective.name:
            firing[alert.group].add(alert.tier)
    pausing = {(each.name, tier.name) for each in among for tier in each.tiers if tier.action == PAUSE}
    pauses = [a for a in alerts if (a.objective, a.tier) in pausing and a.objective != objective.name]
    reasons = {
        standing.group: [
            *reasons_to_close(objective, standing.ledger, at_ns, rule, firing=firing.get(standing.group, set())),
            *reasons_to_pause(standing.group, pauses),
        ]
        for standing in standings
    }
    return Answer(objective=objective.name, at_ns=at_ns, reasons=reasons)


def reasons_to_pause(group: Group, alerts: Iterable[AlertRow]) -> list[str]:
    """Return which of the alerts, all of which ask for a pause, are about a machine of the group."""
    machines = {(column, value) for column, value in group if column in MACHINES}
    return [
        f"is paused: tier {alert.tier} of {alert.objective} fires for {render_group(alert.group)}"
        for alert in alerts
        if machines & set(alert.group)
    ]


class BudgetGate:
    """Decides for `hwsim.rollout` whether a rollout may go on: while its objectives have budget and none burns.

    It counts what `source` has got since it was asked last: a store, or a simulation's own recordings.
    """

    def __init__(
        self, objectives: Sequence[Objective], source: MinuteSource, *, start_ns: int, rule: GateRule | None = None
    ) -> None:
        self._source = source
        self._book = Book(objectives)
        self._rule = rule or GateRule()
        self._counted_to_ns = floor_minute(start_ns)
        self.reasons: list[str] = []
        """Why the gate was closed when it was asked last."""

    def __call__(self, now_ns: int) -> bool:
        """Return whether the gate is open at `now_ns`."""
        closed_ns = floor_minute(now_ns)
        if closed_ns > self._counted_to_ns:
            self._count(Window(start_ns=self._counted_to_ns, end_ns=closed_ns))
        self.reasons = [
            f"{entity.objective} of {render_group(entity.group)} {reason}"
            for entity, objective, ledger in self._book
            for reason in reasons_to_close(objective, ledger, closed_ns, self._rule)
        ]
        silent = self._book.objectives.keys() - {entity.objective for entity, _, _ in self._book}
        self.reasons += [f"{name} has not reported yet" for name in sorted(silent)]
        return not self.reasons

    def _count(self, window: Window) -> None:
        for objective in self._book.objectives.values():
            counted = count_minutes(
                objective, self._source, window, born_ns=self._born(objective), closed_ns=window.end_ns
            )
            self._book.put(objective.name, counted)
        self._counted_to_ns = window.end_ns

    def _born(self, objective: Objective) -> dict[Group, int]:
        return {
            entity.group: first
            for entity, _, ledger in self._book
            if entity.objective == objective.name and (first := ledger.first_data_ns) is not None
        }
