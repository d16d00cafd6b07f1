"""The design rules of the boards, held against every one of them."""

import json
import re
from itertools import combinations, pairwise

import pytest

from dashboards.domains import DOMAINS
from dashboards.look import BAD, BLUE, GOOD, TELEMETRY_WORDS, WARN, burn_steps, lines_of_burn, worst_code
from dashboards.reference import cited
from model.registry import load_registry
from model.windows import render_duration
from slo.burn import BURN_WINDOWS, Rule
from tests.unit.dashboards.rendered import (
    BOARDS,
    OBJECTIVES,
    Json,
    each_board,
    each_panel,
    panels,
    panels_of,
    used_variables,
)
from web.annotations import MARKS_LIMIT

EXPECTED_PACE = {
    "executive": ("now-30d", "5m"),
    "on-call": ("now-6h", "30s"),
    "debug": ("now-1h", "10s"),
    "home": ("now-24h", "30s"),
    "slo": ("now-28d", "1m"),
    "incident": ("now-6h", "1m"),
    "calibration": ("now-10y", "15m"),
}


def _numbered(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number}" for number in range(1, count + 1)]


_ANY = "executive|on-call|debug"
CATALOGUE_PANELS = {
    "memory": {"executive": _numbered("PE", 3), "on-call": _numbered("PO", 4), "debug": _numbered("PD", 4),
               _ANY: ["PX1", "PX2"]},
    "link": {"executive": _numbered("PE", 4), "on-call": _numbered("PO", 5), "debug": _numbered("PD", 4)},
    "scaleup": {"executive": _numbered("PE", 4), "on-call": _numbered("PO", 5), "debug": _numbered("PD", 4)},
    "network": {"executive": _numbered("PE", 3), "on-call": _numbered("PO", 4), "debug": _numbered("PD", 5),
                _ANY: ["PX1"]},
    "community": {"executive": _numbered("PE", 4), "on-call": _numbered("PO", 4), "debug": _numbered("PD", 4),
                  _ANY: ["PX1", "PX2"]},
}  # fmt: skip
"""The panels of the catalogue: 18 for executives, 22 on call, 21 for diagnosis, 5 asked for elsewhere."""


@each_board
def test_board_has_an_audience_that_sets_its_pace(board: Json):
    [audience] = set(board["tags"]) & set(EXPECTED_PACE)
    assert (board["time"]["from"], board["refresh"]) == EXPECTED_PACE[audience]
    assert (board["time"]["to"], board["timezone"], board["graphTooltip"]) == ("now", "utc", 1)


@each_board
def test_board_states_its_question(board: Json):
    assert board["description"].endswith("?")
    assert board["title"].startswith("Herald / ")
    assert "herald" in board["tags"]


@each_board
def test_board_stays_readable(board: Json):
    assert 8 <= len(board["panels"]) <= 20


@each_board
def test_uid_fits_grafana(board: Json):
    assert re.fullmatch(r"herald-[a-z-]{1,33}", board["uid"])


@each_board
def test_panel_ids_and_titles_are_unique(board: Json):
    shown = [*board["panels"], *(nested for row in board["panels"] for nested in row.get("panels", ()))]
    ids, titles = ([panel[key] for panel in shown] for key in ("id", "title"))
    assert len(set(ids)) == len(ids)
    assert len(set(titles)) == len(titles)


@each_board
def test_panels_lie_inside_the_grid_without_overlap(board: Json):
    for panel in board["panels"]:
        grid = panel["gridPos"]
        assert 0 <= grid["x"] < grid["x"] + grid["w"] <= 24
    for one, other in combinations((panel["gridPos"] for panel in board["panels"]), 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)


@each_board
def test_first_screen_answers_whether_all_is_well(board: Json):
    first = min(board["panels"], key=lambda panel: (panel["gridPos"]["y"], panel["gridPos"]["x"]))
    is_diagnosis = "debug" in board["tags"]
    assert is_diagnosis or first["type"] == "stat"


