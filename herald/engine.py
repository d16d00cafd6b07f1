"""One engine: changed minutes in, objectives evaluated, budgets and alerts out.

`step(now)` does what is due at a moment, whether that is the next minute or the next month: a long gap is replayed
in one go, the present is stepped minute by minute, and both say the same. What it concludes is committed before it
counts as concluded, so that an engine that was killed goes on where it stopped.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from alert_rules import (
    AlertTracker,
    Change,
    ConditionRule,
    Transition,
    alerting_tiers,
    describe,
    replay_transitions,
    step_all,
)
from herald.actor import name_actor
from herald.alert_context import AlertContext, worst_entities
from herald.book import Book, Entity
from herald.condition_watch import ConditionWatch
from herald.counting import Counting
from herald.engine_state import note_judged_to, read_judged_to
from herald.incident_watch import IncidentWatch
from herald.incidents import IncidentPolicy
from herald.recount import admits
from herald.rows import alert_row, history_rows, objective_row
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from model.windows import Window, floor_minute
from slo import (
    Ledger,
    Objective,
    budget_history,
    evaluate,
    evaluate_all,
)
from slo.inventory import expected_groups
from store import AlertRow, Store

GRACE_NS = 20 * SECOND_NS
"""How long after its end a minute is judged: exporters send every 5 s, and the collector needs a moment."""

_BUDGET_EVERY_NS = 5 * MINUTE_NS
_REPLAY_FROM_NS = 10 * MINUTE_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step did: minutes recounted, the moment judged up to, alerts fired and resolved."""

    recounted: int
    evaluated_to_ns: int
    fired: int
    resolved: int


