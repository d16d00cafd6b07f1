"""Builders of panels: one typed function per panel type, each returning a grafanalib object.

Every panel has an id that never changes (links and alert annotations point at it), a title, a description that ends
with the catalogue ids it answers, a unit, thresholds and a text for the case of no data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import attr
from grafanalib import core

from dashboards.look import COUNT, NEUTRAL, WHEN, Step, steps_json
from dashboards.source import DATASOURCE_REF

MINUTE = "1m"
"""Telemetry comes once a minute: a finer step would draw gaps and rates that are too high."""

POINTS = 720
"""Steps of a chart at most, whatever its width: 30 days are hours, so that hourly rollups answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What every panel has: where it is, what it shows and what it answers."""

    id: int
    title: str
    about: str  # what is shown, what is good or bad, what to do
    cites: tuple[str, ...]  # catalogue ids
    width: int = 12
    height: int = 8

    @property
    def description(self) -> str:
        """Return the description with its catalogue ids."""
        return f"{self.about} Catalogue: {', '.join(self.cites)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A data link of a cell: the words and where they lead."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """How a table shows one column."""

    unit: str = ""
    decimals: int | None = None
    steps: tuple[Step, ...] = ()
    mappings: list[dict[str, Any]] = field(default_factory=list)
    link: Link | None = None
    width: int | None = None
    hidden: bool = False  # there for links only
    bar: bool = False  # a bar behind the number, as long as the number is large


MOMENT = Column(unit=WHEN, width=165)
"""A column of moments to the second, all of them on one line."""


def stat(
    head: Head,
    *queries: str,
    unit: str = COUNT,
    decimals: int | None = None,
    steps: Sequence[Step] = NEUTRAL,
    mappings: Sequence[dict[str, Any]] = (),
    no_value: str = "no data",
    sparkline: bool = False,
    series: bool = False,
    background: bool = False,
) -> core.Panel:
    """Return a panel with one big number per column, or per series with `series` or a `sparkline` below it."""
    return core.Stat(
        **common(head, queries, fmt="time_series" if sparkline or series else "table"),
        alignment="auto",
        colorMode="background" if background else "value",
        graphMode="area" if sparkline else "none",
        reduceCalc="lastNotNull",
        textMode="auto",
        extraJson=field_config(unit, decimals, steps, mappings, no_value),
    )


def timeseries(
    head: Head,
    *queries: str,
    unit: str,
    decimals: int | None = None,
    steps: Sequence[Step] = NEUTRAL,
    lines_at_steps: bool = False,
    minimum: float | None = None,
    maximum: float | None = None,
    log10: bool = False,
    axis: str = "",
    style: str = "line",
    overrides: Sequence[dict[str, Any]] = (),
    no_value: str = "no data in this range",
) -> core.Panel:
    """Return lines (or `points`, `bars`) over time; `lines_at_steps` draws the thresholds."""
    limits = {key: value for key, value in (("min", minimum), ("max", maximum)) if value is not None}
    return core.TimeSeries(
        **common(head, queries, fmt="time_series"),
        axisLabel=axis,
        drawStyle=style,
        lineWidth=2,
        fillOpacity=0,
        spanNulls=True,
        showPoints="always" if style == "points" else "auto",
        scaleDistributionType="log" if log10 else "linear",
        scaleDistributionLog=10,
        stacking={"mode": "none", "group": "A"},
        thresholdsStyleMode="dashed" if lines_at_steps else "off",
        tooltipMode="multi",
        tooltipSort="desc",
        overrides=list(overrides),
        extraJson=field_config(unit, decimals, steps, (), no_value, **limits),
    )


def table(
    head: Head, query: str, columns: Mapping[str, Column], *, no_value: str = "none in this range"
) -> core.Panel:
    """Return a table; `columns` say how those that are not plain text look."""
    panel = core.Table(
        **common(head, (query,), fmt="table"),
        showHeader=True,
        overrides=[_column_override(name, column) for name, column in columns.items()],
    )
    look = field_config("", None, NEUTRAL, (), no_value)
    look["fieldConfig"]["defaults"] |= {
        "color": {"mode": "thresholds"},
        "custom": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False},
    }
    look["options"] = {"cellHeight": "sm", "footer": {"show": False, "reducer": ["sum"], "countRows": False}}
    return attr.evolve(panel, extraJson=look)


def state_timeline(
    head: Head, query: str, *, mappings: Sequence[dict[str, Any]], no_value: str = "no data in this range"
) -> core.Panel:
    """Return one band per series, coloured by the mapping of its value. It has no thresholds: they hide mappings."""
    return core.StateTimeline(
        **common(head, (query,), fmt="time_series"),
        colorMode="palette-classic",
        fillOpacity=80,
        legendDisplayMode="list",
        mappings=list(mappings),
        mergeValues=True,
        rowHeight=0.9,
        showValue="never",
        extraJson={"fieldConfig": {"defaults": {"noValue": no_value}}},
    )


def band_overrides(low: str, high: str) -> list[dict[str, Any]]:
    """Return overrides that shade the area between the series `low` and `high` and keep both out of the legend."""
    hidden: dict[str, Any] = {
        "id": "custom.hideFrom",
        "value": {"legend": True, "tooltip": False, "viz": False},
    }
    thin: dict[str, Any] = {"id": "custom.lineWidth", "value": 0}
    fill: list[dict[str, Any]] = [
        {"id": "custom.fillBelowTo", "value": low},
        {"id": "custom.fillOpacity", "value": 20},
    ]
    return [
        {"matcher": {"id": "byName", "options": high}, "properties": [hidden, thin, *fill]},
        {"matcher": {"id": "byName", "options": low}, "properties": [hidden, thin]},
    ]


def coloured(name: str, colour: str) -> dict[str, Any]:
    """Return the override that gives the series `name` a colour of its own."""
    fixed = {"id": "color", "value": {"mode": "fixed", "fixedColor": colour}}
    return {"matcher": {"id": "byName", "options": name}, "properties": [fixed]}


def common(head: Head, queries: Sequence[str], *, fmt: str) -> dict[str, Any]:
    """Return the arguments that every panel of grafanalib takes."""
    return {
        "id": head.id,
        "title": head.title,
        "description": head.description,
        "gridPos": core.GridPos(h=head.height, w=head.width, x=0, y=0),
        "dataSource": DATASOURCE_REF,
        "interval": MINUTE,
        "maxDataPoints": POINTS,
        "targets": [
            core.SqlTarget(rawSql=query, refId=chr(ord("A") + index), format=fmt, datasource=DATASOURCE_REF)
            for index, query in enumerate(queries)
        ],
    }


def field_config(
    unit: str,
    decimals: int | None,
    steps: Sequence[Step],
    mappings: Sequence[dict[str, Any]],
    no_value: str,
    **limits: float,
) -> dict[str, Any]:
    """Return the JSON that says how values of a panel look."""
    defaults: dict[str, Any] = {"thresholds": steps_json(steps), "noValue": no_value, **limits}
    if unit:
        defaults["unit"] = unit
    if decimals is not None:
        defaults["decimals"] = decimals
    if mappings:
        defaults["mappings"] = list(mappings)
    return {"fieldConfig": {"defaults": defaults}}


def _column_override(name: str, column: Column) -> dict[str, Any]:
    properties: list[dict[str, Any]] = []
    if column.unit:
        properties.append({"id": "unit", "value": column.unit})
    if column.decimals is not None:
        properties.append({"id": "decimals", "value": column.decimals})
    if column.steps:
        properties.append({"id": "thresholds", "value": steps_json(column.steps)})
    if column.mappings:
        properties.append({"id": "mappings", "value": column.mappings})
    if column.steps or column.mappings:
        properties.append({"id": "custom.cellOptions", "value": {"type": "color-text"}})
    if column.hidden:
        properties.append({"id": "custom.hidden", "value": True})
    if column.bar:
        properties.append({"id": "custom.cellOptions", "value": {"type": "gauge", "mode": "basic"}})
        properties.append({"id": "min", "value": 0})
    if column.link:
        links = [{"title": column.link.title, "url": column.link.url, "targetBlank": False}]
        properties.append({"id": "links", "value": links})
    if column.width:
        properties.append({"id": "custom.width", "value": column.width})
    return {"matcher": {"id": "byName", "options": name}, "properties": properties}
