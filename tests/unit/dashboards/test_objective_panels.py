"""Panels of one objective: made from what the objective itself says, for any objective."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from dashboards import build_boards
from dashboards.burn_panels import burn_rates
from dashboards.domains import MEMORY
from dashboards.objective_panels import PAGE_BURN, SLI_STAT, burn_panels, fixed_tiers, panel_id, sli_stat, window_of
from dashboards.panels import Head
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from slo import PAGE, TICKET, CalendarPeriod, CalendarUnit, Objective, Tier
from slo.burn import Rule
from tests.unit.dashboards.rendered import OBJECTIVES, panels_of

[WRITES] = [each for each in OBJECTIVES if each.name == "memory-write-success"]


def titles(objectives: tuple[Objective, ...], uid: str) -> set[str]:
    return {panel["title"] for panel in panels_of(build_boards(objectives)[uid])}


def test_boards_without_objectives_have_no_panels_of_objectives():
    assert not any("burn rate" in title for title in titles((), "herald-memory-on-call"))


def test_objective_that_never_pages_has_no_paging_burn_rate():
    quiet = replace(WRITES, tiers=tuple(tier for tier in WRITES.tiers if tier.severity == TICKET))
    assert burn_panels([quiet], MEMORY, PAGE, ()) == []
    assert len(burn_panels([quiet], MEMORY, TICKET, ())) == 1


def test_burn_rate_shows_only_windows_that_snapshots_keep():
    tiers = tuple(replace(tier, short_ns=7 * MINUTE_NS) for tier in WRITES.tiers)
    [panel] = burn_panels([replace(WRITES, tiers=tiers)], MEMORY, PAGE, ())
    assert "burn_1h" in panel.targets[0].rawSql
    assert "burn_7m" not in panel.targets[0].rawSql


HALF = Tier(
    name="half-of-rest", severity=PAGE, long_ns=6 * HOUR_NS, short_ns=30 * MINUTE_NS, budget_share=Fraction(1, 2),
    rule=Rule.REMAINING,
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule.REMAINING, "50% of what was left of the budget goes in 6h"),
        (Rule.BASELINE, "both 6h and 30m exceed 56 times the entity's own past, and 56"),
        (Rule.COUNT, "both 6h and 30m hold more failures than a burn of 56 makes of the usual traffic"),
    ],
)
def test_what_judges_by_more_than_the_burn_rate_is_no_line_but_words(rule: Rule, words: str):
    objective = replace(WRITES, tiers=(WRITES.tiers[0], replace(HALF, rule=rule)))
    [panel] = burn_panels([objective], MEMORY, PAGE, ())
    drawn = [step["value"] for step in panel.extraJson["fieldConfig"]["defaults"]["thresholds"]["steps"]]
    assert drawn == [None, float(WRITES.tiers[0].factor(WRITES.window_ns))]
    assert words in panel.description
    all_of_it = burn_rates(Head(id=1, title="Burn rates", about="", cites=()), [objective], "true")
    assert "half-of-rest" not in all_of_it.targets[-1].rawSql


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda objective: objective.name)
def test_each_line_across_burn_rates_has_a_name_and_a_value_of_its_own(objective: Objective):
    panel = burn_rates(Head(id=1, title="Burn rates", about="", cites=()), [objective], "true")
    told = re.findall(r"\('[^']+', '([^']+)', ([0-9.e+-]+)::float8\)", panel.targets[-1].rawSql)
    assert len({name for name, _ in told}) == len(told) == len(fixed_tiers(objective.tiers))


def test_panel_ids_do_not_depend_on_neighbours():
    alone = panels_of(build_boards([WRITES])["herald-memory-on-call"])
    assert panel_id(WRITES, PAGE_BURN) in {panel["id"] for panel in alone}
    assert panel_id(WRITES, PAGE_BURN) != panel_id(WRITES, SLI_STAT)


@pytest.mark.parametrize(("target", "decimals"), [("0.9", 2), ("0.99", 2), ("0.999", 3), ("0.9999", 4)])
def test_attainment_has_the_decimals_that_its_target_needs(target: str, decimals: int):
    panel = sli_stat(replace(WRITES, target=Decimal(target)), MEMORY, ())
    assert panel.extraJson["fieldConfig"]["defaults"]["decimals"] == decimals


def test_long_names_are_cut_and_the_window_is_not():
    panel = sli_stat(replace(WRITES, name=f"memory-{'very-' * 12}long"), MEMORY, ())
    assert len(panel.title) <= 40
    assert panel.title.endswith("…, 28d rolling")


MONTH = CalendarPeriod(start="2026-01-01 00:00:00", zone="UTC", count=1, unit=CalendarUnit.MONTH)
MONTHLY = tuple(replace(each, calendar=MONTH) for each in OBJECTIVES)
ALIKE = tuple(replace(each, window_ns=28 * DAY_NS) for each in OBJECTIVES)
OF_WINDOWS = {
    "herald-home": {"Budget left, 15 lowest"},
    "herald-memory-executive": {"Objectives met", "Budget left, 15 lowest", "Write success"},
    "herald-link-executive": {"Availability by site"},
    "herald-slo": {"The arithmetic", "Burn-down, 30 worst"},
}
"""Titles that name over what an objective keeps account, without that."""


@pytest.mark.parametrize(("objectives", "window"), [(ALIKE, "28d rolling"), (MONTHLY, "calendar month")])
@pytest.mark.parametrize("uid", OF_WINDOWS)
def test_titles_name_the_window_of_the_objectives(uid: str, objectives: tuple[Objective, ...], window: str):
    assert {f"{title}, {window}" for title in OF_WINDOWS[uid]} <= titles(objectives, uid)


def test_no_board_calls_a_calendar_period_rolling():
    text = json.dumps(build_boards(MONTHLY))
    assert "rolling" not in text
    assert "calendar month" in text


def test_where_windows_differ_a_title_names_none_and_the_table_names_each():
    [first, second, *_] = OBJECTIVES
    mixed = (first, replace(second, calendar=MONTH))
    assert {"The arithmetic", "Burn-down, 30 worst"} <= titles(mixed, "herald-slo")
    assert {"The arithmetic, rolling", "Burn-down, 30 worst, rolling"} <= titles(OBJECTIVES, "herald-slo")
    assert window_of("s", mixed) == (
        f"CASE WHEN s.objective IN ('{first.name}') THEN '28d rolling' "
        f"WHEN s.objective IN ('{second.name}') THEN 'calendar month' END"
    )
