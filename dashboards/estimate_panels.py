"""Panels of estimates: what was fitted, never without its uncertainty."""

from collections.abc import Sequence
from typing import Any

from grafanalib import core

from dashboards.look import GREY, NEUTRAL, Step, unit_of
from dashboards.panels import Head, timeseries
from dashboards.sql import rolled, sql
from model.names import error_of

_TWO_SIDED_95 = 1.96
"""Standard errors on either side of an estimate that hold 95 % of a normal distribution."""


def estimates(
    head: Head,
    metric: str,
    label: str,
    condition: str,
    *,
    steps: Sequence[Step] = NEUTRAL,
    decimals: int | None = None,
    right: Sequence[str] = (),
    overrides: Sequence[dict[str, Any]] = (),
) -> core.Panel:
    """Return an estimate per value of `label`, between the grey limits of its 95 % confidence interval.

    The interval is that of one estimate; where a step holds several, their mean is surer than it. `right` are further
    queries, for the axis on the right if `overrides` say so.
    """
    return timeseries(
        head,
        estimate_query(metric, label, condition),
        *right,
        unit=unit_of(metric),
        decimals=decimals,
        steps=steps,
        lines_at_steps=len(steps) > 1,
        overrides=[*_limit_overrides(), *overrides],
        no_value="no estimate in this range",
    )


def estimate_query(metric: str, label: str, condition: str) -> str:
    """Return the query of an estimate and of its limits, called `<label> low` and `<label> high`."""
    return sql(
        """
        SELECT time, name || line.suffix AS metric, line.value FROM (
          SELECT $__timeGroupAlias(time,$__interval), name, avg(mean) AS value, avg(error) AS error FROM (
            SELECT time, @label AS name, mean, NULL::float8 AS error FROM @values WHERE @condition
            UNION ALL SELECT time, @label, NULL, mean FROM @errors WHERE @condition) AS either
          GROUP BY 1, 2) AS step,
        LATERAL (VALUES ('', value), (' low', value - @z * error), (' high', value + @z * error))
          AS line (suffix, value)
        ORDER BY 1, 2
        """,
        label=label,
        values=rolled(metric),
        errors=rolled(error_of(metric)),
        condition=condition,
        z=str(_TWO_SIDED_95),
    )


def on_the_right(pattern: str, unit: str) -> dict[str, Any]:
    """Return the override that draws series whose name matches `pattern` against an axis on the right."""
    return {
        "matcher": {"id": "byRegexp", "options": pattern},
        "properties": [
            {"id": "custom.axisPlacement", "value": "right"},
            {"id": "unit", "value": unit},
            {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [6, 4]}},
        ],
    }


def _limit_overrides() -> list[dict[str, Any]]:
    """Return the look of limits: thin, grey and dotted, in no legend."""
    properties: list[dict[str, Any]] = [
        {"id": "custom.hideFrom", "value": {"legend": True, "tooltip": False, "viz": False}},
        {"id": "custom.lineWidth", "value": 1},
        {"id": "custom.lineStyle", "value": {"fill": "dot", "dash": [2, 4]}},
        {"id": "color", "value": {"mode": "fixed", "fixedColor": GREY}},
    ]
    return [{"matcher": {"id": "byRegexp", "options": "/ (low|high)$/"}, "properties": properties}]