def test_boards_of_the_brief_exist():
    domains = {domain.uid(board) for domain in DOMAINS for board in ("executive", "on-call", "debug")}
    assert len(domains) == 15
    assert set(BOARDS) == domains | {"herald-home", "herald-processor-calibration", "herald-slo", "herald-incident"}


@each_panel
def test_panel_title_is_short(panel: Json):
    assert 3 <= len(panel["title"]) <= 40


@each_panel
def test_a_chart_of_a_few_of_many_says_so_in_its_title(panel: Json):
    is_list = panel["type"] in {"table", "stat"} or panel["title"].endswith(": burn rate")  # all objectives have them
    limits = [limit for each in panel.get("targets", ()) for limit in re.findall(r"LIMIT (\d\d+)", each["rawSql"])]
    assert is_list or all(limit in panel["title"] for limit in limits)


@each_board
def test_annotations_ask_for_one_more_than_is_drawn(board: Json):
    asked = [re.findall(r"LIMIT (\d+)", each["target"]["rawSql"]) for each in board["annotations"]["list"]]
    assert all(limits == [str(MARKS_LIMIT + 1)] for limits in asked)


@each_panel
def test_panel_says_what_it_answers(panel: Json):
    assert all(re.fullmatch(r"(memory|link|scaleup|network|community)\.[A-Z]+\d+", each) for each in cited(panel)), (
        panel["description"]
    )
    assert len(panel["description"]) > 40


@each_panel
def test_panel_says_so_when_there_is_no_data(panel: Json):
    assert panel["fieldConfig"]["defaults"]["noValue"]


@each_panel
def test_thresholds_ascend_from_an_open_first_step(panel: Json):
    if panel["type"] == "state-timeline":
        assert "thresholds" not in panel["fieldConfig"]["defaults"]
        return
    first, *others = [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]
    assert first is None
    assert all(low < high for low, high in pairwise(others))


@each_panel
def test_logarithmic_axis_is_labelled(panel: Json):
    custom = panel["fieldConfig"]["defaults"].get("custom", {})
    if custom.get("scaleDistribution", {}).get("type") == "log":
        assert "log scale" in custom["axisLabel"]


@each_panel
def test_nothing_is_stacked(panel: Json):
    custom = panel["fieldConfig"]["defaults"].get("custom", {})
    assert custom.get("stacking", {"mode": "none"})["mode"] == "none"


def test_budget_below_zero_stays_visible():
    """As a line and as a number; a bar begins at 0, as no length of it could stand for less than nothing."""
    budgets = [panel for _, panel in panels() if "udget" in panel["title"] and panel["type"] != "table"]
    least = {(panel["type"], panel["fieldConfig"]["defaults"].get("min")) for panel in budgets}
    assert least == {("timeseries", None), ("stat", None), ("bargauge", 0)}


def test_every_panel_that_the_catalogue_asks_for_is_shown_on_a_board_of_its_domain_and_audience():
    shown = {(uid, each) for uid, panel in panels() for each in cited(panel)}
    missing = {
        f"{domain}.{panel}"
        for domain, boards in CATALOGUE_PANELS.items()
        for board, wanted in boards.items()
        for panel in wanted
        if not any((f"herald-{domain}-{each}", f"{domain}.{panel}") in shown for each in board.split("|"))
    }
    assert missing == set()


def test_the_catalogue_asks_for_66_panels():
    assert sum(len(wanted) for boards in CATALOGUE_PANELS.values() for wanted in boards.values()) == 66


def test_only_live_telemetry_and_only_kept_promises_are_green():
    green_words = [word for word, (_, colour) in TELEMETRY_WORDS.items() if colour == GOOD]
    assert green_words == ["live"]
    assert len({text for text, _ in TELEMETRY_WORDS.values()}) == 5


@each_panel
def test_no_budget_is_green_of_itself(panel: Json):
    """Half a budget that burns is at risk, a spent one that rests is exhausted: only the state may be green."""
    looks = [
        (
            {"Budget left" if "udget" in panel["title"] else "Burn" if "urn rate" in panel["title"] else ""},
            panel["fieldConfig"]["defaults"].get("thresholds"),
        )
    ]
    for override in panel["fieldConfig"]["overrides"]:
        looks += [
            ({override["matcher"]["options"]}, each["value"])
            for each in override["properties"]
            if each["id"] == "thresholds"
        ]
    of_budgets = {"Budget left", "Burn", "Burn 1 h", "Burn 1 d", *BURN_WINDOWS}
    colours = [step["color"] for names, look in looks if look and names & of_budgets for step in look["steps"]]
    assert GOOD not in colours


