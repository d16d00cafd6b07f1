"""Panels of histograms: the mean with the spread around it, and percentiles of a latency.

Percentiles come from summed buckets (linear inside a bucket), never from averages of percentiles.
"""

from grafanalib import core

from dashboards.look import unit_of
from dashboards.panels import Head, band_overrides, timeseries
from dashboards.sql import bucket_sums, has_bounds, rolled, sql

_LOW, _HIGH = "5th percentile", "95th percentile"


def spread(head: Head, metric: str, condition: str, *, decimals: int) -> core.Panel:
    """Return the mean over everything chosen, in a band from the 5th to the 95th percentile."""
    query = sql(
        """
        SELECT time, line.metric, line.value FROM (
          SELECT $__timeGroupAlias(time,$__interval), bounds, @buckets AS buckets,
            sum(sum) / nullif(sum(count), 0) AS mean
          FROM @rolled WHERE @bounds AND @condition GROUP BY 1, 2) AS step,
        LATERAL (VALUES ('mean', step.mean),
          ('@low', histogram_quantile(0.05, step.bounds, step.buckets)),
          ('@high', histogram_quantile(0.95, step.bounds, step.buckets))) AS line (metric, value)
        ORDER BY 1, 2
        """,
        rolled=rolled(metric),
        buckets=bucket_sums(metric),
        bounds=has_bounds(metric),
        condition=condition,
        low=_LOW,
        high=_HIGH,
    )
    return timeseries(
        head, query, unit=unit_of(metric), decimals=decimals, overrides=band_overrides(low=_LOW, high=_HIGH)
    )


def percentiles(head: Head, metric: str, column: str, condition: str, *shares: float) -> core.Panel:
    """Return percentiles of a histogram per value of `column`."""
    lines = ", ".join(
        f"('p{share * 100:g}', histogram_quantile({share}, step.bounds, step.buckets))" for share in shares
    )
    query = sql(
        """
        SELECT time, name || ' ' || line.share AS metric, line.value FROM (
          SELECT $__timeGroupAlias(time,$__interval), @column AS name, bounds, @buckets AS buckets
          FROM @rolled WHERE @bounds AND @condition GROUP BY 1, 2, 3) AS step,
        LATERAL (VALUES @lines) AS line (share, value)
        ORDER BY 1, 2
        """,
        column=column,
        lines=lines,
        rolled=rolled(metric),
        buckets=bucket_sums(metric),
        bounds=has_bounds(metric),
        condition=condition,
    )
    return timeseries(head, query, unit=unit_of(metric), minimum=0)


def means(head: Head, metric: str, column: str, condition: str, *, decimals: int) -> core.Panel:
    """Return the mean of a histogram per value of `column`."""
    query = sql(
        """
        SELECT $__timeGroupAlias(time,$__interval), @column AS metric, sum(sum) / nullif(sum(count), 0) AS value
        FROM @rolled WHERE @condition GROUP BY 1, 2 ORDER BY 1, 2
        """,
        column=column,
        rolled=rolled(metric),
        condition=condition,
    )
    return timeseries(head, query, unit=unit_of(metric), decimals=decimals)
