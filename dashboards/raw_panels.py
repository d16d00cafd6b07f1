"""Builders of the panel types for which grafanalib writes an outdated shape, or none: bars, heatmaps, histograms."""

from collections.abc import Sequence
from typing import Any

from grafanalib import core

from dashboards.look import NEUTRAL, Step
from dashboards.panels import Head, common, field_config


class RawPanel(core.Panel):  # type: ignore[misc]
    """A panel type for which grafanalib writes an outdated shape, or none; `extraJson` says the rest."""

    def to_json_data(self) -> dict[str, Any]:
        """Return the panel as grafanalib's own panels do."""
        json: dict[str, Any] = self.panel_json({})
        return json


def bargauge(
    head: Head,
    *queries: str,
    unit: str,
    decimals: int | None = None,
    steps: Sequence[Step] = NEUTRAL,
    minimum: float | None = None,
    maximum: float | None = None,
    by_row: bool = False,
    no_value: str = "no data",
) -> core.Panel:
    """Return one horizontal bar per series, or with `by_row` one per row, called after its text, in their order."""
    limits = {key: value for key, value in (("min", minimum), ("max", maximum)) if value is not None}
    look = field_config(unit, decimals, steps, (), no_value, **limits)
    look["fieldConfig"]["defaults"]["color"] = {"mode": "thresholds"}
    look |= {
        "type": "bargauge",
        "options": {
            "displayMode": "basic",
            "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False},
            "maxVizHeight": 300,
            "minVizHeight": 16,
            "minVizWidth": 8,
            "namePlacement": "auto",
            "orientation": "horizontal",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": by_row},
            "showUnfilled": True,
            "sizing": "auto",
            "valueMode": "color",
        },
    }
    return RawPanel(**common(head, queries, fmt="table" if by_row else "time_series"), extraJson=look)


def heatmap(head: Head, query: str, *, unit: str, no_value: str = "no data in this range") -> core.Panel:
    """Return one row per series and one cell per step of time, darker where the value is larger."""
    look = field_config(unit, None, NEUTRAL, (), no_value)
    look |= {
        "type": "heatmap",
        "options": {
            "calculate": False,
            "cellGap": 1,
            "cellValues": {"unit": unit},
            "color": {
                "exponent": 0.5, "fill": "dark-blue", "mode": "scheme", "reverse": True, "scale": "exponential",
                "scheme": "Blues", "steps": 64,
            },
            "exemplars": {"color": "rgba(255,0,255,0.7)"},
            "filterValues": {"le": 1e-9},
            "legend": {"show": True},
            "rowsFrame": {"layout": "auto"},
            "showValue": "never",
            "tooltip": {"mode": "single", "showColorScale": False, "yHistogram": False},
            "yAxis": {"axisPlacement": "left", "reverse": False, "unit": "short"},
        },
    }  # fmt: skip
    return RawPanel(**common(head, (query,), fmt="time_series"), extraJson=look)


def histogram(head: Head, query: str, *, unit: str, no_value: str = "no data in this range") -> core.Panel:
    """Return bars of counts: each row of `query` is a bucket from `xMin` to `xMax`, each other column is a series."""
    look = field_config(unit, None, NEUTRAL, (), no_value)
    look["fieldConfig"]["defaults"] |= {
        "color": {"mode": "palette-classic"},
        "custom": {"fillOpacity": 70, "lineWidth": 1, "gradientMode": "none"},
    }
    look |= {
        "type": "histogram",
        "options": {
            "bucketCount": 30,
            "bucketOffset": 0,
            "combine": False,
            "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "none"},
        },
    }
    return RawPanel(**common(head, (query,), fmt="table"), extraJson=look)
