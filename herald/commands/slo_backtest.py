"""`herald slo backtest`: what an alert policy would have sent, replayed against stored history."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from herald.backtest import Backtest, BacktestAlert, BacktestEntity, run_backtest
from herald.commands.options import AsJson, Data, DatabaseUrl
from herald.databases import find_database
from herald.moments import parse_moment
from herald.output import print_json, print_table, progress_bar, say
from herald.settings import DEFAULT_DATA, DataDirectory
from herald.standings import render_group
from model.clock import format_time
from model.windows import Window, floor_minute
from reports.numbers import render_count, render_ratio
from slo.openslo import load_objectives
from store import Store

_BARS = "▁▂▃▄▅▆▇█"
_SPENT, _UNKNOWN = "✗", " "


def backtest(
    files: Annotated[
        list[Path], typer.Argument(help="OpenSLO v1 files; references are resolved across all of them.")
    ],
    *,
    start: Annotated[str, typer.Option("--from", help="ISO 8601, or now-7d.")],
    end: Annotated[str, typer.Option("--to", help="ISO 8601, or now.")],
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Replay the alert policy of files against stored history: pages, tickets, and what the budget would have been.

    Nothing is written. Predicted times are the formula's, for the mean bad share of the episode around the alert.
    """
    objectives = load_objectives(files)
    now_ns = floor_minute(time.time_ns())
    window = Window(start_ns=parse_moment(start, now_ns), end_ns=parse_moment(end, now_ns))
    with Store(find_database(database, DataDirectory(data))) as store, progress_bar("counting history") as tell:
        found = run_backtest(store, objectives, window, tell)
    if as_json:
        print_json(as_document(found))
        return
    _print_alerts(found.alerts)
    _print_entities(found.entities)


def as_document(found: Backtest) -> dict[str, Any]:
    """Return the backtest as one JSON document."""
    remaining = found.budget_remaining
    return {
        "from": format_time(found.window.start_ns),
        "to": format_time(found.window.end_ns),
        "alerts": [_alert(alert) for alert in found.alerts],
        "budget_remaining": None if remaining is None else float(remaining),
        "entities": [_entity(entity) for entity in found.entities],
    }


def draw_course(remaining: Sequence[float | None]) -> str:
    """Return the course of a budget as a line of bars: full, sinking, and crosses where it is overspent.

    >>> draw_course([1.0, 0.5, 0.0, -0.2, None])
    '█▅▁✗ '
    """
    return "".join(_draw(left) for left in remaining)


def _draw(left: float | None) -> str:
    if left is None:
        return _UNKNOWN
    return _SPENT if left < 0 else _BARS[min(len(_BARS) - 1, int(left * len(_BARS)))]


def _alert(alert: BacktestAlert) -> dict[str, Any]:
    interval, prediction = alert.interval, alert.prediction
    return {
        "objective": alert.objective,
        "group": dict(alert.group),
        "tier": interval.tier.name,
        "severity": interval.tier.severity,
        "fired_at": format_time(interval.fired_ns),
        "resolved_at": _moment(interval.resolved_ns),
        "predicted_fired_at": _moment(prediction.fired_ns),
        "predicted_resolved_at": _moment(prediction.resolved_ns),
    }


def _entity(entity: BacktestEntity) -> dict[str, Any]:
    remaining = entity.status.budget_remaining
    return {
        "objective": entity.objective.name,
        "group": dict(entity.group),
        "good": entity.status.good,
        "total": entity.status.total,
        "coverage": float(entity.status.coverage),
        "budget_remaining": None if remaining is None else float(remaining),
        "state": entity.status.state.value,
        "history": [
            {"at": format_time(at_ns), "budget_remaining": left}
            for at_ns, left in zip(entity.history_ns.tolist(), entity.history_remaining, strict=True)
        ],
    }


def _print_alerts(alerts: Sequence[BacktestAlert]) -> None:
    severities = [alert.interval.tier.severity for alert in alerts]
    say(f"{severities.count('page')} pages and {severities.count('ticket')} tickets would have been sent")
    if not alerts:
        return
    columns = ("Objective", "Entity", "Tier", "Severity", "Fired", "By the formula", "Resolved", "By the formula")
    print_table(columns, [_row(alert) for alert in alerts])


def _row(alert: BacktestAlert) -> tuple[str, ...]:
    interval, prediction = alert.interval, alert.prediction
    return (
        alert.objective,
        render_group(alert.group),
        interval.tier.name,
        interval.tier.severity,
        format_time(interval.fired_ns),
        _moment(prediction.fired_ns) or "-",
        _moment(interval.resolved_ns) or "still firing",
        _moment(prediction.resolved_ns) or "-",
    )


def _print_entities(entities: Sequence[BacktestEntity]) -> None:
    rows = [
        (
            entity.objective.name,
            entity.entity,
            f"{render_count(entity.status.bad)} of {render_count(entity.status.total)}",
            render_ratio(_float(entity.status.budget_remaining), 1),
            draw_course(entity.history_remaining),
        )
        for entity in entities
    ]
    print_table(("Objective", "Entity", "Bad", "Budget left", "Course of the budget"), rows)


def _moment(at_ns: int | None) -> str | None:
    return None if at_ns is None else format_time(at_ns)


def _float(number: Any) -> float | None:
    return None if number is None else float(number)
