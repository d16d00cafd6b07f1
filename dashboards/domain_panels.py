"""Panels that the memory and the link boards share: budgets, states, alerts, events and how fresh the data are."""

from grafanalib import core

from dashboards.domains import Domain
from dashboards.look import (
    BAD,
    COUNT,
    RATIO,
    SECONDS,
    WARN,
    WHEN,
    at_least,
    at_most,
    budget_steps,
    none_expected,
    state_code,
    state_mappings,
)
from dashboards.panels import Column, Head, Link, bargauge, stat, state_timeline, table, timeseries
from dashboards.sql import entity, last_time, latest, sql

_BURN_STEPS = at_most(1, 3)


def worst_state(head: Head, domain: Domain) -> core.Panel:
    """Return the worst state of any objective and entity."""
    query = sql(
        'SELECT max(@code) AS "State" FROM slo.status WHERE @rows', code=state_code("state"), rows=domain.rows()
    )
    return stat(head, query, mappings=state_mappings(numeric=True), background=True, no_value="NO DATA")


def open_alerts(head: Head, domain: Domain, severity: str) -> core.Panel:
    """Return how many alerts of a severity are firing now."""
    query = sql(
        """
        SELECT count(*) AS "Firing" FROM slo.alert
        WHERE resolved_at IS NULL AND severity = '@severity' AND @rows
        """,
        severity=severity,
        rows=domain.rows(),
    )
    return stat(head, query, steps=none_expected(BAD if severity == "page" else WARN), background=True)


def objectives_met(head: Head, domain: Domain) -> core.Panel:
    """Return the share of objectives and entities that met their target over their window."""
    query = sql(
        """
        SELECT avg(CASE WHEN sli >= target THEN 1.0 ELSE 0.0 END)::float8 AS "Met"
        FROM slo.status WHERE sli IS NOT NULL AND @rows
        """,
        rows=domain.rows(),
    )
    return stat(head, query, unit=RATIO, decimals=0, steps=at_least(1), background=True)


def budget_bars(head: Head, domain: Domain) -> core.Panel:
    """Return the budget that is left per objective and entity, least first."""
    query = sql(
        """
        SELECT time, display_name || ' ' || @entity AS metric, remaining AS value
        FROM slo.status s WHERE @rows ORDER BY 1, 3
        """,
        entity=entity("s"),
        rows=domain.rows(),
    )
    return bargauge(head, query, unit=RATIO, decimals=1, steps=budget_steps(), maximum=1)


def budget_lines(head: Head, domain: Domain) -> core.Panel:
    """Return the budget that is left over time; it goes below zero when overspent."""
    query = sql(
        """
        SELECT $__timeGroupAlias(time,$__interval), display_name || ' ' || @entity AS metric, @remaining AS value
        FROM slo.budget b WHERE $__timeFilter(time) AND @rows GROUP BY 1, 2 ORDER BY 1, 2
        """,
        entity=entity("b"),
        remaining=latest("remaining"),
        rows=domain.rows(),
    )
    return timeseries(head, query, unit=RATIO, decimals=1, maximum=1, steps=budget_steps(), lines_at_steps=True)


def states(head: Head, domain: Domain) -> core.Panel:
    """Return the state of each objective and entity over time, the worst of each step."""
    query = sql(
        """
        SELECT $__timeGroupAlias(time,$__interval), display_name || ' ' || @entity AS metric, max(@code) AS value
        FROM slo.budget b WHERE $__timeFilter(time) AND @rows GROUP BY 1, 2 ORDER BY 1, 2
        """,
        entity=entity("b"),
        code=state_code("state"),
        rows=domain.rows(),
    )
    return state_timeline(head, query, mappings=state_mappings(numeric=True))


def status_table(head: Head, domain: Domain) -> core.Panel:
    """Return every objective and entity with its numbers and its last page, worst first."""
    query = sql(
        """
        SELECT s.display_name AS "Objective", @entity AS "Entity", s.state AS "State", s.target AS "Target",
          s.sli AS "Attained", s.remaining AS "Budget left", s.burn_1h AS "Burn 1 h", s.burn_1d AS "Burn 1 d",
          s.coverage AS "Coverage", count(a.id) FILTER (WHERE a.resolved_at IS NULL) AS "Firing",
          @last AS "Last alert"
        FROM slo.status s
        LEFT JOIN slo.alert a ON a.objective = s.objective AND a.labels = s.labels
        WHERE @rows
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY s.remaining ASC NULLS FIRST, 1, 2
        """,
        entity=entity("s"),
        rows=domain.rows("s"),
        last=last_time("a.fired_at"),
    )
    return table(
        head, query, status_columns(f"/d/{domain.uid('on-call')}"), no_value="no objective has been judged yet"
    )


def status_columns(url: str) -> dict[str, Column]:
    """Return how the columns of a status table look; the objective links to `url`."""
    return {
        "Objective": Column(link=Link(title="Open the on-call board", url=f"{url}?${{__url_time_range}}"), width=220),
        "State": Column(mappings=state_mappings(numeric=False)),
        "Target": Column(unit=RATIO, decimals=2),
        "Attained": Column(unit=RATIO, decimals=3),
        "Budget left": Column(unit=RATIO, decimals=1, steps=budget_steps()),
        "Burn 1 h": Column(decimals=2, steps=_BURN_STEPS),
        "Burn 1 d": Column(decimals=2, steps=_BURN_STEPS),
        "Coverage": Column(unit=RATIO, decimals=1),
        "Firing": Column(unit=COUNT, steps=none_expected()),
    }


def page_record(head: Head, domain: Domain) -> core.Panel:
    """Return how often and how long each objective paged in the range, the most first."""
    query = sql(
        """
        SELECT s.display_name AS "Objective", @entity AS "Entity", count(a.id) AS "Pages",
          coalesce(sum(extract(epoch FROM coalesce(a.resolved_at, $__timeTo()::timestamptz) - a.fired_at)), 0)::float8
            AS "Time paging",
          max(a.fired_at) AS "Last page", CASE WHEN s.sli < s.target THEN 'missed' ELSE 'kept' END AS "Promise"
        FROM slo.status s
        LEFT JOIN slo.alert a
          ON a.objective = s.objective AND a.labels = s.labels AND a.severity = 'page' AND $__timeFilter(a.fired_at)
        WHERE @rows
        GROUP BY 1, 2, s.sli, s.target ORDER BY 4 DESC, 1, 2
        """,
        entity=entity("s"),
        rows=domain.rows("s"),
    )
    columns = {
        "Pages": Column(unit=COUNT, steps=none_expected()),
        "Time paging": Column(unit=SECONDS, decimals=1),
        "Last page": Column(unit=WHEN),
    }
    return table(head, query, columns)
