"""The link board for whoever is on call: are pairs delivered, how late are heralds, what changed before."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import annotations, variables
from dashboards.board import Audience, Board, Way
from dashboards.counter_panels import rates, share, share_query, temperatures
from dashboards.distribution_panels import percentiles
from dashboards.domain_panels import open_alerts, states, status_table, worst_state
from dashboards.domains import LINK, in_sites
from dashboards.happening_panels import alarms, changes
from dashboards.look import RATIO, SECONDS, at_least, at_most
from dashboards.objective_panels import burn_panels, of_domain
from dashboards.panels import Head, stat
from dashboards.sql import bucket_sums, has_bounds, sql, view
from dashboards.telemetry_panels import data_age
from model.names import METRIC_LINK_FIDELITY, METRIC_LINK_HERALD_LATENCY, METRIC_LINK_HERALDS, METRIC_LINK_REQUESTS
from slo import PAGE, Objective

_SUCCEEDED = "outcome = 'success'"


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    own = of_domain(objectives, LINK)
    return Board(
        uid=LINK.uid("on-call"),
        title="Herald / Link / On call",
        question="Which link fails its users now, since when, and what changed before?",
        audience=Audience.ON_CALL,
        domain=LINK.name,
        variables=variables.of_domain(LINK),
        annotations=annotations.of_domain(LINK),
        ways=[
            Way(title="Debug", uid=LINK.uid("debug")),
            Way(title="Executive", uid=LINK.uid("executive"), keeps_time=False),
            Way(title="Home", uid="herald-home", keeps_time=False),
        ],
        rows=[
            _first_row(objectives),
            [_status()],
            burn_panels(own, LINK, PAGE, ("link.PO1",)),
            [_success(), _rate()],
            [_latency(), _fidelity()],
            [_alarms(), _temperatures()],
            [_changes(), _states()],
        ],
    )


def _first_row(objectives: Sequence[Objective]) -> list[core.Panel]:
    size = {"width": 4, "height": 4}
    target = next((float(each.target) for each in objectives if each.name == "link-entanglement-success"), None)
    return [
        worst_state(
            Head(
                id=1,
                title="Worst state",
                about="Worst state of any objective now; the table below says which",
                cites=("link.PO1",),
                **size,
            ),
            LINK,
        ),
        open_alerts(
            Head(id=2, title="Pages firing", about="Unresolved pages. Above 0: act now", cites=("link.PO1",), **size),
            LINK,
            "page",
        ),
        open_alerts(
            Head(
                id=3,
                title="Tickets firing",
                about="Unresolved tickets. Above 0: plan the repair",
                cites=("link.PO1",),
                **size,
            ),
            LINK,
            "ticket",
        ),
        data_age(
            Head(
                id=4,
                title="Age of newest sample",
                about="How old the newest request count is. Above a minute the numbers here are stale: check "
                "agents and collector",
                cites=("link.PO1", "link.PD4"),
                **size,
            ),
            LINK,
        ),
        stat(
            Head(
                id=5,
                title="Entanglement success now",
                about="Share of requests that got a pair in the newest step of each link",
                cites=("link.PO1", "link.M1"),
                **size,
            ),
            share_query(METRIC_LINK_REQUESTS, "link", _SUCCEEDED, LINK.chosen),
            unit=RATIO,
            decimals=1,
            steps=at_least(target) if target is not None else at_most(1, 1),
            sparkline=True,
        ),
        stat(
            Head(
                id=6,
                title="Heralding latency p95 in range",
                about="95th percentile over the chosen links. Spikes point at the classical channel",
                cites=("link.PO4", "link.M7"),
                **size,
            ),
            sql(
                """
                SELECT histogram_quantile(0.95, bounds, @buckets) AS "p95"
                FROM @view WHERE $__timeFilter(time) AND @bounds AND @chosen GROUP BY bounds
                """,
                buckets=bucket_sums(METRIC_LINK_HERALD_LATENCY),
                bounds=has_bounds(METRIC_LINK_HERALD_LATENCY),
                view=view(METRIC_LINK_HERALD_LATENCY),
                chosen=LINK.chosen,
            ),
            unit=SECONDS,
            decimals=1,
        ),
    ]


def _status() -> core.Panel:
    head = Head(
        id=7,
        title="Objectives, worst first",
        about="Every objective and link: what was attained over its rolling window, the budget left, how fast "
        "it burns, and whether an alert fires",
        cites=("link.PO1",),
        width=24,
    )
    return status_table(head, LINK)


def _success() -> core.Panel:
    head = Head(
        id=8,
        title="Entanglement success",
        about="Share of requests that got a pair before they timed out. A sudden fall is a connector or a "
        "laser (link.F1), a slow one drift",
        cites=("link.PO1", "link.M1"),
    )
    return share(head, METRIC_LINK_REQUESTS, "link", _SUCCEEDED, LINK.chosen)


def _rate() -> core.Panel:
    head = Head(
        id=9,
        title="Heralded pairs",
        about="Pairs per second. A fall while success holds means less demand; both falling is a fault",
        cites=("link.PO1",),
    )
    return rates(head, METRIC_LINK_HERALDS, "link", LINK.chosen, unit="suffix: pairs/s")


def _latency() -> core.Panel:
    head = Head(
        id=10,
        title="Heralding latency",
        about="From emission to confirmation, median, 95th and 99th percentile. Spikes: check the control "
        "network first",
        cites=("link.PO4", "link.M7"),
    )
    return percentiles(head, METRIC_LINK_HERALD_LATENCY, "link", LINK.chosen, 0.5, 0.95, 0.99)


def _fidelity() -> core.Panel:
    head = Head(
        id=11,
        title="Pair fidelity, worst tenth",
        about="10th percentile and median of fidelity. Low fidelity at a good rate is dark counts or "
        "dephasing, not loss",
        cites=("link.PO1", "link.M2"),
    )
    return percentiles(head, METRIC_LINK_FIDELITY, "link", LINK.chosen, 0.1, 0.5)


def _alarms() -> core.Panel:
    head = Head(
        id=12,
        title="Hardware alarms",
        about="Alarms that the site's devices raised themselves in the range; 'quiet' is good",
        cites=("link.PO5",),
    )
    return alarms(head, in_sites())


def _temperatures() -> core.Panel:
    head = Head(
        id=13,
        title="Cryostat stages",
        about="Temperature of the cryostats whose memories end the links",
        cites=("link.PO5",),
    )
    return temperatures(head, in_sites())


def _changes() -> core.Panel:
    head = Head(
        id=14,
        title="Calibrations and firmware",
        about="What changed in the range and in the week before, newest first. A change shortly before the "
        "burn is the first suspect",
        cites=("link.PO5",),
    )
    return changes(head, in_sites())


def _states() -> core.Panel:
    head = Head(
        id=15,
        title="State of every objective",
        about="OK, AT RISK, EXHAUSTED or NO DATA over time: whether one link fell or all at once",
        cites=("link.PO1",),
    )
    return states(head, LINK)
