"""Panels of a domain's promises: budgets, states, alerts, and who keeps them how well."""

from grafanalib import core

from dashboards import slo_rows
from dashboards.domains import Domain
from dashboards.look import (
    BAD,
    COUNT,
    RATIO,
    SECONDS,
    WARN,
    WHEN,
    at_least,
    budget_steps,
    burn_steps,
    lines_of_budget,
    lines_of_burn,
    none_expected,
    state_mappings,
    worst_code,
    worst_first,
)
from dashboards.panels import Column, Head, Link, stat, state_timeline, table, timeseries
from dashboards.raw_panels import bargauge
from dashboards.sql import UNTIL_NOW, entity, last_time, sql
from slo import State

SLO_URL = "/d/herald-slo?var-objective=${__data.fields.SLO}&var-group=${__data.fields.Entity}&${__url_time_range}"
"""The detail of the objective in a row that has the columns `SLO` and `Entity`."""

TALL = 12
"""The height of a chart in which thirty names stand below each other."""

_EVERY_DOMAIN = "true"


def worst_state(head: Head, domain: Domain) -> core.Panel:
    """Return the worst state of any objective and entity."""
    query = sql('SELECT @worst AS "State" FROM slo.status WHERE @rows', worst=worst_code(), rows=domain.rows())
    return stat(head, query, mappings=state_mappings(numeric=True), background=True, no_value="NO DATA")


def open_alerts(head: Head, domain: Domain, severity: str) -> core.Panel:
    """Return how many alerts of a severity are firing now, of promises and of rules without a budget."""
    query = sql(
        """
        SELECT count(*) AS "Firing" FROM slo.alert
        WHERE resolved_at IS NULL AND severity = '@severity' AND @alerts
        """,
        severity=severity,
        alerts=domain.alerts(),
    )
    return stat(head, query, steps=none_expected(BAD if severity == "page" else WARN), background=True)


def objectives_met(head: Head, domain: Domain) -> core.Panel:
    """Return the share of objectives and entities that met their target over their window, of those with data."""
    query = sql(
        """
        SELECT avg(CASE WHEN sli >= target THEN 1.0 ELSE 0.0 END)::float8 AS "Met"
        FROM slo.status WHERE state <> '@unknown' AND @rows
        """,
        unknown=State.NO_DATA.value,
        rows=domain.rows(),
    )
    return stat(head, query, unit=RATIO, decimals=0, steps=at_least(1), background=True, no_value="NO DATA")


def budget_bars(head: Head, rows: str) -> core.Panel:
    """Return the budget that is left per objective and entity, the 15 with the least, the least first.

    Bars begin at nothing left. What is overspent has none and its number in red: a bar that began at the lowest
    budget would make 17 % too much look like something that is left.
    """
    query = sql(
        """
        SELECT display_name || ': ' || @entity AS "Budget", remaining AS "Left"
        FROM slo.status s WHERE remaining IS NOT NULL AND @rows ORDER BY 2, 1 LIMIT 15
        """,
        entity=entity("s"),
        rows=rows,
    )
    return bargauge(
        head,
        query,
        unit=RATIO,
        decimals=1,
        steps=budget_steps(),
        minimum=0,
        maximum=1,
        by_row=True,
        no_value="no budget yet",
    )


def budget_lines(head: Head, domain: Domain) -> core.Panel:
    """Return the budget that is left over time, the lowest of each step; it goes below zero when overspent."""
    query = snapshots("min(remaining)", domain.rows())
    return timeseries(head, query, unit=RATIO, decimals=1, maximum=1, steps=lines_of_budget(), lines_at_steps=True)


def burn_lines(head: Head, rows: str = _EVERY_DOMAIN) -> core.Panel:
    """Return the burn rate over an hour of every objective and entity, the highest of each step."""
    query = snapshots("max(burn_1h)", rows)
    return timeseries(head, query, unit=COUNT, decimals=1, minimum=0, steps=lines_of_burn("1h"), lines_at_steps=True)


def states(
    head: Head, rows: str = _EVERY_DOMAIN, *, objective: bool = True, no_value: str = "no data in this range"
) -> core.Panel:
    """Return the state of each objective and entity over time, the worst of each step and the worst entity on top.

    Series come in the order of their names, so that a name begins with its place. A blank before one digit is less
    than any digit, and nobody sees it.
    """
    query = sql(
        """
        SELECT step.time, lpad(step.place::text, 2) || '. ' || e.name AS metric, step.value FROM (
          SELECT $__timeGroupAlias(time,$__interval), entity_id, place, @worst AS value
          FROM @snapshots GROUP BY 1, 2, 3) AS step
        JOIN @names USING (entity_id)
        ORDER BY 1, 2
        """,
        worst=worst_code(),
        snapshots=slo_rows.worst(rows),
        names=slo_rows.names(objective=objective),
    )
    return state_timeline(head, query, mappings=state_mappings(numeric=True), no_value=no_value)


