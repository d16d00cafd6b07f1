"""One case for each defect of grafanalib that finalize repairs."""

from typing import Any

import pytest
from grafanalib import core

from dashboards.finalize import finalize
from dashboards.raw_panels import RawPanel


def finalized(*panels: core.Panel, **options: Any) -> dict[str, Any]:
    return finalize(core.Dashboard(title="a board", panels=list(panels), **options))


def finalized_panel(panel: core.Panel) -> dict[str, Any]:
    json: dict[str, Any] = finalized(panel)["panels"][0]
    return json


def finalized_variable(**options: Any) -> dict[str, Any]:
    template = core.Template(name="v", query="select 1", **options)
    json: dict[str, Any] = finalized(templating=core.Templating(list=[template]))["templating"]["list"][0]
    return json


def test_schema_is_too_new_for_lossy_migrations():
    assert finalized(graphTooltip=2)["schemaVersion"] == 39


def test_first_threshold_has_a_null_value_and_no_relics():
    steps = [core.Threshold("green", 0, 0.0), core.Threshold("red", 1, 80.0)]
    panel = finalized_panel(core.TimeSeries(title="t", thresholds=steps))
    assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"] == [
        {"color": "green", "value": None},
        {"color": "red", "value": 80.0},
    ]


def test_every_panel_has_overrides():
    assert finalized_panel(core.Text(title="t"))["fieldConfig"]["overrides"] == []


def test_panel_width_decides_the_number_of_points():
    assert "maxDataPoints" not in finalized_panel(core.TimeSeries(title="t"))


def test_a_chosen_number_of_points_is_kept():
    assert finalized_panel(core.TimeSeries(title="t", maxDataPoints=300))["maxDataPoints"] == 300


@pytest.mark.parametrize(
    ("multi", "current"),
    [
        (True, {"selected": True, "text": ["All"], "value": ["$__all"]}),
        (False, {"selected": True, "text": "All", "value": "$__all"}),
    ],
)
def test_all_is_grafanas_word_for_it(multi: bool, current: dict[str, Any]):
    assert finalized_variable(includeAll=True, multi=multi, default="All")["current"] == current


def test_query_variables_follow_the_time_range_and_have_no_custom_all():
    variable = finalized_variable()
    assert variable["refresh"] == 2
    assert not {"allValue", "regex", "useTags", "tagsQuery"} & set(variable)


def test_data_source_variable_knows_its_source():
    current = finalized_variable(type="datasource")["current"]
    assert (current["text"], current["value"]) == ("Herald", "herald-pg")


def test_targets_are_sql_and_nothing_else():
    target = core.SqlTarget(rawSql="select '${site}'", refId="A", format="table")
    [json] = finalized_panel(core.Table(title="t", targets=[target]))["targets"]
    assert json == {
        "datasource": {"type": "grafana-postgresql-datasource", "uid": "${datasource}"},
        "editorMode": "code",
        "format": "table",
        "hide": False,
        "rawQuery": True,
        "rawSql": "select '${site}'",
        "refId": "A",
    }


def test_legacy_keys_are_gone():
    board = finalized(core.Table(title="t", span=6))
    assert not {"__inputs", "rows", "style", "hideControls", "sharedCrosshair", "gnetId"} & set(board)
    [panel] = board["panels"]
    assert not {"editable", "error", "height", "span", "minSpan", "columns", "fontSize", "mappings"} & set(panel)


@pytest.mark.parametrize(("mode", "shown"), [("list", True), ("hidden", False)])
def test_legend_says_whether_it_is_shown(mode: str, shown: bool):
    legend = finalized_panel(core.TimeSeries(title="t", legendDisplayMode=mode))["options"]["legend"]
    assert (legend["showLegend"], legend["displayMode"]) == (shown, "list")


def test_stat_takes_its_colour_from_thresholds_that_exist():
    defaults = finalized_panel(core.Stat(title="t"))["fieldConfig"]["defaults"]
    assert defaults["color"] == {"mode": "thresholds"}
    assert defaults["thresholds"]["steps"] == [{"color": "green", "value": None}]


def test_state_timeline_has_no_thresholds_that_would_hide_its_mappings():
    panel = finalized_panel(core.StateTimeline(title="t", thresholds=[{"color": "red", "value": None}]))
    assert "thresholds" not in panel["fieldConfig"]["defaults"]


def test_raw_panels_pass_through_grafanalib():
    panel = finalized_panel(
        RawPanel(title="t", id=7, extraJson={"type": "bargauge", "options": {"valueMode": "color"}})
    )
    assert (panel["id"], panel["type"], panel["options"]) == (7, "bargauge", {"valueMode": "color"})


def test_panels_in_a_row_are_repaired_too():
    row = core.RowPanel(title="r", collapsed=True, panels=[core.TimeSeries(title="t")])
    assert "maxDataPoints" not in finalized_panel(row)["panels"][0]


def test_time_range_and_refresh_are_those_of_the_board():
    board = finalized(time=core.Time("now-30d", "now"), refresh="5m")
    assert (board["time"], board["refresh"]) == ({"from": "now-30d", "to": "now"}, "5m")