def test_what_may_be_measured_once_a_day_is_not_judged_as_if_it_were_each_minute():
    titles = {"Age of telemetry", "Gaps in telemetry", "Completeness of telemetry"}
    ages = [panel for _, panel in panels() if panel["title"] in titles]
    colours = {
        step["color"]
        for panel in ages
        for override in panel["fieldConfig"]["overrides"]
        for each in override["properties"]
        if override["matcher"]["options"] in {"Age", "Complete"} and each["id"] == "thresholds"
        for step in each["value"]["steps"]
    }
    assert colours == {BLUE}


def test_lines_of_a_burn_rate_are_where_it_does_not_last_and_where_a_usual_tier_tells_somebody():
    assert [(step.value, step.colour) for step in lines_of_burn("1h")] == [(None, BLUE), (1, WARN), (13.44, BAD)]
    assert [step.value for step in lines_of_burn("3d")] == [None, 1]


def test_a_burn_rate_over_one_window_is_never_red():
    """A tier asks two windows: beside the state OK a red number would say what is not so."""
    assert [(step.value, step.colour) for step in burn_steps()] == [(None, BLUE), (1, WARN)]
    columns = {"Burn 1 h", "Burn 1 d", *BURN_WINDOWS}
    looks = [
        each["value"]["steps"]
        for _, panel in panels()
        for override in panel["fieldConfig"]["overrides"]
        for each in override["properties"]
        if override["matcher"]["options"] in columns and each["id"] == "thresholds"
    ]
    looks += [
        panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        for _, panel in panels()
        if panel["type"] == "stat" and panel["title"].startswith("Burn rate")
    ]
    assert len(looks) > 2 * len(DOMAINS)
    assert {step["color"] for steps in looks for step in steps} == {BLUE, WARN}


def test_a_band_of_states_shows_the_worst_of_each_step_and_what_is_unknown_is_worse_than_ok():
    bands = [panel for _, panel in panels() if panel["type"] == "state-timeline" and "bjective" in panel["title"]]
    assert len(bands) == len(DOMAINS) + 2  # on call, at home, around an incident
    assert all(f"{worst_code()} AS value" in panel["targets"][0]["rawSql"] for panel in bands)


@each_panel
def test_every_estimate_is_shown_with_its_uncertainty(panel: Json):
    """Where a time series draws an estimate of the registry, its standard error is asked for beside it."""
    if panel["type"] != "timeseries":
        return
    sql = "".join(target["rawSql"] for target in panel["targets"])
    metrics = load_registry().metrics
    asked = {name for name in re.findall(r'metric_minute\."([^"]+)"', sql) if f"{name}.error" in metrics}
    unsure = {name for name in asked if f'"{name}.error"' not in sql and "min(min)" not in sql}
    assert unsure == set()


@each_panel
def test_a_statement_reads_a_rollup_rather_than_points_where_it_adds_up_a_range(panel: Json):
    if panel["type"] in {"timeseries", "heatmap"} and "herald-processor" not in str(panel["fieldConfig"]):
        sql = "".join(target["rawSql"] for target in panel["targets"])
        assert 'FROM metric."' not in sql or "percentile_cont" in sql


def test_executive_leads_to_on_call_to_debug_with_what_is_chosen():
    for domain in DOMAINS:
        for board, then in (("executive", "on-call"), ("on-call", "debug")):
            links = {link["url"]: link for link in BOARDS[domain.uid(board)]["links"]}
            way = links[f"/d/{domain.uid(then)}"]
            assert (way["includeVars"], way["keepTime"]) == (True, True)


