"""From a grafanalib dashboard to the JSON that Grafana 10.3 to 13 reads as it stands.

grafanalib 0.7.1 writes a schema of 2016 with later additions: Grafana would run thirty migrations over it and lose
settings on the way. Each repair below names what it repairs; a test has one case for each.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from grafanalib import core
from grafanalib._gen import DashboardEncoder

from dashboards.source import DATASOURCE_NAME, DATASOURCE_REF, DATASOURCE_UID

SCHEMA_VERSION = 39
"""Newer than every lossy migration, older than what Grafana 10 does not know."""

_LEGACY_DASHBOARD_KEYS = ("__inputs", "gnetId", "hideControls", "id", "rows", "sharedCrosshair", "style")
_LEGACY_PANEL_KEYS = ("cacheTimeout", "columns", "editable", "error", "fontSize", "height", "minSpan", "span")
_ROW_KEYS = ("collapsed", "gridPos", "id", "panels", "title", "type")
_MISPLACED_TABLE_KEYS = ("color", "mappings")
_TARGET_KEYS = ("datasource", "format", "hide", "rawQuery", "rawSql", "refId")
_TEMPLATE_KEYS = (
    "allValue", "auto", "auto_count", "auto_min", "current", "datasource", "hide", "includeAll", "label", "multi",
    "name", "options", "query", "refresh", "regex", "sort", "type",
)  # fmt: skip
_REFRESH_ON_TIME_RANGE = 2
_GRAFANALIB_POINT_LIMIT = 100


def finalize(dashboard: core.Dashboard) -> dict[str, Any]:
    """Return the dashboard as JSON-ready values with every known defect of grafanalib repaired."""
    board: dict[str, Any] = json.loads(json.dumps(dashboard.to_json_data(), cls=DashboardEncoder))
    _drop(board, _LEGACY_DASHBOARD_KEYS)
    _drop(board["timepicker"], ("time_options",))
    board["schemaVersion"] = SCHEMA_VERSION
    for panel in _with_nested(board["panels"]):
        _repair_panel(panel)
    for template in board["templating"]["list"]:
        _repair_template(template)
    finished: dict[str, Any] = _without_nulls(board)
    return finished


def _with_nested(panels: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for panel in panels:
        yield panel
        yield from _with_nested(panel.get("panels", ()))


def _repair_panel(panel: dict[str, Any]) -> None:
    if panel["type"] == "row":
        for key in set(panel) - set(_ROW_KEYS):
            del panel[key]
        return
    _drop(panel, _LEGACY_PANEL_KEYS)
    if panel["type"] == "table":
        _drop(panel, _MISPLACED_TABLE_KEYS)
        panel["fieldConfig"]["defaults"].get("custom", {}).pop("displayMode", None)
    if panel.get("maxDataPoints") == _GRAFANALIB_POINT_LIMIT:
        del panel["maxDataPoints"]  # grafanalib's default; without it Grafana takes the width of the panel
    config = panel.setdefault("fieldConfig", {"defaults": {}})
    config.setdefault("overrides", [])
    _repair_thresholds(panel["type"], config["defaults"])
    if panel["type"] == "stat":
        _repair_stat(panel)
    legend = panel.get("options", {}).get("legend")
    if isinstance(legend, dict) and panel["type"] != "heatmap":
        _repair_legend(legend)
    panel["targets"] = [_repair_target(target) for target in panel.get("targets", ())]


def _repair_thresholds(panel_type: str, defaults: dict[str, Any]) -> None:
    if panel_type in {"state-timeline", "text"}:  # steps would hide a timeline's value mappings
        defaults.pop("thresholds", None)
        return
    steps = defaults.setdefault("thresholds", {"mode": "absolute"}).get("steps") or [
        {"color": "green", "value": None}
    ]
    defaults["thresholds"]["steps"] = [
        {"color": step["color"], "value": None if index == 0 else step["value"]} for index, step in enumerate(steps)
    ]


def _repair_stat(panel: dict[str, Any]) -> None:
    defaults, options = panel["fieldConfig"]["defaults"], panel["options"]
    defaults["color"] = defaults.get("color") or {"mode": "thresholds"}
    options.setdefault("wideLayout", True)
    options.setdefault("showPercentChange", False)
    options.setdefault("percentChangeColorMode", "standard")


def _repair_legend(legend: dict[str, Any]) -> None:
    legend.setdefault("calcs", [])
    legend.setdefault("showLegend", legend.get("displayMode") != "hidden")
    if legend.get("displayMode") == "hidden":
        legend["displayMode"] = "list"


def _repair_target(target: dict[str, Any]) -> dict[str, Any]:
    repaired = {key: target[key] for key in _TARGET_KEYS if key in target}
    repaired["datasource"] = repaired.get("datasource") or DATASOURCE_REF
    return repaired | {"editorMode": "code", "rawQuery": True}


def _repair_template(template: dict[str, Any]) -> None:
    for key in set(template) - set(_TEMPLATE_KEYS):
        del template[key]
    if template["type"] == "query":
        template["refresh"] = _REFRESH_ON_TIME_RANGE
        template["definition"] = template["query"]
    if template["type"] == "datasource":
        template["current"] = {"selected": True, "text": DATASOURCE_NAME, "value": DATASOURCE_UID}
    elif template["includeAll"] and template["current"].get("value") in {None, "All"}:
        template["current"] = _all_of(template)
    elif not template["includeAll"]:
        template["current"] = {}  # grafanalib writes a choice of null; Grafana then takes the first option
    if template["type"] != "interval":
        _drop(template, ("auto", "auto_count", "auto_min"))


def _all_of(template: dict[str, Any]) -> dict[str, Any]:
    """Return the choice of every option as Grafana writes it, which is not the word `All`."""
    if template["multi"]:
        return {"selected": True, "text": ["All"], "value": ["$__all"]}
    return {"selected": True, "text": "All", "value": "$__all"}


def _drop(values: dict[str, Any], keys: Iterable[str]) -> None:
    for key in keys:
        values.pop(key, None)


def _without_nulls(value: Any) -> Any:
    """Return the value without null members; only the first step of a threshold says `null` on purpose."""
    if isinstance(value, dict):
        keep_null = set(value) == {"color", "value"}
        return {key: _without_nulls(item) for key, item in value.items() if item is not None or keep_null}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