class Engine:
    """Evaluates `objectives` and `rules` on the telemetry in `store`; links in alerts lead to `web_url`."""

    def __init__(
        self,
        store: Store,
        objectives: Sequence[Objective],
        *,
        web_url: str,
        now_ns: int,
        rules: Sequence[ConditionRule] = (),
        incidents: IncidentPolicy | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Load what was counted; `tell` hears how far long work has got."""
        self._store = store
        self._stocked_ns: int | None = None
        self._web_url = web_url
        self._context = AlertContext(store)
        self._watch = ConditionWatch(store, rules, self._context, web_url=web_url)
        self.book = Book(objectives)
        self._incidents = IncidentWatch(
            store, self.book.objectives, rules, self._context, incidents or IncidentPolicy()
        )
        self._trackers: dict[Entity, AlertTracker] = {}
        self._open: dict[tuple[Entity, str], int] = {}
        with store.acting(name_actor("engine")):
            store.sync_objectives(map(objective_row, objectives), now_ns=now_ns)
            self._counting = Counting(store, self.book, now_ns=now_ns, tell=tell)
        self._load_open_alerts(now_ns)

    def step(self, now_ns: int) -> Step:
        """Count what changed, judge every minute that has closed since the last step, and write it all down."""
        reached_ns = floor_minute(now_ns - GRACE_NS)
        # Before it is counted: what an incident tells belongs to a minute that is still to be judged.
        self._incidents.settle(min(now_ns, (read_judged_to(self._store) or 0) + MINUTE_NS))
        recounted = self._counting.recount(now_ns, reached_ns)
        self._take_stock(now_ns)
        start_ns = self._judged_to() or reached_ns
        fired = resolved = 0
        if start_ns < reached_ns:
            with self._store.transaction():
                fired, resolved = self._judge(Window(start_ns=start_ns, end_ns=reached_ns))
                note_judged_to(self._store, reached_ns)
        return Step(recounted=recounted, evaluated_to_ns=reached_ns, fired=fired, resolved=resolved)

    def _take_stock(self, now_ns: int) -> None:
        """Expect whoever reported before, and all of their kind that the topology names; once a minute."""
        if floor_minute(now_ns) == self._stocked_ns:
            return
        self._stocked_ns = floor_minute(now_ns)
        topology = self._store.read_topology()
        for objective in self.book.objectives.values():
            known = set(self.book.ledgers_of(objective))
            expected = expected_groups(known, topology)
            missing = {group for group in expected - known if admits(objective, group)}
            if missing:
                self._store.expect_entities(objective.name, missing, since_ns=self._stocked_ns)
                for group in missing:
                    self.book.ledger(Entity(objective.name, group)).expect(self._stocked_ns)

    def _judged_to(self) -> int | None:
        """Return up to where minutes have been judged; before the first time, where data begin."""
        judged = read_judged_to(self._store)
        begins = [first for _, _, ledger in self.book if (first := ledger.first_data_ns) is not None]
        return judged if judged is not None else min(begins, default=None)

    def _judge(self, window: Window) -> tuple[int, int]:
        """Return how many alerts fired and resolved in the window, all of them written down."""
        replayed = window.length_ns > _REPLAY_FROM_NS
        self._context.forget()
        changes = 0, 0
        stepped = {} if replayed else self._step_through(window)
        for entity, objective, ledger in self.book:
            transitions = self._replay(entity, objective, ledger, window) if replayed else stepped.get(entity, [])
            for transition in transitions:
                self._apply(entity, objective, ledger, transition)
            fired = sum(transition.change is Change.FIRED for transition in transitions)
            changes = changes[0] + fired, changes[1] + len(transitions) - fired
        self._snapshot(window)
        fired, resolved = self._watch.judge(window)
        self._incidents.step(window)
        return changes[0] + fired, changes[1] + resolved

    def _step_through(self, window: Window) -> dict[Entity, list[Transition]]:
        """Return what changed for whom in the minutes that end in the window."""
        found: dict[Entity, list[Transition]] = defaultdict(list)
        for objective in self.book.objectives.values():
            for at_ns in range(window.start_ns + MINUTE_NS, window.end_ns + 1, MINUTE_NS):
                entities, sums = self.book.side_by_side(objective, at_ns)
                trackers = [self._tracker(entity, objective) for entity in entities]
                ledgers = [self.book.ledger(entity) for entity in entities]
                for index, transition in step_all(objective, trackers, ledgers, sums, at_ns):
                    found[entities[index]].append(transition)
        return found

    def _replay(self, entity: Entity, objective: Objective, ledger: Ledger, window: Window) -> list[Transition]:
        firing = set(self._tracker(entity, objective).firing)
        transitions = replay_transitions(objective, ledger, window, firing=firing)
        for transition in transitions:
            firing ^= {transition.tier.name}
        self._trackers[entity] = AlertTracker(objective, firing=firing)
        return transitions

    def _apply(self, entity: Entity, objective: Objective, ledger: Ledger, transition: Transition) -> None:
        key = (entity, transition.tier.name)
        if transition.change is Change.RESOLVED:
            self._store.resolve_alert(self._open.pop(key), resolved_ns=transition.at_ns)
            return
        status = evaluate(objective, ledger, transition.at_ns)
        worst = worst_entities(self.book, objective, transition.tier, transition.at_ns)
        around = self._context.around(entity.group, transition.at_ns, worst=worst)
        annotations = describe(objective, entity.group, transition, status, base_url=self._web_url, around=around)
        row = alert_row(objective, entity.group, transition, annotations)
        action = {"action": transition.tier.action} if transition.tier.action else {}
        self._open[key] = self._store.open_alert(replace(row, tags={**around.tags(), **action}))

    def _snapshot(self, window: Window) -> None:
        """Write budget snapshots: hourly, every five minutes for the last day, and one of how things stand now."""
        recent_ns = max(window.start_ns, window.end_ns - DAY_NS)
        times = np.unique(
            np.concatenate(
                [
                    _grid(Window(start_ns=window.start_ns, end_ns=recent_ns), HOUR_NS),
                    _grid(Window(start_ns=recent_ns, end_ns=window.end_ns), _BUDGET_EVERY_NS),
                    [window.end_ns],
                ]
            )
        )
        if window.length_ns > _REPLAY_FROM_NS:
            for entity, objective, ledger in self.book:
                history = budget_history(objective, ledger, times)
                self._store.write_budgets(history_rows([entity] * times.size, history))
            return
        for objective, at_ns in product(self.book.objectives.values(), times.tolist()):
            entities, sums = self.book.side_by_side(objective, at_ns)
            history = evaluate_all(objective, sums, np.full(len(entities), at_ns, dtype=np.int64))
            self._store.write_budgets(history_rows(entities, history))

    def _tracker(self, entity: Entity, objective: Objective) -> AlertTracker:
        if entity not in self._trackers:
            self._trackers[entity] = AlertTracker(objective)
        return self._trackers[entity]

    def _load_open_alerts(self, now_ns: int) -> None:
        """Resume the alerts that fired when the last engine stopped: forgetting one would resolve it falsely.

        What no objective judges any more would fire for ever, and is resolved.
        """
        firing: dict[Entity, list[str]] = {}
        for alert in self._store.read_open_alerts():
            entity = Entity(alert.objective, alert.group)
            if self._watch.judges(alert):
                self._watch.resume(alert)
            elif self._judges(alert):
                self._open[entity, alert.tier] = alert.alert_id
                firing.setdefault(entity, []).append(alert.tier)
            else:
                self._store.resolve_alert(alert.alert_id, resolved_ns=max(floor_minute(now_ns), alert.fired_ns))
        for entity, tiers in firing.items():
            self.book.ledger(entity)
            self._trackers[entity] = AlertTracker(self.book.objectives[entity.objective], firing=tiers)

    def _judges(self, alert: AlertRow) -> bool:
        objective = self.book.objectives.get(alert.objective)
        return objective is not None and alert.tier in {tier.name for tier in alerting_tiers(objective)}


def _grid(window: Window, every_ns: int) -> NDArray[np.int64]:
    """Return the multiples of `every_ns` in the window."""
    return np.arange((window.start_ns // every_ns + 1) * every_ns, window.end_ns + 1, every_ns, dtype=np.int64)
