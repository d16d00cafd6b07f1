"""Collect what a report says from the stored minutes, alerts, exclusions and rollups."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herald.slo_reports.corrections import Counted, collect_corrections, count_without_exclusions
from herald.slo_reports.period import ReportPeriod, month_label, months_before
from herald.slo_reports.scope import BILLED, ReportScope
from herald.standings import Standing, count_excluded, read_exclusions, read_standings, render_group, with_uncounted
from model.clock import HOUR_NS, MINUTE_NS
from model.errors import InvalidInputError
from model.queries import Group
from model.registry import load_registry
from model.windows import Window, parse_duration
from reports.report_facts import Metered, Month, ReportAlert, ReportIncident
from reports.slo_report import Report, ReportRow, build_report
from slo import Exclusion, Objective
from slo.counts import Int64s
from slo.status import budget_remaining, coverage_of, state_of
from store import AlertRow, IncidentRow, Store

MONTHS = 12
_POINTS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What rows say beside the standings themselves."""

    window: Window
    exclusions: Sequence[Exclusion]
    without: Counted
    before: Counted
    months: Mapping[tuple[str, Group], tuple[Month, ...]]


def collect_report(
    store: Store, objectives: Sequence[Objective], period: ReportPeriod, *, version: str, service: str = ""
) -> Report:
    """Return the report over a period, as far as it has been judged; of one `service` the objectives are its own.

    The budget is that of the report's own window: a 7 d report judges 7 days. Raises InvalidInputError where nothing
    of the period has been judged.
    """
    length_ns = period.window.length_ns
    at_ns, counted = read_standings(store, objectives, as_of_ns=period.window.end_ns, reach_ns=length_ns)
    standings = with_uncounted(counted, objectives, at_ns)
    window, exclusions = period.window, read_exclusions(store)
    if not any(standing.ledger.counts(window.end_ns, length_ns).total for standing in standings):
        raise InvalidInputError(f"nothing was counted in {period.label}", remedy="choose another period")
    speaks = ReportScope.of(objectives) if service else ReportScope()
    around = _Around(
        window=window,
        exclusions=exclusions,
        without=count_without_exclusions(store, standings, exclusions, window),
        before=_count_before(store, objectives, window),
        months=_count_months(store, objectives, period),
    )
    return build_report(
        window=window,
        label=period.label,
        subject=service or "the fleet",
        version=version,
        rows=[_row(standing, around) for standing in standings],
        alerts=_alerts(filter(speaks.of_alert, store.read_alerts(window)), standings, window),
        incidents=_incidents(filter(speaks.of_incident, store.read_incidents(window)), window),
        corrections=collect_corrections(store, standings, exclusions, around.without, window),
        metered=_meter(store, [metric for metric in BILLED if speaks.of_metric(metric)], window),
    )


def _row(standing: Standing, around: _Around) -> ReportRow:
    window = around.window
    objective, ledger = standing.objective, standing.ledger
    key = objective.name, standing.group
    counts = ledger.counts(window.end_ns, window.length_ns)
    remaining = budget_remaining(counts, objective.error_budget)
    expected = ledger.minutes_expected(window.end_ns, window.length_ns)
    history_ns, history = _burn_down(standing, window)
    worst_ns, worst_bad = _worst_hour(standing, window)
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
        coverage=float(coverage_of(objective, counts.minutes, expected)),
        remaining=None if remaining is None else float(remaining),
        state=state_of(remaining).value,
        history_ns=history_ns,
        history_remaining=history,
        excluded_minutes=count_excluded(around.exclusions, objective, standing.group, window),
        without_exclusions=around.without.get(key),
        before=around.before.get(key),
        months=around.months.get(key, ()),
        worst_hour_ns=worst_ns,
        worst_hour_bad=worst_bad,
    )