def troubled(*states_of_trouble: State) -> str:
    """Return the condition on rows with an `entity_id`: in one of these states at any time of the range."""
    return sql(
        "entity_id IN (SELECT entity_id FROM @snapshots WHERE @states)",
        snapshots=slo_rows.snapshots(),
        states=in_states(*states_of_trouble),
    )


def in_states(*chosen: State) -> str:
    """Return the condition that a snapshot is in one of these states."""
    words = ", ".join(f"'{state.value}'" for state in chosen)
    return f"state IN ({words})"


def snapshots(value: str, rows: str, *, objective: bool = True) -> str:
    """Return the query of an aggregate over the snapshots of the worst of the entities that meet `rows`.

    Series are called after the entity, and with `objective` after its objective too.
    """
    return sql(
        """
        SELECT step.time, e.name AS metric, step.value FROM (
          SELECT $__timeGroupAlias(time,$__interval), entity_id, @value AS value
          FROM @snapshots GROUP BY 1, 2) AS step
        JOIN @names USING (entity_id)
        ORDER BY 1, 2
        """,
        value=value,
        snapshots=slo_rows.worst(rows),
        names=slo_rows.names(objective=objective),
    )


def status_table(
    head: Head, rows: str, *, link: Link, domain: bool = False, identity: str = "NULL::text"
) -> core.Panel:
    """Return every objective and entity with its numbers and its last alert, worst first.

    `rows` is a condition on `slo.status` s, and `identity` its column of which boards have a variable: `link` finds
    it as the field `chosen`, which stands for all where an objective has no such group. With `domain`, the domain is
    a column too.
    """
    query = sql(
        """
        SELECT s.display_name AS "Objective",@domain @entity AS "Entity", s.state AS "State", s.target AS "Target",
          s.sli AS "Attained", s.remaining AS "Budget left", s.burn_1h AS "Burn 1 h", s.burn_1d AS "Burn 1 d",
          s.coverage AS "Coverage", a.firing AS "Firing", @last AS "Last alert", s.objective AS "SLO",
          coalesce(nullif(@identity, ''), '$__all') AS "chosen"
        FROM slo.status s
        LEFT JOIN LATERAL (
          SELECT count(*) FILTER (WHERE resolved_at IS NULL) AS firing, max(fired_at) AS fired_at
          FROM slo.alert WHERE objective = s.objective AND labels = s.labels) AS a ON true
        WHERE @rows ORDER BY @worst_first, 1, 2
        """,
        domain=' s.domain AS "Domain",' if domain else "",
        identity=identity,
        entity=entity("s"),
        rows=rows,
        last=last_time("a.fired_at", of_one=True),
        worst_first=worst_first("s"),
    )
    return table(head, query, status_columns(link), no_value="no objective has been judged yet")


def status_columns(link: Link) -> dict[str, Column]:
    """Return how the columns of a status table look; the objective leads to `link`, its name to the SLO's detail."""
    return {
        "Objective": Column(link=link, width=220),
        "State": Column(mappings=state_mappings(numeric=False)),
        "Target": Column(unit=RATIO, decimals=2),
        "Attained": Column(unit=RATIO, decimals=3),
        "Budget left": Column(unit=RATIO, decimals=1, steps=budget_steps()),
        "Burn 1 h": Column(decimals=2, steps=burn_steps()),
        "Burn 1 d": Column(decimals=2, steps=burn_steps()),
        "Coverage": Column(unit=RATIO, decimals=1),
        "Firing": Column(unit=COUNT, steps=none_expected()),
        "SLO": Column(link=Link(title="Open the detail of this objective", url=SLO_URL)),
        "chosen": Column(hidden=True),
    }


def page_record(head: Head, domain: Domain) -> core.Panel:
    """Return how often and how long each objective paged in the range, the most first."""
    query = sql(
        """
        SELECT s.display_name AS "Objective", @entity AS "Entity",
          CASE WHEN s.sli IS NULL THEN 'not judged' WHEN s.sli < s.target THEN 'missed' ELSE 'kept' END AS "Promise",
          a.pages AS "Pages", a.paging AS "Time paging", a.fired_at AS "Last page", s.objective AS "SLO"
        FROM slo.status s
        LEFT JOIN LATERAL (
          SELECT count(*) AS pages, max(fired_at) AS fired_at, coalesce(sum(extract(epoch FROM
            coalesce(resolved_at, @until) - fired_at)), 0)::float8 AS paging
          FROM slo.alert WHERE objective = s.objective AND labels = s.labels AND severity = 'page'
            AND $__timeFilter(fired_at)) AS a ON true
        WHERE @rows ORDER BY a.paging DESC, s.sli - s.target ASC NULLS LAST, 1, 2
        """,
        until=UNTIL_NOW,
        entity=entity("s"),
        rows=domain.rows("s"),
    )
    columns = {
        "Objective": Column(width=220),
        "Pages": Column(unit=COUNT, steps=none_expected()),
        "Time paging": Column(unit=SECONDS, decimals=1),
        "Last page": Column(unit=WHEN),
        "SLO": Column(link=Link(title="Open the detail of this objective", url=SLO_URL)),
    }
    return table(head, query, columns, no_value="no objective has been judged yet")
