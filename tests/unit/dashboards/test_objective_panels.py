"""Panels of one objective: made from what the objective itself says, for any objective."""

from dataclasses import replace
from decimal import Decimal

import pytest

from dashboards import build_boards
from dashboards.domains import MEMORY
from dashboards.objective_panels import PAGE_BURN, SLI_STAT, burn_panels, panel_id, sli_stat
from model.clock import MINUTE_NS
from slo import PAGE, TICKET, Objective
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
