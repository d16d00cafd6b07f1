"""Collect what a report says from the stored minutes, budgets and alerts."""

from collections.abc import Sequence

import numpy as np

from herald.standings import Standing, count_excluded, read_exclusions, read_standings, render_group
from model.clock import DAY_NS, HOUR_NS
from model.errors import InvalidInputError
from model.windows import Window, render_duration
from reports.slo_report import Report, ReportAlert, ReportRow, build_report
from slo import Exclusion, Objective, budget_history
from slo.status import budget_remaining
from store import Store

LONGEST_NS = 28 * DAY_NS
_POINTS = 120


def collect_report(store: Store, objectives: Sequence[Objective], *, length_ns: int, version: str) -> Report:
    """Return the report over the `length_ns` before the last judged minute.

    The budget is that of the report's own window: a 7 d report judges 7 days. Its course is that of the objective's
    rolling window, as the pages show it.
    """
    if length_ns > LONGEST_NS:
        raise InvalidInputError(
            f"a report of {render_duration(length_ns)} would leave out what is no longer looked back on",
            remedy=f"give a --window of at most {render_duration(LONGEST_NS)}",
        )
    at_ns, standings = read_standings(store, objectives)
    window = Window(start_ns=at_ns - length_ns, end_ns=at_ns)
    alerts = [
        ReportAlert(
            objective=alert.objective,
            entity=render_group(alert.group),
            tier=alert.tier,
            severity=alert.severity,
            fired_ns=alert.fired_ns,
            resolved_ns=alert.resolved_ns,
        )
        for alert in store.read_alerts(window)
        if alert.fired_ns > window.start_ns
    ]
    exclusions = read_exclusions(store)
    rows = [_row(standing, window, exclusions) for standing in standings]
    return build_report(window=window, version=version, rows=rows, alerts=alerts)


def _row(standing: Standing, window: Window, exclusions: Sequence[Exclusion]) -> ReportRow:
    objective, ledger = standing.objective, standing.ledger
    counts = ledger.counts(window.end_ns, window.length_ns)
    remaining = budget_remaining(counts, objective.error_budget)
    expected = ledger.minutes_expected(window.end_ns, window.length_ns)
    step_ns = max(HOUR_NS, window.length_ns // _POINTS // HOUR_NS * HOUR_NS)
    times = np.arange(window.start_ns + step_ns, window.end_ns + 1, step_ns, dtype=np.int64)
    history = budget_history(objective, ledger, times)
    known = ~np.isnan(history.budget_remaining)
    return ReportRow(
        objective=objective.name,
        display_name=objective.display_name or objective.name,
        domain=objective.domain,
        owner=objective.owner,
        catalogue_id=objective.catalogue_id,
        entity=standing.entity,
        target=float(objective.target),
        good=counts.good,
        total=counts.total,
        coverage=min(1.0, counts.minutes / expected) if expected else 0.0,
        remaining=None if remaining is None else float(remaining),
        state=standing.status.state.value,
        history_ns=times[known],
        history_remaining=history.budget_remaining[known],
        excluded_minutes=count_excluded(exclusions, objective, standing.group, window),
    )
