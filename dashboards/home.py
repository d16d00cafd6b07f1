"""The first board: every objective of the fleet, what is firing, and whether the data are fresh."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import variables
from dashboards.board import Audience, Board, Way
from dashboards.domain_panels import status_columns
from dashboards.domains import DOMAINS
from dashboards.look import (
    BAD,
    GOOD,
    GREY,
    RATIO,
    SECONDS,
    WARN,
    WHEN,
    Step,
    at_most,
    budget_steps,
    none_expected,
    state_code,
    state_mappings,
    word_mappings,
)
from dashboards.panels import Column, Head, Link, bargauge, stat, state_timeline, table, timeseries
from dashboards.sql import entity, one_of, sql
from dashboards.telemetry_panels import freshness
from model.names import ATTR_HW_ID, METRIC_HW_TEMPERATURE
from slo import Objective, State

_SITES = one_of("site", "site")


def build(_objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return Board(
        uid="herald-home",
        title="Herald / Home",
        question="Does the fleet meet its objectives, what is firing, and are the data fresh?",
        audience=Audience.EVERYBODY,
        variables=[variables.identity("site", "Site", METRIC_HW_TEMPERATURE)],
        ways=[
            *(
                Way(title=f"{domain.plural.capitalize()}: {board}", uid=domain.uid(uid), keeps_time=False)
                for domain in DOMAINS
                for board, uid in (("executive", "executive"), ("on call", "on-call"), ("debug", "debug"))
            ),
            Way(title="Processors", uid="herald-processor-calibration", keeps_time=False),
        ],
        rows=[_first_row(), [_objectives_table()], [_budgets(), _states()], [_alerts(), _freshness()], [_requests()]],
    )


def _first_row() -> list[core.Panel]:
    size = {"width": 4, "height": 4}
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
    heads = [
        stat(
            Head(id=number, title=title, about=about, cites=("memory.PE1", "link.PE1"), **size),
            sql(
                "SELECT count(*) AS \"@title\" FROM slo.status WHERE state = '@state'", title=title, state=state.value
            ),
            steps=steps,
            background=True,
        )
        for number, title, state, steps, about in counts
    ]
    firing = Head(
        id=5,
        title="Alerts firing",
        about="Unresolved pages and tickets. Above 0: open the on-call board of the domain",
        cites=("memory.PE3", "link.PO1"),
        **size,
    )
    age = Head(
        id=6,
        title="Age of newest sample",
        about="Age of the newest sample of any site. Above a minute nothing here is live: check agents and collector",
        cites=("link.PD4",),
        **size,
    )
    query = sql(
        """
        SELECT greatest(0, extract(epoch FROM $__timeTo()::timestamptz - max(last_time)))::float8 AS "Age"
        FROM series WHERE @sites
        """,
        sites=_SITES,
    )
    return [
        *heads,
        stat(firing, 'SELECT count(*) AS "Firing" FROM slo.alert WHERE resolved_at IS NULL', steps=none_expected()),
        stat(age, query, unit=SECONDS, decimals=0, steps=at_most(60, 300)),
    ]


def _objectives_table() -> core.Panel:
    query = sql(
        """
        SELECT s.display_name AS "Objective", s.domain AS "Domain", @entity AS "Entity", s.state AS "State",
          s.target AS "Target", s.sli AS "Attained", s.remaining AS "Budget left", s.burn_1h AS "Burn 1 h",
          s.burn_1d AS "Burn 1 d", s.coverage AS "Coverage"
        FROM slo.status s ORDER BY s.remaining ASC NULLS FIRST, 1, 3
        """,
        entity=entity("s"),
    )
    head = Head(
        id=7,
        title="Objectives, worst first",
        about="Every promise of the fleet over its rolling window. Click an objective for the on-call board "
        "of its domain",
        cites=("memory.PE1", "link.PE1"),
        width=24,
        height=10,
    )
    columns = status_columns("/d/herald-${__data.fields.Domain}-on-call")
    shown = ("Objective", "State", "Target", "Attained", "Budget left", "Burn 1 h", "Burn 1 d", "Coverage")
    return table(head, query, {name: columns[name] for name in shown}, no_value="no objective has been judged yet")


def _budgets() -> core.Panel:
    query = sql(
        """
        SELECT time, display_name || ' ' || @entity AS metric, remaining AS value FROM slo.status s ORDER BY 1, 3
        """,
        entity=entity("s"),
    )
    head = Head(
        id=8,
        title="Error budget left, rolling window",
        about="Share of each error budget that is left, now. Below 25 % at risk, below 0 overspent",
        cites=("memory.PE1", "link.PE4"),
        height=10,
    )
    return bargauge(head, query, unit=RATIO, decimals=1, steps=budget_steps(), maximum=1)


def _states() -> core.Panel:
    query = sql(
        """
        SELECT $__timeGroupAlias(time,$__interval), display_name || ' ' || @entity AS metric, max(@code) AS value
        FROM slo.budget b WHERE $__timeFilter(time) GROUP BY 1, 2 ORDER BY 1, 2
        """,
        entity=entity("b"),
        code=state_code("state"),
    )
    head = Head(
        id=9,
        title="State of every objective",
        about="OK, AT RISK, EXHAUSTED or NO DATA over time: one device, one site or everything?",
        cites=("memory.PE1", "link.PE1"),
        height=10,
    )
    return state_timeline(head, query, mappings=state_mappings(numeric=True))


def _alerts() -> core.Panel:
    query = sql(
        """
        SELECT a.fired_at AS "Fired", CASE WHEN a.resolved_at IS NULL THEN 'firing' ELSE 'resolved' END AS "Now",
          a.severity AS "Severity", a.display_name AS "Objective", @entity AS "Entity", a.tier AS "Tier",
          extract(epoch FROM coalesce(a.resolved_at, $__timeTo()::timestamptz) - a.fired_at)::float8 AS "Lasted",
          a.domain AS "Domain"
        FROM slo.alert a WHERE $__timeFilter(a.fired_at) OR a.resolved_at IS NULL
        ORDER BY a.resolved_at IS NULL DESC, a.fired_at DESC LIMIT 100
        """,
        entity=entity("a"),
    )
    head = Head(
        id=10,
        title="Alerts, firing first",
        about="What fires now and what fired in the range. Empty is good",
        cites=("memory.PE3", "link.PO1"),
    )
    columns = {
        "Fired": Column(unit=WHEN, width=190),
        "Now": Column(mappings=word_mappings({"firing": ("FIRING", BAD), "resolved": ("resolved", GOOD)})),
        "Objective": Column(
            link=Link(
                title="Open the on-call board", url="/d/herald-${__data.fields.Domain}-on-call?${__url_time_range}"
            )
        ),
        "Lasted": Column(unit=SECONDS, decimals=1),
    }
    return table(head, query, columns, no_value="no alert in this range")


def _freshness() -> core.Panel:
    head = Head(
        id=11,
        title="Data freshness",
        about="Newest sample of each device and link, oldest first. An old one: its agent is down or cut off",
        cites=("link.PD4",),
    )
    name = f"coalesce(nullif(device, ''), nullif(link, ''), attributes ->> '{ATTR_HW_ID}')"
    return freshness(head, f'site AS "Site", {name} AS "Device or link"', _SITES)


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
        about="OTLP requests stored per step, by the time they arrived; kept for two days. A gap: the "
        "collector was down, and what it had spooled follows as a peak",
        cites=("link.PD4",),
        width=24,
        height=6,
    )
    return timeseries(head, query, unit="short", minimum=0, style="bars")
