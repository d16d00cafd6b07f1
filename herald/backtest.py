"""Replay an alert policy against stored history: what it would have sent, when, and what the budget would have been.

Counts that the engine keeps by the same rules are taken as they are; anything else is counted from stored telemetry,
a day at a time, and kept in memory: a backtest writes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import numpy as np

from alert_rules import AlertInterval, replay
from alert_rules.prediction import Prediction, find_episode, predict
from herald.book import Book
from herald.engine_state import read_counted_as
from herald.recount import count_minutes, render_counting
from herald.standings import render_group
from model.clock import DAY_NS, MINUTE_NS
from model.errors import InvalidInputError
from model.queries import Group
from model.windows import Window, floor_minute
from slo import LOOKBACK_MARGIN_NS, Ledger, Objective, Rule, Status, budget_history, evaluate
from slo.counts import Int64s
from store import Store

HISTORY_POINTS = 60
Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Columns:
    """The counted minutes of one entity, ascending."""

    minute_ns: Int64s
    good: Int64s
    total: Int64s


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestAlert:
    """An alert that would have been sent, and when the formula has it come and go."""

    objective: str
    group: Group
    interval: AlertInterval
    prediction: Prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestEntity:
    """How one entity would have stood at the end, and how its budget went there."""

    objective: Objective
    group: Group
    status: Status
    history_ns: Int64s
    history_remaining: tuple[float | None, ...]

    @property
    def entity(self) -> str:
        """Return the group for people."""
        return render_group(self.group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """All that a backtest found, the alerts in the order of time."""

    window: Window
    alerts: tuple[BacktestAlert, ...]
    entities: tuple[BacktestEntity, ...]

    @property
    def budget_remaining(self) -> Fraction | None:
        """Return what is left to the entity that has least; None where nothing was counted."""
        left = [e.status.budget_remaining for e in self.entities if e.status.budget_remaining is not None]
        return min(left, default=None)


def run_backtest(store: Store, objectives: Sequence[Objective], window: Window, tell: Tell) -> Backtest:
    """Return what the objectives would have sent in `window`; `tell` hears how much is done, 0..1.

    Raises InvalidInputError for a window without a whole minute.
    """
    window = Window(start_ns=floor_minute(window.start_ns), end_ns=floor_minute(window.end_ns))
    if window.length_ns < MINUTE_NS:
        raise InvalidInputError("there is no minute to replay", remedy="give a --to at least a minute after --from")
    alerts: list[BacktestAlert] = []
    entities: list[BacktestEntity] = []
    for number, objective in enumerate(objectives):
        counted = _count(store, objective, window, partial(_tell_part, tell, number, len(objectives)))
        book = Book([objective], more_ns=window.length_ns)
        for group, columns in sorted(counted.items()):
            book.counted(objective.name, group).put_arrays(columns.minute_ns, columns.good, columns.total)
        for entity, _, ledger in book:
            alerts += _replayed(objective, entity.group, counted.get(entity.group), ledger, window)
            entities.append(_stand(objective, entity.group, ledger, window))
    alerts.sort(key=lambda alert: (alert.interval.fired_ns, alert.objective, alert.group))
    return Backtest(window=window, alerts=tuple(alerts), entities=tuple(entities))


def _tell_part(tell: Tell, done: int, of: int, share: float) -> None:
    tell((done + share) / of)


def _count(store: Store, objective: Objective, window: Window, tell: Tell) -> dict[Group, Columns]:
    """Return the counts of the window and of all that its first minute looks back on."""
    looked_back_ns = objective.window_ns + LOOKBACK_MARGIN_NS
    reach = Window(start_ns=floor_minute(window.start_ns - looked_back_ns), end_ns=window.end_ns)
    if read_counted_as(store).get(objective.name) == render_counting(objective):
        stored = store.read_sli(objective.name, reach)
        return {sli.group: Columns(sli.minute_ns, sli.good, sli.total) for sli in stored}
    rows: dict[Group, list[tuple[int, int, int]]] = defaultdict(list)
    for day in _days(objective, reach):
        born_ns = {group: of_group[0][0] for group, of_group in rows.items()}
        for minute in count_minutes(objective, store, day, born_ns=born_ns, closed_ns=window.end_ns):
            rows[minute.group].append((minute.minute_ns, minute.good, minute.total))
        tell((day.end_ns - reach.start_ns) / reach.length_ns)
    return {group: Columns(*np.array(sorted(of_group), dtype=np.int64).T) for group, of_group in rows.items()}


def _days(objective: Objective, reach: Window) -> Iterator[Window]:
    """Yield windows of whole slices, a day long or a slice where that is longer, that cover `reach` exactly once."""
    step_ns = max(DAY_NS, objective.slice_ns)
    start_ns = reach.start_ns // objective.slice_ns * objective.slice_ns
    while start_ns < reach.end_ns:
        end_ns = min(start_ns + step_ns // objective.slice_ns * objective.slice_ns, reach.end_ns)
        end_ns = -(-end_ns // objective.slice_ns) * objective.slice_ns
        yield Window(start_ns=start_ns, end_ns=end_ns)
        start_ns = end_ns


def _replayed(
    objective: Objective, group: Group, columns: Columns | None, ledger: Ledger, window: Window
) -> Iterator[BacktestAlert]:
    for interval in replay(objective, ledger, window):
        yield BacktestAlert(
            objective=objective.name,
            group=group,
            interval=interval,
            prediction=_predict(objective, columns, interval),
        )


def _predict(objective: Objective, columns: Columns | None, interval: AlertInterval) -> Prediction:
    """Return what the formula says; it is silent about silence, composites, and rules other than that of rates."""
    if columns is None or interval.tier not in objective.tiers or interval.tier.rule is not Rule.RATE:
        return Prediction(None, None)
    episode = find_episode(objective, columns.minute_ns, columns.good, columns.total, interval.fired_ns)
    return predict(objective, interval.tier, episode) if episode else Prediction(None, None)


def _stand(objective: Objective, group: Group, ledger: Ledger, window: Window) -> BacktestEntity:
    step_ns = max(MINUTE_NS, floor_minute(window.length_ns // HISTORY_POINTS))
    times = np.arange(window.start_ns + step_ns, window.end_ns + 1, step_ns, dtype=np.int64)
    remaining = budget_history(objective, ledger, times).budget_remaining
    return BacktestEntity(
        objective=objective,
        group=group,
        status=evaluate(objective, ledger, window.end_ns),
        history_ns=times,
        history_remaining=tuple(None if np.isnan(left) else float(left) for left in remaining),
    )
