"""Panels that the boards of every domain have, under the same numbers and titles: they never change.

Whoever knows one domain's board finds the way around the next one's.
"""

from collections.abc import Sequence

from grafanalib import core

from dashboards.domain_panels import (
    TALL,
    budget_bars,
    budget_lines,
    burn_lines,
    objectives_met,
    open_alerts,
    page_record,
    states,
    status_table,
    worst_state,
)
from dashboards.domains import Domain, in_sites
from dashboards.happening_panels import alarms, changes, events
from dashboards.objective_panels import over_windows
from dashboards.panels import Head, Link
from dashboards.telemetry_panels import data_age, freshness, telemetry_state, telemetry_table
from slo import PAGE, TICKET, Objective

Cites = tuple[str, ...]
_TILE = {"width": 4, "height": 4}
_BARS = 10  # fifteen bars do


def tiles(domain: Domain, cites: Cites, *, met: Sequence[Objective] | None = None) -> list[core.Panel]:
    """Return the first row: how the promises stand, what fires, and whether telemetry lets one believe it.

    With the objectives of the domain as `met`, it begins with the share of them that is.
    """
    worst = Head(
        id=1,
        title="Worst state",
        about="Worst state of any objective now. AT RISK: a budget burns or less than a quarter is left; EXHAUSTED: "
        "stop risky changes; NO DATA: one was silent, which is not success",
        cites=cites,
        **_TILE,
    )
    kept = Head(
        id=2,
        title=over_windows("Objectives met", met or ()),
        about="Share of objectives and entities at or above target over the objective's window, of those that have "
        "data. Below 100 %: the "
        "table of missed promises says which",
        cites=cites,
        **_TILE,
    )
    pages = Head(
        id=3,
        title="Pages firing",
        about="Unresolved alerts that woke somebody, of promises and of rules without a budget. Above 0: act "
        "now, the page Alerts lists them",
        cites=cites,
        **_TILE,
    )
    tickets = Head(
        id=4,
        title="Tickets firing",
        about="Unresolved alerts that can wait for working hours, of promises and of rules. Above 0: plan the repair",
        cites=cites,
        **_TILE,
    )
    telemetry = Head(
        id=5,
        title="Telemetry",
        about="Worst telemetry of any entity over the last hour: LIVE, NO TRAFFIC (nothing was asked of it), "
        "PARTIAL (minutes are missing), STALE or NO DATA. Only LIVE lets the numbers beside it be trusted",
        cites=cites,
        **_TILE,
    )
    age = Head(
        id=6,
        title="Age of newest sample",
        about="Age of the newest count. Above a minute the numbers here are stale: check agents and collector",
        cites=cites,
        **_TILE,
    )
    counts = [open_alerts(pages, domain, PAGE), open_alerts(tickets, domain, TICKET)]
    if met is not None:
        return [
            worst_state(worst, domain), objectives_met(kept, domain), *counts, telemetry_state(telemetry, domain),
            data_age(age, domain),
        ]  # fmt: skip
    return [worst_state(worst, domain), *counts, telemetry_state(telemetry, domain)]


def budgets(domain: Domain, objectives: Sequence[Objective], cites: Cites) -> list[core.Panel]:
    """Return what is left of each budget, now and over time."""
    left = Head(
        id=7,
        title=over_windows("Budget left, 15 lowest", objectives),
        about="Share of the error budget that is left now, the 15 with the least. Below 25 % at risk, below 0 "
        "overspent",
        cites=cites,
        height=_BARS,
    )
    lines = Head(
        id=8,
        title="Error budget over time, 30 worst",
        about="How the 30 worst budgets were spent and came back as bad minutes left their window. A cliff is an "
        "incident, a slope is drift",
        cites=cites,
        height=_BARS,
    )
    return [budget_bars(left, domain.rows("s")), budget_lines(lines, domain)]


def record(domain: Domain, cites: Cites) -> core.Panel:
    """Return which promises were missed, and how often somebody was paged."""
    head = Head(
        id=9,
        title="Missed promises and pages",
        about="How often and how long each objective paged in the range, and whether its promise was kept. Start "
        "the review with the first row",
        cites=cites,
        width=24,
    )
    return page_record(head, domain)


def status(domain: Domain, cites: Cites) -> core.Panel:
    """Return every promise with its numbers, worst first."""
    head = Head(
        id=10,
        title="Objectives, worst first",
        about="What was attained over the objective's window, the budget left, how fast it burns, and whether "
        "an alert fires. Click the objective for diagnosis, its name for its detail",
        cites=cites,
        width=24,
    )
    chosen = f"var-{domain.column}=${{__data.fields.chosen}}&${{site:queryparam}}"
    url = f"/d/{domain.uid('debug')}?{chosen}&${{__url_time_range}}"
    link = Link(title="Diagnose", url=url)
    return status_table(head, domain.rows("s"), link=link, identity=f"s.{domain.column}")


def device_alarms(cites: Cites) -> core.Panel:
    """Return what devices of the chosen sites say of themselves."""
    head = Head(
        id=11,
        title="Device alarms",
        about="Alarms that the devices of the site raised themselves in the range; 'quiet' is good",
        cites=cites,
    )
    return alarms(head, in_sites())


def latest_changes(cites: Cites) -> core.Panel:
    """Return what was calibrated or changed."""
    head = Head(
        id=12,
        title="Calibrations and changes",
        about="Calibrations and changes of firmware, configuration, software and credentials, a week back. A change "
        "shortly before the burn is the first suspect",
        cites=cites,
    )
    return changes(head, in_sites())


def burning(domain: Domain, cites: Cites) -> core.Panel:
    """Return how fast each budget goes."""
    head = Head(
        id=13,
        title="Burn rate over 1 h, 30 worst",
        about="Speed at which the 30 worst budgets are spent, 1 = exactly used up in its window. Steep and "
        "common: one cause; the folded row below draws each with the thresholds that page",
        cites=cites,
        height=TALL,
    )
    return burn_lines(head, domain.rows())


def state_of_each(domain: Domain, cites: Cites) -> core.Panel:
    """Return how each promise stood over time."""
    head = Head(
        id=14,
        title="State of the 30 worst objectives",
        about="OK, AT RISK, EXHAUSTED or NO DATA of the 30 worst over time: whether one objective fell or all",
        cites=cites,
        height=TALL,
    )
    return states(head, domain.rows())


def log(cites: Cites) -> core.Panel:
    """Return the log of all events of the chosen sites."""
    head = Head(
        id=15,
        title="Event log",
        about="Everything the site's devices logged: calibrations, changes, alarms, from a week before the range on",
        cites=cites,
        width=24,
    )
    return events(head, in_sites())


def telemetry(domain: Domain, cites: Cites) -> core.Panel:
    """Return how the telemetry of each entity stands."""
    head = Head(
        id=16,
        title="State of telemetry",
        about="LIVE, NO TRAFFIC, PARTIAL, STALE or NO DATA for each entity, with what it was judged by over the "
        "hour before the range ends. Not LIVE: distrust small differences",
        cites=cites,
    )
    return telemetry_table(head, domain)


def ages(domain: Domain, cites: Cites) -> core.Panel:
    """Return how old the newest sample of each metric is."""
    head = Head(
        id=17,
        title="Age of telemetry",
        about="Newest sample of each metric, oldest first. Some are measured once an hour or a day; one older than "
        "its next measurement is a sick sensor, all of them a sick agent",
        cites=cites,
    )
    return freshness(head, f'metric AS "Metric", {domain.column} AS "{domain.entity}"', domain.chosen)