def _burn_down(standing: Standing, window: Window) -> tuple[Int64s, NDArray[np.float64]]:
    """Return moments of the window, and the share of its budget that was left then; nothing without events."""
    step_ns = max(HOUR_NS, window.length_ns // _POINTS // HOUR_NS * HOUR_NS)
    times = np.append(np.arange(window.start_ns, window.end_ns, step_ns, dtype=np.int64), window.end_ns)
    bad = standing.ledger.sums().counts(times, times - window.start_ns).bad
    budget = float(standing.objective.error_budget) * standing.ledger.counts(window.end_ns, window.length_ns).total
    return (times, 1 - bad / budget) if budget else (times[:0], np.zeros(0))


def _worst_hour(standing: Standing, window: Window) -> tuple[int | None, int]:
    """Return the start of the hour in which most events failed, and how many; None where none did.

    Hours run from the start of the window; the last may be cut short by its end.
    """
    starts = np.arange(window.start_ns, window.end_ns, HOUR_NS, dtype=np.int64)
    ends = np.minimum(starts + HOUR_NS, window.end_ns)
    bad = standing.ledger.sums().counts(ends, ends - starts).bad
    index = int(np.argmax(bad))
    return (int(starts[index]), int(bad[index])) if bad[index] else (None, 0)


def _count_before(store: Store, objectives: Sequence[Objective], window: Window) -> Counted:
    """Return what the window of the same length before this one counted."""
    edges = (window.start_ns - window.length_ns, window.start_ns)
    return {
        (objective.name, group): cells[0]
        for objective in objectives
        if not objective.keeps_components_apart
        for group, cells in store.sum_sli(objective.name, edges).items()
    }


def _count_months(
    store: Store, objectives: Sequence[Objective], period: ReportPeriod
) -> dict[tuple[str, Group], tuple[Month, ...]]:
    months = months_before(period.window.end_ns, period.zone, MONTHS)
    edges = [*(month.start_ns for month in months), min(months[-1].end_ns, period.window.end_ns)]
    labels = [month_label(month, period.zone) for month in months]
    return {
        (objective.name, group): tuple(
            Month(label=label, good=good, total=total)
            for label, (good, total) in zip(labels, cells, strict=True)
            if total
        )
        for objective in objectives
        if not objective.keeps_components_apart
        for group, cells in store.sum_sli(objective.name, edges).items()
    }


def _alerts(alerts: Iterable[AlertRow], standings: Sequence[Standing], window: Window) -> Iterator[ReportAlert]:
    of = {(each.objective.name, each.group): each for each in standings}
    for alert in alerts:
        if alert.fired_ns > window.start_ns:
            standing = of.get((alert.objective, alert.group))
            yield ReportAlert(
                objective=alert.objective,
                entity=render_group(alert.group),
                tier=alert.tier,
                severity=alert.severity,
                fired_ns=alert.fired_ns,
                resolved_ns=alert.resolved_ns,
                spent=None if standing is None or not alert.long_window else _spent(alert, standing, window),
            )


def _incidents(rows: Iterable[IncidentRow], window: Window) -> Iterator[ReportIncident]:
    """Yield the incidents that were detected inside the window."""
    for row in rows:
        if window.start_ns < row.detected_ns <= window.end_ns:
            yield ReportIncident(
                incident_id=row.incident_id,
                title=row.title,
                domain=row.domain,
                detected_ns=row.detected_ns,
                acknowledged_ns=row.acknowledged_ns,
                acknowledged_by=row.acknowledged_by,
            )


def _spent(alert: AlertRow, standing: Standing, window: Window) -> float | None:
    """Return the share of the window's budget that went from before the alert fired until it resolved."""
    start_ns = alert.fired_ns - parse_duration(alert.long_window)
    end_ns = min(alert.resolved_ns or window.end_ns, window.end_ns) // MINUTE_NS * MINUTE_NS
    budget = float(standing.objective.error_budget) * standing.ledger.counts(window.end_ns, window.length_ns).total
    return standing.ledger.counts(end_ns, end_ns - start_ns).bad / budget if budget else None


def _meter(store: Store, metrics: Sequence[str], window: Window) -> list[Metered]:
    registry = load_registry()
    return [
        Metered(tenant=tenant, device=device, metric=metric, amount=amount, unit=registry.metrics[metric].unit)
        for metric, device, tenant, amount in store.read_used(metrics, window)
    ]
