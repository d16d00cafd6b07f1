"""The design rules of the boards, held against every one of them."""

import re
from itertools import combinations, pairwise

import pytest
import yaml

from dashboards.domains import DOMAINS
from dashboards.reference import NOT_YET, cited
from model.registry import load_registry
from tests.unit.dashboards.rendered import BOARDS, OBJECTIVES, Json, each_board, each_panel, panels, used_variables

EXPECTED_PACE = {
    "executive": ("now-30d", "5m"),
    "on-call": ("now-6h", "30s"),
    "debug": ("now-1h", "10s"),
    "home": ("now-24h", "30s"),
    "calibration": ("now-10y", "15m"),
}


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
    ids, titles = ([panel[key] for panel in board["panels"]] for key in ("id", "title"))
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
    assert set(BOARDS) == domains | {"herald-home", "herald-processor-calibration"}


@each_panel
def test_panel_title_is_short(panel: Json):
    assert 3 <= len(panel["title"]) <= 40


@each_panel
def test_panel_says_what_it_answers(panel: Json):
    assert all(re.fullmatch(r"(memory|link)\.[A-Z]+\d+", each) for each in cited(panel)), panel["description"]
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
    budgets = [panel for _, panel in panels() if "rror budget" in panel["title"]]
    assert budgets
    assert not any("min" in panel["fieldConfig"]["defaults"] for panel in budgets)


@pytest.mark.parametrize("domain", ["memory", "link"])
def test_every_panel_that_the_catalogue_asks_for_is_there_or_explained(domain: str):
    wanted = {
        "memory": {f"PE{n}" for n in (1, 2, 3)} | {f"PO{n}" for n in (1, 2, 3, 4)}
        | {f"PD{n}" for n in (1, 2, 3, 4)} | {"PX1", "PX2"},
        "link": {f"PE{n}" for n in (1, 2, 3, 4)} | {f"PO{n}" for n in (1, 2, 3, 4, 5)}
        | {f"PD{n}" for n in (1, 2, 3, 4)},
    }[domain]  # fmt: skip
    shown = {each for uid, panel in panels() if f"-{domain}-" in uid for each in cited(panel)}
    explained = {each for each in NOT_YET if each.startswith(domain)}
    assert {f"{domain}.{each}" for each in wanted} - shown == explained


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda each: each.name)
def test_burn_rate_panels_draw_the_thresholds_that_alert(objective):
    drawn = {
        step["value"]
        for _, panel in panels()
        if panel["title"].endswith(": burn rate") and f"'{objective.name}'" in panel["targets"][0]["rawSql"]
        for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    }
    factors = {round(float(tier.factor(objective.window_ns)), 4) for tier in objective.tiers}
    assert drawn == factors | {None}


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda each: each.name)
def test_attainment_turns_green_at_the_target(objective):
    [panel] = [
        panel
        for _, panel in panels()
        if panel["type"] == "stat" and f"'{objective.name}'" in panel["targets"][0]["rawSql"]
    ]
    assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]["value"] == float(objective.target)
    assert "28d rolling" in panel["title"]


@each_board
def test_links_lead_to_boards_that_exist(board: Json):
    text = yaml.safe_dump(board)
    urls = set(re.findall(r"/d/([\w${}._-]+)", text))
    assert urls, "every board leads somewhere"
    for url in urls:
        targets = [url.replace("${__data.fields.Domain}", domain.name) for domain in DOMAINS]
        assert set(targets) <= set(BOARDS), url


@each_board
def test_variables_are_used_and_defined(board: Json):
    defined = {variable["name"] for variable in board["templating"]["list"]}
    built_in = re.compile(r"__\w+")
    used = {name for name in used_variables(yaml.safe_dump(board)) if not built_in.fullmatch(name)}
    assert used == defined


@each_board
def test_every_metric_it_asks_for_is_registered(board: Json):
    asked = set(re.findall(r'metric\."([^"]+)"', "".join(t["rawSql"] for p in board["panels"] for t in p["targets"])))
    assert asked <= set(load_registry().metrics)


@each_board
def test_memory_and_link_boards_show_changes_and_pages(board: Json):
    names = {annotation["name"] for annotation in board["annotations"]["list"]}
    wanted = {"Firmware changes", "Pages"} if {"memory", "link"} & set(board["tags"]) else set()
    assert wanted <= names
