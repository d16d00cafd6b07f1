"""Every shipped board in a real browser, on a database in which a fleet has lived: another one than `herald up` has.

The running platform shows them at two widths on the embedded PostgreSQL; here they are drawn once from TimescaleDB.
"""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from dashboards import build_boards
from herald.web_sources import StoredSources
from model.clock import VirtualClock
from tests.acceptance.browsing import open_page, serving
from tests.integration.lived_fleet import NOW_NS, OBJECTIVES
from tests.unit.dashboards.rendered import QUIET
from web import create_app

BOARDS = build_boards(OBJECTIVES)
NOT_THEN = {"herald-home": {"Telemetry requests stored"}}
"""Panels of the time at which telemetry arrived, which is today, not the day in which the fleet lived."""


@pytest.fixture(scope="module")
def site(timescale_server_url: str, lived_fleet: Callable[[str], str]) -> Iterator[str]:
    """The address of a server on three hours of the fleet, at the end of which it stands still."""
    with (
        closing(StoredSources(lived_fleet(timescale_server_url))) as sources,
        serving(create_app(sources, BOARDS, OBJECTIVES, "1.2.3", clock=VirtualClock(NOW_NS))) as address,
    ):
        yield address


@pytest.mark.parametrize("uid", sorted(BOARDS))
def test_every_panel_shows_data_or_says_why_not(page: Page, uid: str):
    open_page(page, f"/d/{uid}?from=now-3h&to=now")
    states = page.locator("[data-panel-id]").evaluate_all(
        "all => all.map(each => [each.querySelector('h2').textContent, each.dataset.state])"
    )
    assert states
    undrawn = {title: state for title, state in states if state != "data"}
    may_be_empty = QUIET.get(uid, set()) | NOT_THEN.get(uid, set())
    assert undrawn == dict.fromkeys(undrawn.keys() & may_be_empty, "empty")
    expect(page.locator("[role=alert] .error")).to_have_count(0)
