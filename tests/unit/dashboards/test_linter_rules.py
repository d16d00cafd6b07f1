"""The rules of Grafana's dashboard linter that apply to SQL boards, and our own for statements."""

import re

from dashboards.sql import UNTIL_NOW
from tests.unit.dashboards.rendered import (
    BOARDS,
    Json,
    each_board,
    each_panel,
    each_statement,
    each_variable_query,
    panels_of,
    statements,
)

GRAFANA_UNITS = {
    "short", "percentunit", "s", "celsius", "kelvin", "hertz", "dateTimeAsIso", "watt", "volt", "pressurepa",
    "accMS2", "decbytes", "bps", "radian", "rotrads", "currencyUSD", "reqps", "si:T",
}  # fmt: skip
MACRO = re.compile(r"\$([_a-zA-Z0-9]+)\(([^)]*)\)")
MACROS = {"__timeFilter", "__timeGroupAlias", "__timeFrom", "__timeTo"}
SNAPSHOTS = ("slo.status", "FROM series", "resolved_at IS NULL")
"""What says how things stand now, whatever the time range."""


@each_board
def test_template_datasource_rule(board: Json):
    [source] = [each for each in board["templating"]["list"] if each["type"] == "datasource"]
    assert (source["name"], source["label"]) == ("datasource", "Data source")
    assert source["current"]["value"] == "herald-pg"


@each_panel
def test_panel_datasource_rule(panel: Json):
    source = {"type": "grafana-postgresql-datasource", "uid": "${datasource}"}
    assert panel["datasource"] == source
    assert all(target["datasource"] == source for target in panel["targets"])


@each_panel
def test_panel_title_description_rule(panel: Json):
    assert panel["title"]
    assert panel["description"]


@each_panel
def test_panel_units_rule(panel: Json):
    """A counted thing per second has no unit in Grafana's list: `suffix:` is our one exception."""
    defaults = panel["fieldConfig"]["defaults"]
    unit = defaults.get("unit", "")
    assert (
        unit in GRAFANA_UNITS or unit.startswith("suffix: ") or defaults.get("mappings") or panel["type"] == "table"
    )


@each_panel
def test_panel_no_targets_rule(panel: Json):
    assert panel["targets"]
    assert all(target["rawSql"].strip() for target in panel["targets"])


@each_board
def test_template_on_time_change_reload_rule(board: Json):
    queries = [each for each in board["templating"]["list"] if each["type"] == "query"]
    assert all(each["refresh"] == 2 and "allValue" not in each for each in queries)


@each_board
def test_uneditable_dashboard(board: Json):
    assert board["editable"] is False


@each_statement
def test_statement_has_a_time_range(sql: str):
    until = re.escape(UNTIL_NOW)
    since_its_end = re.search(rf"BETWEEN {until} - interval '\d+ (hour|day)s?' AND {until}", sql)
    bounded = "$__timeFilter(" in sql or ("$__timeFrom()" in sql and "$__timeTo()" in sql) or since_its_end
    assert bounded or any(snapshot in sql for snapshot in SNAPSHOTS)


@each_statement
def test_macros_get_plain_columns(sql: str):
    for name, arguments in MACRO.findall(sql):
        assert name in MACROS
        column, *others = arguments.split(",")
        assert re.fullmatch(r"([a-z]\.)?[a-z_]*", column), arguments
        assert others in ([], ["$__interval"])


@each_statement
def test_time_groups_are_grouped_by_position(sql: str):
    assert "$__timeGroup(" not in sql
    assert "$__timeGroupAlias(" not in sql or "GROUP BY 1" in sql


@each_statement
def test_statement_is_one_without_comments(sql: str):
    assert not re.search(r"--|/\*|;", sql)


@each_statement
def test_variables_are_quoted_as_sql_strings(sql: str):
    inside = re.sub(r"\bIN \(\$\{\w+:sqlstring\}\)", "", sql)
    assert "${" not in inside


@each_variable_query
def test_variable_query_names_its_columns_and_always_answers(sql: str):
    assert "AS __text" in sql
    assert "AS __value" in sql
    assert "WHERE NOT EXISTS" in sql
    assert "${" not in re.sub(r"\bIN \(\$\{\w+:sqlstring\}\)", "", sql)


def test_time_series_statements_answer_with_time_metric_and_value():
    for uid, board in BOARDS.items():
        for panel in panels_of(board):
            for target in panel["targets"]:
                if target["format"] == "time_series":
                    sql = target["rawSql"]
                    assert re.search(r"metric\b", sql), (uid, panel["id"])
                    assert "value" in sql
                    assert re.search(r"ORDER BY 1", sql), (uid, panel["id"])


def test_there_are_statements():
    assert len(list(statements())) > 100
