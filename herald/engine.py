"""One engine: changed minutes in, objectives evaluated, budgets and alerts out.

`step(now)` does what is due at a moment, whether that is the next minute or the next month: a long gap is replayed
in one go, the present is stepped minute by minute, and both say the same. What it concludes is committed before it
counts as concluded, so that an engine that was killed goes on where it stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alert_rules import AlertTracker, Change, Transition, describe, replay_transitions
from herald.book import Book, Entity
from herald.recount import due_windows
from herald.rows import alert_row, history_rows, objective_row
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from model.windows import Window, floor_minute
from slo import LOOKBACK_MARGIN_NS, Ledger, Objective, budget_history, compute_minutes, evaluate
from store import Store

GRACE_NS = 20 * SECOND_NS
"""How long after its end a minute is judged: exporters send every 5 s, and the collector needs a moment."""

_BUDGET_EVERY_NS = 5 * MINUTE_NS
_REPLAY_FROM_NS = 2 * HOUR_NS
_RECOUNT_LIMIT = 2_000_000
_EVALUATED_TO = "evaluated_to_ns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step did: minutes recounted, the moment judged up to, alerts fired and resolved."""

    recounted: int
    evaluated_to_ns: int
    fired: int
    resolved: int


class Engine:
    """Evaluates `objectives` on the telemetry in `store`; links in alerts lead to `web_url`."""

    def __init__(self, store: Store, objectives: Sequence[Objective], *, web_url: str, now_ns: int) -> None:
        self._store = store
        self._web_url = web_url
        self.book = Book(objectives)
        self._trackers: dict[Entity, AlertTracker] = {}
        self._open: dict[tuple[Entity, str], int] = {}
        store.sync_objectives(map(objective_row, objectives), now_ns=now_ns)
        load_ledgers(self.book, store, now_ns)
        self._load_open_alerts()

    def step(self, now_ns: int) -> Step:
        """Count what changed, judge every minute that has closed since the last step, and write it all down."""
        recounted = self._recount()
        reached_ns = floor_minute(now_ns - GRACE_NS)
        start_ns = self._judged_to() or reached_ns
        fired = resolved = 0
        if start_ns < reached_ns:
            with self._store.transaction():
                fired, resolved = self._judge(Window(start_ns=start_ns, end_ns=reached_ns))
                self._store.write_state(_EVALUATED_TO, reached_ns)
        return Step(recounted=recounted, evaluated_to_ns=reached_ns, fired=fired, resolved=resolved)

    def _recount(self) -> int:
        """Recompute the minutes that telemetry has touched, in one transaction with taking note of them."""
        recounted = 0
        with self._store.recount(_RECOUNT_LIMIT) as dirty:
            for objective in self.book.objectives.values():
                for window in due_windows(objective, dirty):
                    counted = compute_minutes(objective, self._store, window)
                    self._store.replace_sli(objective.name, list(window.minutes()), counted)
                    self.book.put(objective.name, counted)
                    recounted += len(counted)
        return recounted

    def _judged_to(self) -> int | None:
        """Return up to where minutes have been judged; before the first time, where data begin."""
        judged = read_judged_to(self._store)
        begins = [first for _, _, ledger in self.book if (first := ledger.first_data_ns) is not None]
        return judged if judged is not None else min(begins, default=None)

    def _judge(self, window: Window) -> tuple[int, int]:
        """Return how many alerts fired and resolved in the window, all of them written down."""
        replayed = window.length_ns > _REPLAY_FROM_NS
        changes = 0, 0
        for entity, objective, ledger in self.book:
            transitions = (
                self._replay(entity, objective, ledger, window)
                if replayed
                else self._step_through(entity, objective, ledger, window)
            )
            for transition in transitions:
                self._apply(entity, objective, ledger, transition)
            fired = sum(transition.change is Change.FIRED for transition in transitions)
            changes = changes[0] + fired, changes[1] + len(transitions) - fired
        self._snapshot(window)
        return changes

    def _step_through(self, entity: Entity, objective: Objective, ledger: Ledger, window: Window) -> list[Transition]:
        tracker = self._tracker(entity, objective)
        ends = range(window.start_ns + MINUTE_NS, window.end_ns + 1, MINUTE_NS)
        return [transition for at_ns in ends for transition in tracker.step(ledger, at_ns)]

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
        annotations = describe(objective, entity.group, transition, status, base_url=self._web_url)
        self._open[key] = self._store.open_alert(alert_row(objective, entity.group, transition, annotations))

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
        for entity, objective, ledger in self.book:
            history = budget_history(objective, ledger, times)
            self._store.write_budgets(history_rows(entity, history))

    def _tracker(self, entity: Entity, objective: Objective) -> AlertTracker:
        if entity not in self._trackers:
            self._trackers[entity] = AlertTracker(objective)
        return self._trackers[entity]

    def _load_open_alerts(self) -> None:
        """Resume the alerts that fired when the last engine stopped: forgetting one would resolve it falsely."""
        firing: dict[Entity, list[str]] = {}
        for alert in self._store.read_open_alerts():
            entity = Entity(alert.objective, alert.group)
            if alert.objective in self.book.objectives:
                self._open[entity, alert.tier] = alert.alert_id
                firing.setdefault(entity, []).append(alert.tier)
        for entity, tiers in firing.items():
            self.book.ledger(entity)
            self._trackers[entity] = AlertTracker(self.book.objectives[entity.objective], firing=tiers)


def _grid(window: Window, every_ns: int) -> NDArray[np.int64]:
    """Return the multiples of `every_ns` in the window."""
    return np.arange((window.start_ns // every_ns + 1) * every_ns, window.end_ns + 1, every_ns, dtype=np.int64)


def load_ledgers(book: Book, store: Store, end_ns: int) -> None:
    """Fill the book with the stored minutes that its objectives look back on."""
    for objective in book.objectives.values():
        start_ns = floor_minute(end_ns - objective.window_ns - LOOKBACK_MARGIN_NS)
        for stored in store.read_sli(objective.name, Window(start_ns=start_ns, end_ns=end_ns)):
            ledger = book.ledger(Entity(objective.name, stored.group))
            ledger.put_arrays(stored.minute_ns, stored.good, stored.total)


def read_judged_to(store: Store) -> int | None:
    """Return the end of the last minute that an engine has judged."""
    judged = store.read_state(_EVALUATED_TO)
    return judged if isinstance(judged, int) else None