def test_what_leads_to_a_job_keeps_the_site_and_the_time():
    leading = [
        (uid, link["url"])
        for uid, panel in panels()
        for override in panel["fieldConfig"]["overrides"]
        for each in override["properties"]
        if each["id"] == "links"
        for link in each["value"]
        if "var-job=" in link["url"]
    ]
    assert {uid for uid, _ in leading} >= {
        domain.uid("debug")
        for domain in DOMAINS
        if domain.name != "memory"  # whose traces bear no job
    }
    for uid, url in leading:
        board, _, query = url.removeprefix("/d/").partition("?")
        assert set(query.split("&")) == {"var-job=${__data.fields.Job}", "${site:queryparam}", "${__url_time_range}"}
        assert {"job", "site"} <= {each["name"] for each in BOARDS[board]["templating"]["list"]}, uid
        assert any(
            "Job" in str(panel["targets"]) and "trace_id" in str(panel["targets"])
            for panel in panels_of(BOARDS[board])
        )


def test_a_way_to_another_audience_has_its_usual_time_range():
    """An hour is of no use for a review: ways down keep the time, and those back to whoever acts now."""
    ways = {
        "executive": {"On call": True, "Debug": True, "Home": False},
        "on-call": {"Debug": True, "Executive": False, "Home": False},
        "debug": {"On call": True, "Executive": False, "Home": False},
    }
    for domain in DOMAINS:
        for board, kept in ways.items():
            assert {link["title"]: link["keepTime"] for link in BOARDS[domain.uid(board)]["links"]} == kept


def test_debug_boards_show_traces_or_raw_events():
    for domain in DOMAINS:
        text = "".join(t["rawSql"] for panel in panels_of(BOARDS[domain.uid("debug")]) for t in panel["targets"])
        assert "FROM span" in text
        assert "FROM event" in text


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda each: each.name)
def test_burn_rate_panels_draw_the_thresholds_that_alert(objective):
    drawn = {
        step["value"]
        for _, panel in panels()
        if panel["title"].endswith(": burn rate") and f"'{objective.name}'" in panel["targets"][0]["rawSql"]
        for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    }
    factors = {
        round(float(tier.factor(objective.window_ns)), 4)
        for tier in objective.tiers
        if tier.rule is Rule.RATE  # the others follow the traffic, what is left of the budget, or the past
    }
    assert drawn == factors | {None}


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda each: each.name)
def test_attainment_turns_green_at_the_target(objective):
    [panel] = [
        panel
        for _, panel in panels()
        if panel["type"] == "stat" and f"objective = '{objective.name}'" in panel["targets"][0]["rawSql"]
    ]
    assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]["value"] == float(objective.target)
    assert f"{render_duration(objective.window_ns)} rolling" in panel["title"]


@each_board
def test_links_lead_to_boards_that_exist(board: Json):
    text = json.dumps(board)
    urls = set(re.findall(r"/d/([\w${}._-]+)", text))
    assert urls, "every board leads somewhere"
    for url in urls:
        targets = [re.sub(r"\$\{__data\.fields\.(Domain|name)\}", domain.name, url) for domain in DOMAINS]
        assert set(targets) <= set(BOARDS), url


@each_board
def test_variables_are_used_and_defined(board: Json):
    defined = {variable["name"] for variable in board["templating"]["list"]}
    built_in = re.compile(r"__\w+")
    used = {name for name in used_variables(json.dumps(board)) if not built_in.fullmatch(name)}
    assert used == defined


@each_board
def test_every_metric_it_asks_for_is_registered(board: Json):
    statements = "".join(target["rawSql"] for panel in panels_of(board) for target in panel["targets"])
    asked = set(re.findall(r'metric(?:_minute|_hour)?\."([^"]+)"', statements))
    assert asked <= set(load_registry().metrics)


@pytest.mark.parametrize("uid", [uid for uid in BOARDS if uid not in {"herald-home", "herald-processor-calibration"}])
def test_calibrations_changes_pages_and_exclusions_are_drawn_over_every_time_series(uid: str):
    names = {annotation["name"] for annotation in BOARDS[uid]["annotations"]["list"]}
    assert names == {"Calibrations", "Changes", "Pages", "Exclusions"}
