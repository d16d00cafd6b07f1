"""Panels of the telemetry itself: live, without traffic, partial, stale or missing are five different things.

Only the first is green. A number next to one of the others must not be read as good news. Where a range ends later
than now they are judged as of now.
"""

from collections.abc import Sequence

from grafanalib import core

from dashboards.domains import Domain
from dashboards.look import (
    COUNT,
    NEUTRAL,
    RATIO,
    SECONDS,
    TELEMETRY_WORDS,
    WHEN,
    Step,
    at_least,
    at_most,
    telemetry_mappings,
    word_mappings,
)
from dashboards.panels import Column, Head, stat, table
from dashboards.sql import UNTIL_NOW, sql

_FRESH_S, _STALE_S, _GONE_S = 60, 300, 3600
FRESH_STEPS = at_most(_FRESH_S, _STALE_S)
_COMPLETE = 0.9
_PROMPT_S = 300


def minutes_wait() -> str:
    """Return the condition that minutes of the range wait to be rolled up for longer than the newest do.

    What is added up from the rollups is too low then. Minutes wait for the engine first, which passes them on.
    """
    return sql(
        """
        EXISTS (SELECT FROM (SELECT minute FROM rollup_dirty UNION ALL SELECT minute FROM dirty_minute) AS waiting
          WHERE $__timeFilter(minute) AND minute < @until - interval '@prompt_s seconds')
        """,
        until=UNTIL_NOW,
        prompt_s=str(_PROMPT_S),
    )


def settled(count: str) -> str:
    """Return the expression of a count of the range, null instead of zero while minutes wait to be added up."""
    return sql("CASE WHEN @count > 0 OR NOT @waiting THEN @count END", count=count, waiting=minutes_wait())


def data_age(head: Head, domain: Domain) -> core.Panel:
    """Return the age of the newest sample of any chosen entity: stale data are not good data."""
    query = sql(
        """
        SELECT greatest(0, extract(epoch FROM @until - max(last_time)))::float8 AS "Age"
        FROM series WHERE metric = '@metric' AND @chosen
        """,
        until=UNTIL_NOW,
        metric=domain.metric,
        chosen=domain.chosen,
    )
    return stat(head, query, unit=SECONDS, decimals=0, steps=FRESH_STEPS)


def telemetry_state(head: Head, domain: Domain) -> core.Panel:
    """Return the worst state of the telemetry of any chosen entity."""
    query = sql('SELECT max(code) AS "Telemetry" FROM (@states) AS entity', states=_states(domain))
    return stat(head, query, mappings=telemetry_mappings(), background=True, no_value="NO DATA")


def telemetry_table(head: Head, domain: Domain) -> core.Panel:
    """Return the state of each chosen entity's telemetry, with the numbers behind it, worst first."""
    query = sql(
        """
        SELECT name AS "@entity", (ARRAY[@words])[code + 1] AS "Telemetry", age AS "Age",
          minutes / 60.0::float8 AS "Complete", events AS "Events in the last hour"
        FROM (@states) AS entity ORDER BY code DESC, 3 DESC NULLS FIRST, 1
        """,
        entity=domain.entity,
        words=", ".join(f"'{word}'" for word in TELEMETRY_WORDS),
        states=_states(domain),
    )
    columns = {
        "Telemetry": Column(mappings=word_mappings(TELEMETRY_WORDS)),
        "Age": Column(unit=SECONDS, decimals=0, steps=FRESH_STEPS),
        "Complete": Column(unit=RATIO, decimals=0, steps=at_least(_COMPLETE)),
        "Events in the last hour": Column(unit=COUNT),
    }
    return table(head, query, columns, no_value="no telemetry has arrived yet")


def _states(domain: Domain) -> str:
    """Return one row per entity: `name, age, minutes, events, code`, judged over the last hour of the range.

    While minutes of the range wait to be rolled up, as after a long past was loaded, everything is partial at best.
    """
    counted = " UNION ALL ".join(
        sql(
            """
            SELECT @column AS name, time AS minute, increase AS events FROM metric_minute."@metric"
            WHERE time BETWEEN @until - interval '1 hour' AND @until AND @chosen
            """,
            until=UNTIL_NOW,
            column=domain.column,
            metric=metric,
            chosen=domain.chosen,
        )
        for metric in domain.metrics
    )
    return sql(
        """
        SELECT name, age, minutes, events, CASE WHEN age IS NULL OR age > @gone THEN 4 WHEN age > @stale THEN 3
          WHEN coalesce(minutes, 0) < @complete * 60 OR @waiting THEN 2 WHEN events = 0 THEN 1 ELSE 0 END AS code
        FROM (
          SELECT @column AS name,
            greatest(0, extract(epoch FROM @until - max(last_time)))::float8 AS age
          FROM series WHERE metric IN (@metrics) AND @chosen GROUP BY 1) AS seen
        LEFT JOIN (
          SELECT name, count(DISTINCT minute) AS minutes, sum(events) AS events FROM (@counted) AS point GROUP BY 1)
          AS hour USING (name)
        """,
        until=UNTIL_NOW,
        gone=str(_GONE_S),
        stale=str(_STALE_S),
        complete=str(_COMPLETE),
        waiting=minutes_wait(),
        column=domain.column,
        metrics=", ".join(f"'{metric}'" for metric in domain.metrics),
        chosen=domain.chosen,
        counted=counted,
    )


def freshness(head: Head, columns: str, condition: str, *, steps: Sequence[Step] = NEUTRAL) -> core.Panel:
    """Return the age of the newest sample per group of series, oldest first.

    `steps` are for groups that are told every minute; what is measured once a day is old by nature.
    """
    query = sql(
        """
        SELECT @columns, count(*) AS "Series", max(last_time) AS "Last sample",
          greatest(0, extract(epoch FROM @until - max(last_time)))::float8 AS "Age"
        FROM series WHERE @condition GROUP BY 1, 2 ORDER BY 5 DESC NULLS FIRST, 1, 2
        """,
        until=UNTIL_NOW,
        columns=columns,
        condition=condition,
    )
    look = {
        "Series": Column(unit=COUNT),
        "Last sample": Column(unit=WHEN),
        "Age": Column(unit=SECONDS, decimals=0, steps=tuple(steps)),
    }
    return table(head, query, look, no_value="no telemetry has arrived yet")
