"""Panels of counters and gauges. Counters travel as increments, so a rate is their sum over the step's length."""

from collections.abc import Sequence

from grafanalib import core

from dashboards.look import KELVIN, NEUTRAL, RATIO, Step, unit_of
from dashboards.panels import Head, stat, timeseries
from dashboards.raw_panels import heatmap
from dashboards.sql import UNTIL_NOW, rolled, sql
from model.names import METRIC_HW_TEMPERATURE
from model.units import ZERO_CELSIUS_K

MEAN, LEAST, MOST, NEWEST = "sum(sum) / sum(count)", "min(min)", "max(max)", "(array_agg(last ORDER BY time DESC))[1]"
"""How the points of a step become one number."""

_TOLD_S = 10
"""How long after its end a minute is told whole: agents send every few seconds, and the engine counts at once."""


def rates(
    head: Head, metric: str, label: str, condition: str, *, unit: str, log10: bool = False, style: str = "line"
) -> core.Panel:
    """Return increments per second, one line per value of the expression `label`."""
    query = rate_query(metric, label, condition)
    axis = "log scale" if log10 else ""
    return timeseries(head, query, unit=unit, minimum=None if log10 else 0, log10=log10, axis=axis, style=style)


def rate_map(
    head: Head, metric: str, label: str, condition: str, *, unit: str, no_value: str = "no data in this range"
) -> core.Panel:
    """Return increments per second as a heatmap with one row per value of `label`."""
    return heatmap(head, rate_query(metric, label, condition), unit=unit, no_value=no_value)


def share(
    head: Head,
    metric: str,
    label: str,
    part: str,
    condition: str,
    *,
    decimals: int = 2,
    steps: Sequence[Step] = NEUTRAL,
) -> core.Panel:
    """Return the share of a counter's increments that meets `part`, one line per value of `label`."""
    query = share_query(metric, label, part, condition)
    return timeseries(head, query, unit=RATIO, decimals=decimals, steps=steps, lines_at_steps=len(steps) > 1)


def share_map(head: Head, metric: str, label: str, part: str, condition: str) -> core.Panel:
    """Return the share of a counter's increments that meets `part` as a heatmap with one row per value of `label`."""
    return heatmap(head, share_query(metric, label, part, condition), unit=RATIO)


def shares_of_a_day(
    head: Head, metric: str, label: str, part: str, condition: str, *, steps: Sequence[Step]
) -> core.Panel:
    """Return the share of a counter's increments that meets `part` over the last 24 h, one number per `label`."""
    query = sql(
        """
        SELECT max(time) AS time, @label AS metric,
          sum(increase) FILTER (WHERE @part) / nullif(sum(increase), 0) AS value
        FROM metric_minute."@metric"
        WHERE time BETWEEN @until - interval '1 day' AND @until AND @condition
        GROUP BY 2 ORDER BY 1, 2
        """,
        label=label,
        part=part,
        metric=metric,
        until=UNTIL_NOW,
        condition=condition,
    )
    return stat(head, query, unit=RATIO, decimals=2, steps=steps, series=True, no_value="NO TRAFFIC")


def share_query(metric: str, label: str, part: str, condition: str) -> str:
    """Return the query of `share`; a step without any increment has no value rather than 0 or 100 %."""
    return sql(
        """
        SELECT $__timeGroupAlias(time,$__interval), @label AS metric,
          sum(increase) FILTER (WHERE @part) / nullif(sum(increase), 0) AS value
        FROM @rolled WHERE @condition GROUP BY 1, 2 ORDER BY 1, 2
        """,
        label=label,
        part=part,
        rolled=rolled(metric),
        condition=condition,
    )


def gauges(
    head: Head,
    metric: str,
    label: str,
    condition: str,
    *,
    value: str = MEAN,
    by_device: bool = False,
    log10: bool = False,
    steps: Sequence[Step] = NEUTRAL,
) -> core.Panel:
    """Return a gauge over time, one line per value of `label`; `value` says how a step's points become one."""
    query = gauge_query(metric, label, condition, value=value, by_device=by_device)
    axis = "log scale" if log10 else ""
    return timeseries(
        head,
        query,
        unit=unit_of(metric),
        minimum=None if log10 else 0,
        log10=log10,
        axis=axis,
        steps=steps,
        lines_at_steps=len(steps) > 1,
    )


def gauge_query(metric: str, label: str, condition: str, *, value: str, by_device: bool = False) -> str:
    """Return the query of a gauge with any aggregate `value` of the columns of a rollup."""
    return sql(
        """
        SELECT $__timeGroupAlias(time,$__interval), @label AS metric, @value AS value
        FROM @rolled WHERE @condition GROUP BY 1, 2 ORDER BY 1, 2
        """,
        label=label,
        value=value,
        rolled=rolled(metric, by_device=by_device),
        condition=condition,
    )


def temperatures(head: Head, condition: str) -> core.Panel:
    """Return cryostat stages in kelvin: degrees Celsius, as OpenTelemetry asks, cannot tell 10 mK from 50 mK."""
    query = gauge_query(METRIC_HW_TEMPERATURE, "hw_id || ' ' || stage", condition, value=f"{MEAN} + {ZERO_CELSIUS_K}")
    return timeseries(head, query, unit=KELVIN, log10=True, axis="kelvin, log scale")


def rate_query(metric: str, label: str, condition: str) -> str:
    """Return the query of increments per second; a step's length is at least that of the rollup it reads.

    The minute that still runs is left out, and of a step that still runs only what is over counts: a rate that is
    added up to now and divided by the whole step falls at the end of every chart, whatever happens.
    """
    return sql(
        """
        SELECT step.time, step.metric,
          step.number / extract(epoch FROM least(step.time + @length, @over) - step.time)::float8 AS value
        FROM (
          SELECT $__timeGroupAlias(time,$__interval), @label AS metric, sum(increase) AS number
          FROM @rolled WHERE time < @over AND @condition GROUP BY 1, 2) AS step
        ORDER BY 1, 2
        """,
        length="make_interval(secs => $__interval_ms / 1000.0)",
        over=f"date_trunc('minute', least($__timeTo()::timestamptz, now() - interval '{_TOLD_S} seconds'))",
        label=label,
        rolled=rolled(metric),
        condition=condition,
    )
