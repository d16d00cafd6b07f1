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
from dashboards.sql import entity, last_time, latest, one_of, sql
from model.names import (
    ATTR_CALIBRATION_ID,
    ATTR_FIRMWARE_VERSION,
    ATTR_HW_ID,
    EVENT_ALARM,
    EVENT_CALIBRATION,
    EVENT_FIRMWARE_CHANGE,
)

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


def data_age(head: Head, domain: Domain) -> core.Panel:
    """Return the age of the newest sample of any chosen entity: stale data are not good data."""
    query = sql(
        """
        SELECT greatest(0, extract(epoch FROM $__timeTo()::timestamptz - max(last_time)))::float8 AS "Age"
        FROM series WHERE metric = '@metric' AND @chosen
        """,
        metric=domain.metric,
        chosen=domain.chosen,
    )
    return stat(head, query, unit=SECONDS, decimals=0, steps=at_most(60, 300))


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


def changes(head: Head, condition: str) -> core.Panel:
    """Return the calibrations and firmware changes that meet `condition`, from a week before the range on.

    What breaks now may have been changed days ago.
    """
    query = sql(
        """
        SELECT time AS "Time", CASE name WHEN '@firmware' THEN 'firmware' ELSE 'calibration' END AS "Change",
          concat_ws(' ', nullif(device, ''), nullif(link, '')) AS "Where",
          coalesce(attributes ->> '@version', attributes ->> '@set') AS "Version", body AS "What"
        FROM event
        WHERE time BETWEEN $__timeFrom()::timestamptz - interval '7 days' AND $__timeTo()::timestamptz
          AND name IN ('@calibration', '@firmware') AND @condition
        ORDER BY time DESC LIMIT 50
        """,
        calibration=EVENT_CALIBRATION,
        firmware=EVENT_FIRMWARE_CHANGE,
        version=ATTR_FIRMWARE_VERSION,
        set=ATTR_CALIBRATION_ID,
        condition=condition,
    )
    return table(head, query, {"Time": Column(unit=WHEN, width=190)})


def alarms(head: Head, condition: str) -> core.Panel:
    """Return how often each device raised its own alarm in the range, and what it said last."""
    query = sql(
        """
        SELECT d.device AS "Device", count(e.time) AS "Alarms", @last AS "Last alarm",
          coalesce((array_agg(e.body ORDER BY e.time DESC))[1], 'quiet') AS "What"
        FROM (SELECT DISTINCT coalesce(nullif(device, ''), attributes ->> '@hardware', link) AS device
              FROM series WHERE @condition) AS d
        LEFT JOIN event e
          ON coalesce(nullif(e.device, ''), e.link) = d.device AND e.name = '@alarm' AND $__timeFilter(e.time)
        WHERE d.device <> '' GROUP BY 1 ORDER BY 2 DESC, 1
        """,
        alarm=EVENT_ALARM,
        hardware=ATTR_HW_ID,
        condition=condition,
        last=last_time("e.time"),
    )
    columns = {"Alarms": Column(unit=COUNT, steps=none_expected())}
    return table(head, query, columns, no_value="no device has sent telemetry yet")


def events(head: Head, condition: str) -> core.Panel:
    """Return the log of every event that meets `condition`, from a week before the range on, newest first."""
    query = sql(
        """
        SELECT time AS "Time", severity AS "Severity", name AS "Event",
          concat_ws(' ', nullif(device, ''), nullif(link, '')) AS "Where", body AS "What"
        FROM event
        WHERE time BETWEEN $__timeFrom()::timestamptz - interval '7 days' AND $__timeTo()::timestamptz AND @condition
        ORDER BY time DESC LIMIT 100
        """,
        condition=condition,
    )
    return table(head, query, {"Time": Column(unit=WHEN, width=190)})


def freshness(head: Head, columns: str, condition: str) -> core.Panel:
    """Return the age of the newest sample per group of series, oldest first."""
    query = sql(
        """
        SELECT @columns, count(*) AS "Series", max(last_time) AS "Last sample",
          greatest(0, extract(epoch FROM $__timeTo()::timestamptz - max(last_time)))::float8 AS "Age"
        FROM series WHERE @condition GROUP BY 1, 2 ORDER BY 5 DESC NULLS FIRST, 1, 2
        """,
        columns=columns,
        condition=condition,
    )
    look = {
        "Series": Column(unit=COUNT),
        "Last sample": Column(unit=WHEN),
        "Age": Column(unit=SECONDS, decimals=0, steps=at_most(60, 300)),
    }
    return table(head, query, look, no_value="no telemetry has arrived yet")


def in_sites(column: str = "site") -> str:
    """Return the condition that a row belongs to a chosen site."""
    return one_of(column, "site")
