"""The first board: every objective of the fleet, what is firing, and whether the data are fresh."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import annotations, variables
from dashboards.board import Audience, Board, Way
from dashboards.domain_panels import TALL, budget_bars, states, status_table, troubled
from dashboards.domains import AUDIENCES, DOMAINS, in_sites
from dashboards.incident_panels import REACHES_PEOPLE, incidents
from dashboards.look import COUNT, GOOD, GREY, SECONDS, WARN, Step, none_expected, state_mappings
from dashboards.objective_panels import over_windows
from dashboards.panels import Column, Head, Link, stat, table, timeseries
from dashboards.sql import UNTIL_NOW, sql
from dashboards.telemetry_panels import FRESH_STEPS, freshness
from model.names import ATTR_HW_ID, METRIC_HW_TEMPERATURE
from slo import Objective, State

_EVERY = ("memory.PE1", "link.PE1", "scaleup.PE1", "network.PE3", "community.PE4")
_TILE = {"width": 4, "height": 4}


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return Board(
        uid="herald-home",
        title="Herald / Home",
        question="Does the fleet meet its objectives, what is firing, and are the data fresh?",
        audience=Audience.EVERYBODY,
        variables=[variables.identity("site", "Site", METRIC_HW_TEMPERATURE)],
        annotations=[annotations.changes(in_sites()), annotations.pages("true")],
        ways=[
            *(Way(title=domain.title, uid=domain.uid("executive"), keeps_time=False) for domain in DOMAINS),
            Way(title="Processors", uid="herald-processor-calibration", keeps_time=False),
            Way(title="SLO", uid="herald-slo", keeps_time=False),
            Way(title="Incident", uid="herald-incident"),
        ],
        rows=[
            _tiles(),
            [_domains(), _alerts()],
            [_budgets(objectives), _states()],
            [_objectives_table()],
            [_freshness(), _requests()],
        ],
    )


def _tiles() -> list[core.Panel]:
    counts = (
        (
            1,
            "Objectives OK",
            State.OK,
            (Step(None, GREY), Step(1, GOOD)),
            "Objectives and entities that keep their word",
        ),
        (2, "At risk", State.AT_RISK, none_expected(WARN), "A budget burns, or less than a quarter of it is left"),
        (3, "Exhausted", State.EXHAUSTED, none_expected(), "The budget is spent: stop risky changes"),
        (4, "No data", State.NO_DATA, (Step(None, GOOD), Step(1, GREY)), "Nothing was measured: that is not success"),
    )
    tiles = [
        stat(
            Head(id=number, title=title, about=about, cites=_EVERY, **_TILE),
            sql(
                """
                SELECT CASE WHEN count(*) > 0 THEN count(*) FILTER (WHERE state = '@state') END AS "@title"
                FROM slo.status
                """,
                title=title,
                state=state.value,
            ),
            steps=steps,
            background=True,
            no_value="none judged yet",
        )
        for number, title, state, steps, about in counts
    ]
    firing = Head(
        id=5,
        title="Alerts firing",
        about="Unresolved pages and tickets. Above 0: open the on-call board of the domain",
        cites=("memory.PE3", "link.PO1"),
        **_TILE,
    )
    age = Head(
        id=6,
        title="Age of newest sample",
        about="Age of the newest sample of any site. Above a minute nothing here is live: check agents and collector",
        cites=("link.PD4",),
        **_TILE,
    )
    query = sql(
        """
        SELECT greatest(0, extract(epoch FROM @until - max(last_time)))::float8 AS "Age"
        FROM series WHERE @sites
        """,
        until=UNTIL_NOW,
        sites=in_sites(),
    )
    return [
        *tiles,
        stat(
            firing,
            sql(
                'SELECT count(*) AS "Firing" FROM slo.alert a WHERE a.resolved_at IS NULL AND @reaches',
                reaches=REACHES_PEOPLE,
            ),
            steps=none_expected(),
        ),
        stat(age, query, unit=SECONDS, decimals=0, steps=FRESH_STEPS),
    ]


def _domains() -> core.Panel:
    """Return one row per domain, with the ways to its three boards."""
    names = ", ".join(f"('{domain.name}', '{domain.title}', {place})" for place, domain in enumerate(DOMAINS))
    query = sql(
        """
        SELECT d.title AS "Domain", coalesce((array_agg(s.state ORDER BY s.rank DESC))[1], '@nothing') AS "State",
          count(s.state) FILTER (WHERE s.state = '@ok') AS "OK", count(s.state) AS "Promises",
          (SELECT count(*) FROM slo.alert a WHERE a.resolved_at IS NULL AND @reaches AND (a.domain = d.name
            OR a.domain IS NULL AND position(d.name || '.' IN coalesce(a.annotations ->> 'catalogue_id', '')) > 0))
            AS "Firing",
          'executive' AS "Service", 'on-call' AS "Now", 'debug' AS "Causes", d.name AS "name"
        FROM (VALUES @names) AS d (name, title, place)
        LEFT JOIN (SELECT domain, state,
          CASE state WHEN '@bad' THEN 3 WHEN '@risk' THEN 2 WHEN '@nothing' THEN 1 ELSE 0
          END AS rank FROM slo.status) AS s ON s.domain = d.name
        GROUP BY d.name, d.title, d.place ORDER BY d.place
        """,
        names=names,
        reaches=REACHES_PEOPLE,
        ok=State.OK.value,
        bad=State.EXHAUSTED.value,
        risk=State.AT_RISK.value,
        nothing=State.NO_DATA.value,
    )
    head = Head(
        id=13,
        title="Domains",
        about="Worst state of each domain, how many of its promises are kept, and what fires. Begin with the "
        "service, go on to now, end at causes",
        cites=("community.PX1", *_EVERY),
        height=6,
    )
    ways = {
        column: Column(
            link=Link(title=f"Open the {board} board", url=f"/d/herald-${{__data.fields.name}}-{board}"), width=90
        )
        for column, board in zip(("Service", "Now", "Causes"), AUDIENCES, strict=True)
    }
    columns = {
        "State": Column(mappings=state_mappings(numeric=False)),
        "OK": Column(unit=COUNT, width=60),
        "Promises": Column(unit=COUNT, width=80),
        "Firing": Column(unit=COUNT, steps=none_expected(), width=70),
        **ways,
        "name": Column(hidden=True),
    }
    return table(head, query, columns)


def _budgets(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=8,
        title=over_windows("Budget left, 15 lowest", objectives),
        about="Share of the error budget that is left now, the 15 with the least. Below 25 % at risk, below 0 "
        "overspent",
        cites=("memory.PE1", "link.PE4", "community.PE4"),
        height=TALL,
    )
    return budget_bars(head, "true")


def _objectives_table() -> core.Panel:
    head = Head(
        id=7,
        title="Objectives, worst first",
        about="Every promise of the fleet over its window. Click an objective for the on-call board of its domain, "
        "its name for its detail",
        cites=_EVERY,
        width=24,
        height=10,
    )
    link = Link(title="Open the on-call board", url="/d/herald-${__data.fields.Domain}-on-call?${__url_time_range}")
    return status_table(head, "true", link=link, domain=True)


def _states() -> core.Panel:
    head = Head(
        id=9,
        title="Objectives that were not OK, 30 worst",
        about="OK, AT RISK, EXHAUSTED or NO DATA over time, of the 30 worst that were not OK throughout: one "
        "device, one site or everything?",
        cites=_EVERY,
        height=TALL,
    )
    return states(
        head,
        troubled(State.AT_RISK, State.EXHAUSTED, State.NO_DATA),
        no_value="no objective was seen not OK",
    )


def _alerts() -> core.Panel:
    head = Head(
        id=10,
        title="Alerts, firing first",
        about="What fires now and what fired in the range. Empty is good. Click one for its incident board",
        cites=("memory.PE3", "link.PO1", "network.PE3"),
        height=6,
    )
    return incidents(head, "true")


def _freshness() -> core.Panel:
    head = Head(
        id=11,
        title="Data freshness",
        about="Newest sample of each device and link, oldest first. An old one: its agent is down or cut off",
        cites=("link.PD4",),
    )
    name = f"coalesce(nullif(device, ''), nullif(link, ''), nullif(backend, ''), attributes ->> '{ATTR_HW_ID}')"
    return freshness(head, f'site AS "Site", {name} AS "Device or link"', in_sites(), steps=FRESH_STEPS)


def _requests() -> core.Panel:
    query = sql(
        """
        SELECT $__timeGroupAlias(received_at,$__interval), 'requests' AS metric, count(*) AS value
        FROM ingest_batch WHERE $__timeFilter(received_at) GROUP BY 1, 2 ORDER BY 1
        """
    )
    head = Head(
        id=12,
        title="Telemetry requests stored",
        about="OTLP requests stored per step, by the time they arrived; kept for two days. A gap: the collector was "
        "down, and what it had spooled follows as a peak",
        cites=("link.PD4",),
    )
    return timeseries(head, query, unit=COUNT, minimum=0, style="bars")
