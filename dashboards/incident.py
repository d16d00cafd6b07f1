"""The board of an incident: what fired, what changed, who hurt, and whether the telemetry held, on one clock.

Postmortems and alerts link here with the time range of the incident.
"""

from collections.abc import Sequence

from grafanalib import core

from dashboards import annotations, slo_rows, variables
from dashboards.board import Audience, Board, Way
from dashboards.counter_panels import share_query, temperatures
from dashboards.domain_panels import TALL, in_states, snapshots, states, troubled
from dashboards.domains import in_sites
from dashboards.happening_panels import alarms, changes, events
from dashboards.incident_panels import incidents
from dashboards.look import COUNT, RATIO, Step, at_most, none_expected
from dashboards.panels import Head, stat, timeseries
from dashboards.sql import sql
from dashboards.telemetry_panels import freshness, settled
from dashboards.trace_panels import latest_jobs
from model.names import (
    METRIC_HW_TEMPERATURE,
    METRIC_JOB_COMPLETIONS,
    METRIC_LINK_REQUESTS,
    METRIC_MEMORY_READS,
    METRIC_REPEATER_REQUESTS,
    SPAN_JOB,
)
from slo import Objective, State

_CITES = ("network.PE3", "memory.PE3")
_TILE = {"width": 6, "height": 4}
_HURT = in_states(State.AT_RISK, State.EXHAUSTED)
_WERE_HURT = troubled(State.AT_RISK, State.EXHAUSTED)
_UNSETTLED = ". While minutes of the range wait to be counted, a zero is not shown"
_FAILED = "outcome <> 'success'"


def build(_objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return Board(
        uid="herald-incident",
        title="Herald / Incident",
        question="What happened in this time, in which order, whom did it hurt, and what changed before?",
        audience=Audience.REVIEWER,
        variables=[variables.identity("site", "Site", METRIC_HW_TEMPERATURE)],
        annotations=[
            annotations.calibrations(in_sites()),
            annotations.changes(in_sites()),
            annotations.pages("true"),
            annotations.exclusions("true"),
        ],
        ways=[Way(title="Home", uid="herald-home", keeps_time=False), Way(title="SLO", uid="herald-slo")],
        rows=[
            _tiles(),
            [_alerts()],
            [_states(), _burn()],
            [_failures(), _changes()],
            [_temperatures(), _alarms()],
            [_jobs(), _freshness()],
            [_log()],
        ],
    )


def _tiles() -> list[core.Panel]:
    fired = "SELECT count(*) FROM slo.alert a WHERE $__timeFilter(a.fired_at) AND a.severity = '@severity'"
    hurt = "SELECT count(DISTINCT entity_id) FROM @snapshots WHERE @states"
    bad = "SELECT coalesce(sum(total - good), 0)::float8 FROM @counts"
    tiles = (
        (1, "Pages in range", sql(fired, severity="page"), none_expected()),
        (2, "Tickets in range", sql(fired, severity="ticket"), at_most(1, 10)),
        (3, "Objectives hurt", sql(hurt, snapshots=slo_rows.snapshots(), states=_HURT), none_expected()),
        (4, "Bad events", sql(bad, counts=slo_rows.counts_of_range()), at_most(1, 1000)),
    )
    about = {
        1: "Alerts of the range that woke somebody",
        2: "Alerts of the range that could wait",
        3: "Objectives and entities that were at risk or exhausted at any time of the range",
        4: "Events of all objectives that were not good: the impact, counted by promise",
    }
    return [
        _tile(Head(id=number, title=title, about=about[number] + _UNSETTLED, cites=_CITES, **_TILE), query, steps)
        for number, title, query, steps in tiles
    ]


def _tile(head: Head, query: str, steps: Sequence[Step]) -> core.Panel:
    """Return what a query of one number counted in the range."""
    number = sql(
        'SELECT @settled AS "In range" FROM (@query) AS counted (number)', settled=settled("number"), query=query
    )
    return stat(head, number, steps=steps, no_value="not yet counted")


def _alerts() -> core.Panel:
    head = Head(
        id=5,
        title="Alerts of the incident",
        about="What fired in the range and what still fires, with the budget now: the timeline of detection",
        cites=_CITES,
        width=24,
    )
    return incidents(head, "true", always_open=False)


def _states() -> core.Panel:
    head = Head(
        id=6,
        title="Objectives that were not OK, 30 worst",
        about="State of the objectives that were at risk or worse in the range: the first to turn is nearest to the "
        "cause",
        cites=_CITES,
        height=TALL,
    )
    return states(head, _WERE_HURT, no_value="no objective was seen at risk")


def _burn() -> core.Panel:
    head = Head(
        id=7,
        title="Burn rate over 5 min, 30 worst",
        about="How fast the budgets of those objectives went: where it begins and where it ends bound the incident",
        cites=_CITES,
        height=TALL,
    )
    query = snapshots("max(burn_5m)", _WERE_HURT)
    return timeseries(head, query, unit=COUNT, decimals=1, minimum=0, no_value="no objective was seen at risk")


def _failures() -> core.Panel:
    head = Head(
        id=8,
        title="Failures in every domain",
        about="Share of reads, pair requests, end-to-end requests and jobs that failed: which layer fell first",
        cites=("network.PE3", "memory.M2", "link.M1", "scaleup.M1", "network.M7"),
    )
    queries = [
        share_query(metric, f"'{word} ' || {column}", _FAILED, in_sites())
        for word, metric, column in (
            ("reads", METRIC_MEMORY_READS, "device"),
            ("pairs", METRIC_LINK_REQUESTS, "link"),
            ("end to end", METRIC_REPEATER_REQUESTS, "device"),
            ("jobs", METRIC_JOB_COMPLETIONS, "coalesce(backend, 'not placed')"),
        )
    ]
    return timeseries(head, *queries, unit=RATIO, decimals=1, minimum=0)


def _changes() -> core.Panel:
    head = Head(
        id=9,
        title="Calibrations and changes",
        about="What changed in the range and the week before, newest first: the first suspects",
        cites=("memory.PO4", "scaleup.PO5"),
    )
    return changes(head, in_sites())


def _temperatures() -> core.Panel:
    head = Head(
        id=10,
        title="Temperatures",
        about="Cryostat stages and rooms: a cause that all domains share",
        cites=("memory.PO3", "memory.F7"),
    )
    return temperatures(head, in_sites())


def _alarms() -> core.Panel:
    head = Head(
        id=11,
        title="Device alarms",
        about="Alarms that devices raised themselves in the range; 'quiet' is good",
        cites=("memory.PO3", "link.PO5"),
    )
    return alarms(head, in_sites())


def _jobs() -> core.Panel:
    head = Head(
        id=12,
        title="Jobs that failed",
        about="Traced jobs of the range that failed or timed out, with the reason; each leads to its stages",
        cites=("scaleup.PO1", "community.PO2"),
    )
    return latest_jobs(head, SPAN_JOB, in_sites(), uid="herald-scaleup-debug", failed=True)


def _freshness() -> core.Panel:
    head = Head(
        id=13,
        title="Gaps in telemetry",
        about="Newest sample of each site and metric, oldest first. What was not seen cannot be ruled out",
        cites=("link.PD4",),
    )
    return freshness(head, 'site AS "Site", metric AS "Metric"', in_sites())


def _log() -> core.Panel:
    head = Head(
        id=14,
        title="Event log",
        about="Everything that devices of the site logged, from a day before the range on, newest first",
        cites=("memory.PO4",),
        width=24,
        height=10,
    )
    return events(head, in_sites(), days=1)
