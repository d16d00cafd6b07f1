"""Every shipped board and page, on the running platform, in a real browser: drawn, alive, and without complaint."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from alert_rules import load_shipped_objectives
from dashboards import build_boards
from hwsim import load_fleet
from tests.acceptance.browsing import fit_a_phone, open_page, open_tab, watched
from tests.acceptance.promises import COUNTED
from tests.acceptance.running import Platform, eventually, run_herald
from tests.ibm_snapshots import write_snapshot
from tests.unit.dashboards.rendered import QUIET

OBJECTIVES = load_shipped_objectives()
CALIBRATIONS = "herald-processor-calibration"
OTHER_BOARDS = sorted(set(build_boards(OBJECTIVES)) - {CALIBRATIONS})
PATIENCE_MS = 60_000
WAITING = """
    select count(*) from (select minute from rollup_dirty union all select minute from dirty_minute) as waiting
     where minute < now() - interval '5 minutes'
"""


@pytest.fixture(scope="module", autouse=True)
def counted(platform: Platform) -> None:
    """Look once the past day is added up: until then counts of a range say that they wait instead of a zero."""
    eventually(lambda: platform.ask(WAITING) == [(0,)], "the past day is counted")


@pytest.fixture(scope="module")
def tab(browser: Browser, platform: Platform) -> Iterator[Page]:
    with open_tab(browser, platform.url) as tab:
        tab.set_default_timeout(PATIENCE_MS)
        yield tab


@pytest.fixture
def page(tab: Page, platform: Platform) -> Iterator[Page]:
    with watched(tab, platform.url) as page:
        yield page


@pytest.fixture(scope="module")
def entities(platform: Platform) -> Counter[str]:
    """How many entities of each objective `herald slo status` tells."""
    status = json.loads(platform.herald("slo", "status", "--json").stdout)
    return Counter(each["objective"] for each in status["objectives"])


def undrawn_panels(page: Page, uid: str) -> dict[str, str]:
    """Open a board and return the panels that show no data, with what they say instead."""
    open_page(page, f"/d/{uid}")
    return undrawn_now(page, uid)


def undrawn_now(page: Page, uid: str) -> dict[str, str]:
    panels = page.locator("[data-panel-id]")
    assert panels.count() > 0
    undrawn = panels.evaluate_all(
        "all => all.filter(each => each.dataset.state !== 'data')"
        ".map(each => [each.querySelector('h2').textContent, each.innerText])"
    )
    return {title: text for title, text in undrawn if title not in QUIET.get(uid, set())}


@pytest.mark.parametrize("uid", OTHER_BOARDS)
def test_every_panel_shows_data_on_a_wall_and_on_a_phone(page: Page, uid: str):
    assert undrawn_panels(page, uid) == {}
    expect(page.locator(".notes li")).to_have_count(0)
    expect(page.locator("[role=alert] .error")).to_have_count(0)
    fit_a_phone(page)
    assert undrawn_now(page, uid) == {}


@pytest.mark.parametrize(
    ("domain", "site"), [("link", "delft"), ("scaleup", "hague"), ("network", "delft"), ("community", "hague")]
)
def test_three_clicks_lead_from_the_service_to_a_trace(page: Page, domain: str, site: str):
    """With the site and the time that were chosen first."""
    open_page(page, f"/d/herald-{domain}-executive?from=now-12h&to=now-1m&var-site={site}")
    ways = page.get_by_role("navigation", name="Related")
    to_a_job = page.locator("td a[href*='var-job=']").first
    for link in (ways.get_by_role("link", name="On call"), ways.get_by_role("link", name="Debug"), to_a_job):
        before = page.url
        link.click()
        expect(page).not_to_have_url(before)
        page.wait_for_selector("main[data-loaded=yes]")
        asked = parse_qs(urlsplit(page.url).query)
        assert (asked["from"], asked["to"], asked["var-site"]) == (["now-12h"], ["now-1m"], [site])
    assert urlsplit(page.url).path == f"/d/herald-{domain}-debug"
    stages = page.locator(
        "section.panel", has=page.get_by_role("heading", name=re.compile("^(Stages|Timeline) of one"))
    )
    expect(stages).to_have_attribute("data-state", "data")
    expect(stages.locator("tbody tr").first).to_contain_text(asked["var-job"][0])


def test_every_objective_and_entity_is_listed(page: Page, entities: Counter[str]):
    open_page(page, "/")
    listed = page.locator(".objectives tbody tr").evaluate_all("all => all.map(row => row.dataset.objective)")
    assert Counter(listed) == entities


@pytest.mark.parametrize("objective", [objective.name for objective in COUNTED])
def test_the_page_of_an_objective_draws_every_entity(page: Page, objective: str, entities: Counter[str]):
    open_page(page, f"/slo/{objective}")
    expect(page.locator(".entity")).to_have_count(entities[objective])
    expect(page.locator(".entity .scatterlayer").first).to_be_attached()
    expect(page.locator(".entity .arithmetic").first).to_contain_text("of the budget left")
    expect(page.locator("[aria-label=Runbook]")).not_to_be_empty()


@pytest.mark.parametrize("address", ["/alerts", "/dashboards", "/fleet", "/reports", "/about"])
def test_the_other_pages_open(page: Page, address: str):
    open_page(page, address)
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("main .error")).to_have_count(0)


def test_imported_snapshots_fill_the_calibration_board(page: Page, platform: Platform, tmp_path: Path):
    now = datetime.now(UTC)
    files = [
        write_snapshot(tmp_path, f"lab_{name}", now - timedelta(hours=1 + ago))
        for ago, name in enumerate(("north", "south", "west"))
    ]
    done = run_herald("import", "ibm-properties", *files, "--otlp", platform.otlp_url)
    assert done.returncode == 0, done.stderr
    eventually(lambda: undrawn_panels(page, CALIBRATIONS) == {}, "the board shows the snapshots", patience_s=30)
    for name in ("lab_north", "lab_south", "lab_west"):
        expect(page.locator("main")).to_contain_text(name)


def test_the_picture_shows_the_whole_fleet(page: Page):
    open_page(page, "/fleet")
    expect(page.locator("[data-entity]")).to_have_count(len(load_fleet().entities))
    expect(page.locator(".lane h2")).to_have_text(["delft", "hague"])
