"""Panels of money: what was spent, how it adds up, and what it will come to."""

from grafanalib import core

from dashboards.domains import in_sites
from dashboards.look import GREY
from dashboards.panels import Head, stat, timeseries
from dashboards.sql import UNTIL_NOW, rolled, sql
from model.names import METRIC_JOB_COST

_DOLLARS = "currencyUSD"


def spent(head: Head) -> core.Panel:
    """Return the dollars that jobs of the range cost."""
    query = sql(
        'SELECT sum(sum)::float8 AS "Spent" FROM @rolled WHERE @sites',
        rolled=rolled(METRIC_JOB_COST),
        sites=in_sites(),
    )
    return stat(head, query, unit=_DOLLARS, no_value="NO TRAFFIC")


def forecast(head: Head) -> core.Panel:
    """Return the dollars of 30 days at the mean rate of the week before the range ends, or of what there is of it."""
    query = sql(
        """
        SELECT sum(sum) * 30 / greatest(1 / 24.0, extract(epoch
          FROM @until - min(time)) / 86400.0)::float8
          AS "Forecast"
        FROM metric_hour."@cost"
        WHERE time BETWEEN @until - interval '7 days' AND @until AND @sites
        """,
        until=UNTIL_NOW,
        cost=METRIC_JOB_COST,
        sites=in_sites(),
    )
    return stat(head, query, unit=_DOLLARS, no_value="NO TRAFFIC")


def spent_so_far(head: Head) -> core.Panel:
    """Return the dollars of the range added up, and a straight line at the mean rate of its first half."""
    steps = sql(
        """
        SELECT $__timeGroupAlias(time,$__interval), tenant, sum(sum) AS cost FROM @rolled WHERE @sites GROUP BY 1, 2
        """,
        rolled=rolled(METRIC_JOB_COST),
        sites=in_sites(),
    )
    query = sql(
        """
        WITH step AS (@steps), begun AS (
          SELECT min(time) AS first, min(time) + (max(time) - min(time)) / 2 AS half FROM step), pace AS (
          SELECT sum(cost) / nullif(extract(epoch FROM max(half) - max(first)), 0)::float8 AS rate,
            max(first) AS first
          FROM step, begun WHERE time <= half)
        SELECT time, tenant AS metric, sum(cost) OVER (PARTITION BY tenant ORDER BY time) AS value FROM step
        UNION ALL SELECT time, 'all', sum(sum(cost)) OVER (ORDER BY time) FROM step GROUP BY 1
        UNION ALL SELECT DISTINCT time, 'forecast', rate * extract(epoch FROM time - first)::float8 FROM step, pace
        ORDER BY 1, 2
        """,
        steps=steps,
    )
    dashed = {
        "matcher": {"id": "byName", "options": "forecast"},
        "properties": [
            {"id": "color", "value": {"mode": "fixed", "fixedColor": GREY}},
            {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [8, 6]}},
        ],
    }
    return timeseries(head, query, unit=_DOLLARS, decimals=0, minimum=0, overrides=[dashed])
