"""Collect what a report says from the stored minutes, alerts, exclusions and rollups."""

from collections.abc import Iterable, Iterator, Sequence

from herald.report_period import ReportPeriod, month_label, months_before
from herald.slo_reports.configuration import digest_configuration
from herald.slo_reports.corrections import Counted, collect_corrections, count_without_exclusions
from herald.slo_reports.incidents import collect_incidents
from herald.slo_reports.rows import Around, build_row, spent_share
from herald.slo_reports.scope import ReportScope
from herald.standings import (
    Standing,
    read_exclusions,
    read_judged,
    read_standings,
    render_group,
    with_uncounted,
)
from model.clock import MINUTE_NS
from model.errors import InvalidInputError
from model.queries import Group
from model.registry import load_registry
from model.windows import Window, parse_duration
from reports.report_facts import Basis, Metered, Month, ReportAlert
from reports.slo_report import Report, build_report
from slo import PAGE, TICKET, Objective, split_component
from slo.composite import add_up
from store import AlertRow, Store

MONTHS = 12


def collect_report(
    store: Store,
    objectives: Sequence[Objective],
    period: ReportPeriod,
    *,
    version: str,
    service: str = "",
    as_of_ns: int | None = None,
    web_url: str = "",
) -> Report:
    """Return the report over a period, as far as it has been judged; of one `service` the objectives are its own.

    The budget is that of the report's own window: a 7 d report judges 7 days. What happened to alerts and incidents
    after `as_of_ns`, by default the end of the last judged minute, is left out. Raises InvalidInputError where
    nothing of the period has been judged.
    """
    window = period.window
    known_ns = read_judged(store) if as_of_ns is None else as_of_ns
    at_ns, counted = read_standings(store, objectives, as_of_ns=window.end_ns, reach_ns=window.length_ns)
    standings = with_uncounted(counted, objectives, at_ns)
    exclusions = read_exclusions(store)
    if not any(standing.ledger.counts(window.end_ns, window.length_ns).total for standing in standings):
        raise InvalidInputError(f"nothing was counted in {period.label}", remedy="choose another period")
    speaks = ReportScope.of(objectives) if service else ReportScope()
    around = Around(
        window=window,
        exclusions=exclusions,
        without=count_without_exclusions(store, standings, exclusions, window),
        before=_count_before(store, objectives, window),
        months=_count_months(store, objectives, period),
    )
    hurt = Window(start_ns=window.start_ns, end_ns=max(window.end_ns, known_ns))
    own = {alert.alert_id for alert in store.read_alerts(hurt) if speaks.of_alert(alert)}
    incidents = [row for row in store.read_incidents(hurt) if speaks.of_incident(row, own)]
    return build_report(
        basis=Basis(
            window=window,
            period_end_ns=period.ends_ns,
            as_of_ns=known_ns,
            zone=period.zone,
            configuration=digest_configuration(objectives),
            version=version,
        ),
        label=period.label,
        subject=service or "the fleet",
        rows=[build_row(standing, around) for standing in standings],
        alerts=_alerts(filter(speaks.of_alert, store.read_alerts(window)), standings, window, known_ns),
        incidents=collect_incidents(store, objectives, incidents, standings, window, as_of_ns=known_ns),
        corrections=collect_corrections(store, standings, exclusions, around.without, window),
        metered=_meter(store, speaks, window),
        web_url=web_url,
    )


def _count_before(store: Store, objectives: Sequence[Objective], window: Window) -> Counted:
    """Return what the window of the same length before this one counted."""
    edges = (window.start_ns - window.length_ns, window.start_ns)
    return {
        (objective.name, group): cells[0]
        for objective in objectives
        for group, cells in _sum(store, objective, edges).items()
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
        for group, cells in _sum(store, objective, edges).items()
    }


def _sum(store: Store, objective: Objective, edges: Sequence[int]) -> dict[Group, list[tuple[int, int]]]:
    """Return good and all events between each two edges, those of a composite added up from its components."""
    sums = store.sum_sli(objective.name, edges)
    if not objective.keeps_components_apart:
        return sums
    by_entity: dict[Group, dict[str, list[tuple[int, int]]]] = {}
    for group, cells in sums.items():
        entity, component = split_component(group)
        by_entity.setdefault(entity, {})[component] = cells
    return {
        entity: [
            add_up(objective, {name: cells[place] for name, cells in parts.items()})
            for place in range(len(edges) - 1)
        ]
        for entity, parts in by_entity.items()
    }


def _alerts(
    alerts: Iterable[AlertRow], standings: Sequence[Standing], window: Window, as_of_ns: int
) -> Iterator[ReportAlert]:
    """Yield what somebody was told of inside the window: what is only for their information needs nobody."""
    of = {(each.objective.name, each.group): each for each in standings}
    for alert in alerts:
        if alert.fired_ns > window.start_ns and alert.severity in (PAGE, TICKET):
            standing = of.get((alert.objective, alert.group))
            over = alert.resolved_ns is not None and alert.resolved_ns <= as_of_ns
            yield ReportAlert(
                objective=alert.objective,
                entity=render_group(alert.group),
                tier=alert.tier,
                severity=alert.severity,
                fired_ns=alert.fired_ns,
                resolved_ns=alert.resolved_ns if over else None,
                spent=None if standing is None or not alert.long_window else _spent(alert, standing, window),
            )


def _spent(alert: AlertRow, standing: Standing, window: Window) -> float | None:
    """Return the share of the window's budget that went from before the alert fired until it resolved."""
    start_ns = max(alert.fired_ns - parse_duration(alert.long_window), window.start_ns)
    end_ns = min(alert.resolved_ns or window.end_ns, window.end_ns) // MINUTE_NS * MINUTE_NS
    return spent_share(standing, Window(start_ns=start_ns, end_ns=end_ns), window)


def _meter(store: Store, speaks: ReportScope, window: Window) -> list[Metered]:
    metrics = load_registry().metrics
    billed = [metric.name for metric in metrics.values() if metric.billed and speaks.of_metric(metric)]
    return [
        Metered(tenant=tenant, device=device, metric=metric, amount=amount, unit=metrics[metric].unit)
        for metric, device, tenant, amount in store.read_used(billed, window)
    ]
