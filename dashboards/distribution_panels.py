"""Panels of histograms: the mean with the spread around it, and percentiles of a latency.

Percentiles come from summed buckets (linear inside a bucket), never from averages of percentiles.
"""

from collections.abc import Sequence

from grafanalib import core

from dashboards.look import COUNT, NEUTRAL, Step, unit_of
from dashboards.panels import Head, band_overrides, timeseries
from dashboards.raw_panels import heatmap, histogram
from dashboards.sql import bucket_sums, has_bounds, rolled, sql
from model.registry import load_registry

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
        rolled=rolled(metric, by_device=True),
        buckets=bucket_sums(metric),
        bounds=has_bounds(metric),
        condition=condition,
        low=_LOW,
        high=_HIGH,
    )
    return timeseries(
        head, query, unit=unit_of(metric), decimals=decimals, overrides=band_overrides(low=_LOW, high=_HIGH)
    )


def percentiles(
    head: Head,
    metric: str,
    column: str,
    condition: str,
    *shares: float,
    minimum: float | None = 0,
    steps: Sequence[Step] = NEUTRAL,
) -> core.Panel:
    """Return percentiles of a histogram per value of `column`; latencies begin at `minimum` 0, fidelities do not."""
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
    return timeseries(head, query, unit=unit_of(metric), minimum=minimum, steps=steps, lines_at_steps=len(steps) > 1)


def means(
    head: Head, metric: str, column: str, condition: str, *, decimals: int, steps: Sequence[Step] = NEUTRAL
) -> core.Panel:
    """Return the mean of a histogram per value of `column`."""
    query = mean_query(metric, column, condition)
    return timeseries(
        head, query, unit=unit_of(metric), decimals=decimals, steps=steps, lines_at_steps=len(steps) > 1
    )


def mean_map(head: Head, metric: str, column: str, condition: str) -> core.Panel:
    """Return the mean of a histogram as a heatmap with one row per value of `column`."""
    return heatmap(head, mean_query(metric, column, condition), unit=unit_of(metric))


def mean_query(metric: str, column: str, condition: str) -> str:
    """Return the query of the mean of a histogram per value of `column`."""
    return sql(
        """
        SELECT $__timeGroupAlias(time,$__interval), @column AS metric, sum(sum) / nullif(sum(count), 0) AS value
        FROM @rolled WHERE @condition GROUP BY 1, 2 ORDER BY 1, 2
        """,
        column=column,
        rolled=rolled(metric),
        condition=condition,
    )


def bucket_map(head: Head, metric: str, condition: str) -> core.Panel:
    """Return how many samples fell into which bucket over time: one row per bucket, called after its upper bound."""
    definition = load_registry().metrics[metric]
    bounds, unit = definition.bounds, "" if definition.unit.startswith("{") else f" {definition.unit}"
    names = ", ".join(f"({index}, '{index:02d}: to {bound:g}{unit}')" for index, bound in enumerate(bounds, start=1))
    query = sql(
        """
        SELECT time, bucket.name AS metric, buckets[bucket.place]::float8 AS value FROM (
          SELECT $__timeGroupAlias(time,$__interval), @buckets AS buckets FROM @rolled WHERE @bounds AND @condition
          GROUP BY 1) AS step,
        (VALUES @names) AS bucket (place, name) ORDER BY 1, 2
        """,
        buckets=bucket_sums(metric),
        rolled=rolled(metric),
        bounds=has_bounds(metric),
        names=f"{names}, ({len(bounds) + 1}, '{len(bounds) + 1:02d}: above {bounds[-1]:g}{unit}')",
        condition=condition,
    )
    return heatmap(head, query, unit=COUNT)


def bucket_histogram(head: Head, metric: str, word: str, condition: str) -> core.Panel:
    """Return how many samples of the range fell into each bucket that is not empty; `word` says what is counted."""
    query = sql(
        """
        SELECT coalesce(bounds[place - 1], least(bounds[1], 0)) AS "xMin", coalesce(bounds[place], bounds[place - 1])
          AS "xMax", number::float8 AS "@word" FROM (
          SELECT bounds, @buckets AS buckets FROM @rolled WHERE @bounds AND @condition GROUP BY 1) AS whole,
        unnest(buckets) WITH ORDINALITY AS bucket (number, place)
        WHERE number > 0 ORDER BY place
        """,
        word=word,
        buckets=bucket_sums(metric),
        rolled=rolled(metric),
        bounds=has_bounds(metric),
        condition=condition,
    )
    return histogram(head, query, unit=unit_of(metric))
