"""What the boards of every domain share: first row, promises, telemetry, changes and the ways between them.

A domain's board adds its own rows; whoever knows one domain's board finds the way around the next one's.
"""

from collections.abc import Sequence

from grafanalib import core

from dashboards import annotations, variables
from dashboards.board import Audience, Board, Folded, Way
from dashboards.domains import Domain
from dashboards.objective_panels import burn_panels, of_domain, sli_stat
from dashboards.shared_panels import (
    Cites,
    ages,
    budgets,
    burning,
    device_alarms,
    latest_changes,
    log,
    record,
    state_of_each,
    status,
    telemetry,
    tiles,
)
from slo import PAGE, TICKET, Objective

Rows = Sequence[Sequence[core.Panel]]
OWN = 21
"""Panels of a domain's own are numbered from here on; the shared ones below it never change."""

_PROMISES, _BURNS = 19, 20


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
            Way(title="On call", uid=domain.uid("on-call")),
            Way(title="Debug", uid=domain.uid("debug")),
            Way(title="Home", uid="herald-home", keeps_time=False),
        ],
        rows=[tiles(domain, cites, met=own), *rows, budgets(domain, own, cites), [record(domain, cites)]],
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
            [*tiles(domain, cites), *now],
            [status(domain, cites)],
            *rows,
            [device_alarms(cites), latest_changes(changes_cite)],
            [burning(domain, cites), state_of_each(domain, cites)],
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
    own_log: core.Panel | None = None,
) -> Board:
    """Return the board for diagnosis; `more` are further variables, `own_log` stands in for the log of all events."""
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
        rows=[*rows, [own_log or log(cites)], [telemetry(domain, cites), ages(domain, cites)]],
    )
