"""Panels of jobs on quantum processors, for the boards of those who run them and of those who use them."""

from collections.abc import Sequence

from grafanalib import core

from dashboards.counter_panels import MOST, NEWEST, gauge_query, gauges, share
from dashboards.domains import in_sites
from dashboards.look import COUNT, RATIO, SECONDS, Step, at_most
from dashboards.panels import Column, Head, stat, table, timeseries
from dashboards.raw_panels import bargauge
from dashboards.sql import rolled, sql
from model.names import (
    METRIC_CALIBRATION_AGE,
    METRIC_JOB_COMPLETIONS,
    METRIC_JOB_COST,
    METRIC_QUEUE_DEPTH,
)

SUCCEEDED = "outcome = 'success'"


def success(head: Head, label: str, condition: str, steps: Sequence[Step]) -> core.Panel:
    """Return the share of finished jobs that succeeded, one line per value of `label`."""
    return share(head, METRIC_JOB_COMPLETIONS, label, SUCCEEDED, condition, steps=steps)


def success_in_range(head: Head, condition: str, steps: Sequence[Step]) -> core.Panel:
    """Return the share of all jobs of the range that succeeded."""
    query = sql(
        """
        SELECT sum(increase) FILTER (WHERE @succeeded) / nullif(sum(increase), 0) AS "Succeeded"
        FROM @rolled WHERE @condition
        """,
        succeeded=SUCCEEDED,
        rolled=rolled(METRIC_JOB_COMPLETIONS),
        condition=condition,
    )
    return stat(head, query, unit=RATIO, decimals=2, steps=steps, background=True, no_value="NO TRAFFIC")


def queue(head: Head, steps: Sequence[Step]) -> core.Panel:
    """Return how many jobs wait, by class, the most of each step."""
    return gauges(head, METRIC_QUEUE_DEPTH, "job_priority", in_sites(), value=MOST, steps=steps)


def queue_now(head: Head, steps: Sequence[Step]) -> core.Panel:
    """Return how many jobs wait in the newest step, all classes together."""
    query = sql(
        """
        SELECT time, 'waiting' AS metric, sum(value) AS value FROM (
          SELECT $__timeGroupAlias(time,$__interval), device, job_priority, max(max) AS value
          FROM @rolled WHERE @sites GROUP BY 1, 2, 3) AS class
        GROUP BY 1 ORDER BY 1
        """,
        rolled=rolled(METRIC_QUEUE_DEPTH),
        sites=in_sites(),
    )
    return stat(head, query, unit=COUNT, decimals=0, steps=steps, sparkline=True)


def cost_per_hour(head: Head, label: str) -> core.Panel:
    """Return dollars per hour, one line per value of `label`."""
    query = sql(
        """
        SELECT $__timeGroupAlias(time,$__interval), @label AS metric,
          sum(sum) / ($__interval_ms / 3600000.0) AS value
        FROM @rolled WHERE @sites GROUP BY 1, 2 ORDER BY 1, 2
        """,
        label=label,
        rolled=rolled(METRIC_JOB_COST),
        sites=in_sites(),
    )
    return timeseries(head, query, unit="currencyUSD", decimals=0, minimum=0, axis="per hour")


def calibration_ages(head: Head, condition: str, steps: Sequence[Step]) -> core.Panel:
    """Return the age of the calibration set of each backend, one bar each."""
    query = gauge_query(METRIC_CALIBRATION_AGE, "backend", condition, value=NEWEST)
    return bargauge(head, query, unit=SECONDS, decimals=1, steps=steps, minimum=0, no_value="NO DATA")


def failures(head: Head, metric: str, label: str, condition: str) -> core.Panel:
    """Return how often each value of `label` was counted in the range, with its share, the most first."""
    query = sql(
        """
        SELECT @label AS "Reason", sum(increase)::float8 AS "Jobs",
          sum(increase) / nullif(sum(sum(increase)) OVER (), 0)
          AS "Share", to_char(max(time) FILTER (WHERE increase > 0) AT TIME ZONE 'UTC',
            'YYYY-MM-DD HH24:MI') AS "Last"
        FROM @rolled WHERE @condition GROUP BY 1 HAVING sum(increase) > 0 ORDER BY 2 DESC, 1
        """,
        label=label,
        rolled=rolled(metric),
        condition=condition,
    )
    columns = {"Jobs": Column(unit=COUNT), "Share": Column(unit=RATIO, decimals=0, bar=True)}
    return table(head, query, columns, no_value="nothing failed in this range")


def worst_jobs(head: Head, columns: str, condition: str) -> core.Panel:
    """Return finished and failed jobs by `columns` (two of them), the highest share of failures first."""
    query = sql(
        """
        SELECT @columns, sum(increase)::float8 AS "Jobs",
          coalesce(sum(increase) FILTER (WHERE outcome <> 'success'), 0)::float8 AS "Failed",
          coalesce(sum(increase) FILTER (WHERE outcome <> 'success'), 0) / nullif(sum(increase), 0) AS "Share failed"
        FROM @rolled WHERE @condition GROUP BY 1, 2 HAVING sum(increase) > 0 ORDER BY 5 DESC, 4 DESC, 1, 2
        """,
        columns=columns,
        rolled=rolled(METRIC_JOB_COMPLETIONS),
        condition=condition,
    )
    look = {
        "Jobs": Column(unit=COUNT),
        "Failed": Column(unit=COUNT),
        "Share failed": Column(unit=RATIO, decimals=2, steps=at_most(0.05, 0.1)),
    }
    return table(head, query, look, no_value="no job ended in this range")
