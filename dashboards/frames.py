"""What the boards of every domain share: first row, promises, telemetry, changes and the ways between them.

A domain's board adds its own rows; whoever knows one domain's board finds the way around the next one's.
"""

from collections.abc import Sequence

from grafanalib import core

from dashboards import annotations, variables
from dashboards.board import Audience, Board, Folded, Way
from dashboards.domain_panels import (
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
from dashboards.objective_panels import burn_panels, of_domain, sli_stat
from dashboards.panels import Head, Link
from dashboards.telemetry_panels import data_age, freshness, telemetry_state, telemetry_table
from slo import PAGE, TICKET, Objective

Rows = Sequence[Sequence[core.Panel]]
Cites = tuple[str, ...]
OWN = 21
"""Panels of a domain's own are numbered from here on; the shared ones below it never change."""

_PROMISES, _BURNS = 19, 20
_TILE = {"width": 4, "height": 4}


def executive(
    domain: Domain,
    objectives: Sequence[Objective],
    *,
    question: str,
    cites: Cites,
    rows: Rows,
    more: Sequence[core.Template] = (),
) -> Board:
    """Return the board for those who answer for the service."""
    own = of_domain(objectives, domain)
    return Board(
        uid=domain.uid("executive"),
        title=f"Herald / {domain.title} / Executive",
        question=question,
        audience=Audience.EXECUTIVE,
        domain=domain.name,
        variables=[*variables.of_domain(domain), *more],
        annotations=annotations.of_domain(domain),
        ways=[
            Way(title="On call", uid=domain.uid("on-call"), keeps_time=False),
            Way(title="Debug", uid=domain.uid("debug"), keeps_time=False),
            Way(title="Home", uid="herald-home", keeps_time=False),
        ],
        rows=[_tiles(domain, cites), *rows, _budgets(domain, cites), [_record(domain, cites)]],
        folded=[
            Folded(
                id=_PROMISES,
                title="Each promise and how fast its budget goes",
                panels=[
                    *(sli_stat(objective, domain, cites) for objective in own),
                    *burn_panels(own, domain, TICKET, cites),
                ],
            )
        ],
    )


def on_call(
    domain: Domain,
    objectives: Sequence[Objective],
    *,
    question: str,
    cites: Cites,
    now: Sequence[core.Panel],
    rows: Rows,
    changes_cite: Cites,
    more: Sequence[core.Template] = (),
) -> Board:
    """Return the board for whoever is on call; `now` are two tiles for the first row."""
    own = of_domain(objectives, domain)
    return Board(
        uid=domain.uid("on-call"),
        title=f"Herald / {domain.title} / On call",
        question=question,
        audience=Audience.ON_CALL,
        domain=domain.name,
        variables=[*variables.of_domain(domain), *more],
        annotations=annotations.of_domain(domain),
        ways=[
            Way(title="Debug", uid=domain.uid("debug")),
            Way(title="Executive", uid=domain.uid("executive"), keeps_time=False),
            Way(title="Home", uid="herald-home", keeps_time=False),
        ],
        rows=[
            [*_tiles(domain, cites, met=False), *now],
            [_status(domain, cites)],
            *rows,
            [_alarms(cites), _changes(changes_cite)],
            [_burn(domain, cites), _states(domain, cites)],
        ],
        folded=[
            Folded(
                id=_BURNS,
                title="Burn rates with the thresholds that page",
                panels=burn_panels(own, domain, PAGE, cites),
            )
        ],
    )


def debug(
    domain: Domain,
    *,
    question: str,
    cites: Cites,
    rows: Rows,
    more: Sequence[core.Template] = (),
    log: core.Panel | None = None,
) -> Board:
    """Return the board for diagnosis; `more` are further variables, `log` stands in for the log of all events."""
    return Board(
        uid=domain.uid("debug"),
        title=f"Herald / {domain.title} / Debug",
        question=question,
        audience=Audience.DEBUG,
        domain=domain.name,
        variables=[*variables.of_domain(domain), *more],
        annotations=annotations.of_domain(domain),
        ways=[
            Way(title="On call", uid=domain.uid("on-call")),
            Way(title="Executive", uid=domain.uid("executive"), keeps_time=False),
            Way(title="Home", uid="herald-home", keeps_time=False),
        ],
        rows=[*rows, [log or _log(cites)], [_telemetry(domain, cites), _freshness(domain, cites)]],
    )


def _tiles(domain: Domain, cites: Cites, *, met: bool = True) -> list[core.Panel]:
    worst = Head(
        id=1,
        title="Worst state",
        about="Worst state of any objective now. AT RISK: a budget burns or less than a quarter is left; EXHAUSTED: "
        "stop risky changes; NO DATA is not success",
        cites=cites,
        **_TILE,
    )
    kept = Head(
        id=2,
        title="Objectives met, rolling window",
        about="Share of objectives and entities at or above target over the objective's window. Below 100 %: the "
        "table of missed promises says which",
        cites=cites,
        **_TILE,
    )
    pages = Head(
        id=3,
        title="Pages firing",
        about="Unresolved alerts that woke somebody. Above 0: act now",
        cites=cites,
        **_TILE,
    )
    tickets = Head(
        id=4,
        title="Tickets firing",
        about="Unresolved alerts that can wait for working hours. Above 0: plan the repair",
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
    if met:
        return [
            worst_state(worst, domain), objectives_met(kept, domain), *counts, telemetry_state(telemetry, domain),
            data_age(age, domain),
        ]  # fmt: skip
    return [worst_state(worst, domain), *counts, telemetry_state(telemetry, domain)]


def _budgets(domain: Domain, cites: Cites) -> list[core.Panel]:
    left = Head(
        id=7,
        title="Error budget left, rolling window",
        about="Share of the error budget that is left now, the 15 with the least. Below 25 % at risk, below 0 "
        "overspent",
        cites=cites,
    )
    lines = Head(
        id=8,
        title="Error budget over time",
        about="How each budget was spent and came back as bad minutes left the rolling window. A cliff is an "
        "incident, a slope is drift",
        cites=cites,
    )
    return [budget_bars(left, domain.rows("s")), budget_lines(lines, domain)]


def _record(domain: Domain, cites: Cites) -> core.Panel:
    head = Head(
        id=9,
        title="Missed promises and pages",
        about="How often and how long each objective paged in the range, and whether its promise was kept. Start "
        "the review with the first row",
        cites=cites,
        width=24,
    )
    return page_record(head, domain)


def _status(domain: Domain, cites: Cites) -> core.Panel:
    head = Head(
        id=10,
        title="Objectives, worst first",
        about="What was attained over the rolling window, the budget left, how fast it burns, and whether an alert "
        "fires. Click the objective for diagnosis, its name for its detail",
        cites=cites,
        width=24,
    )
    url = f"/d/{domain.uid('debug')}?var-{domain.column}=${{__data.fields.Entity}}&${{__url_time_range}}"
    return status_table(head, domain.rows("s"), link=Link(title="Diagnose", url=url))


def _alarms(cites: Cites) -> core.Panel:
    head = Head(
        id=11,
        title="Device alarms",
        about="Alarms that the devices of the site raised themselves in the range; 'quiet' is good",
        cites=cites,
    )
    return alarms(head, in_sites())


def _changes(cites: Cites) -> core.Panel:
    head = Head(
        id=12,
        title="Calibrations and changes",
        about="Calibrations and changes of firmware, configuration, software and credentials, a week back. A change "
        "shortly before the burn is the first suspect",
        cites=cites,
    )
    return changes(head, in_sites())


def _burn(domain: Domain, cites: Cites) -> core.Panel:
    head = Head(
        id=13,
        title="Burn rate over 1 h",
        about="Speed at which each budget is spent, 1 = exactly used up in its window. Steep and common: one cause; "
        "the folded row below draws each with the thresholds that page",
        cites=cites,
    )
    return burn_lines(head, domain.rows())


def _states(domain: Domain, cites: Cites) -> core.Panel:
    head = Head(
        id=14,
        title="State of every objective",
        about="OK, AT RISK, EXHAUSTED or NO DATA over time: whether one objective fell or all at once",
        cites=cites,
    )
    return states(head, domain.rows())


def _log(cites: Cites) -> core.Panel:
    head = Head(
        id=15,
        title="Event log",
        about="Everything the site's devices logged: calibrations, changes, alarms, from a week before the range on",
        cites=cites,
        width=24,
    )
    return events(head, in_sites())


def _telemetry(domain: Domain, cites: Cites) -> core.Panel:
    head = Head(
        id=16,
        title="State of telemetry",
        about="LIVE, NO TRAFFIC, PARTIAL, STALE or NO DATA for each entity, with what it was judged by over the "
        "hour before the range ends. Not LIVE: distrust small differences",
        cites=cites,
    )
    return telemetry_table(head, domain)


def _freshness(domain: Domain, cites: Cites) -> core.Panel:
    head = Head(
        id=17,
        title="Age of telemetry",
        about="Newest sample of each metric, oldest first. One old metric is a sick sensor, all of them a sick agent",
        cites=cites,
    )
    return freshness(head, f'metric AS "Metric", {domain.column} AS "{domain.entity}"', domain.chosen)
