"""With a fault in the fleet, the on-call board of its domain shows it, as a person reads it from the page.

Three faults strike at once, each in a domain of its own; what is read is what the browser has drawn.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from alert_rules import load_shipped_objectives
from benchmarks.collecting import running_collector
from dashboards import build_boards
from exporters import OtlpClient, build_simulated_sources, replay_history
from herald.engine import GRACE_NS, Engine
from herald.web_sources import StoredSources
from hwsim import FaultSchedule, Injection, load_faults
from model.clock import HOUR_NS, MINUTE_NS, VirtualClock, to_ns
from store import RollupStore, Store
from tests.acceptance.browsing import open_page, serving
from tests.services.databases import MigratedDatabases
from web import create_app

START_NS = to_ns(datetime(2026, 9, 21, 10, 0, tzinfo=UTC))
FAULT_NS = START_NS + HOUR_NS
END_NS = FAULT_NS + 45 * MINUTE_NS
OBJECTIVES = load_shipped_objectives()
BOARDS = build_boards(OBJECTIVES)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A fault, what it strikes, and whom it hurts."""

    fault: str
    struck: str
    hurt: str

    @property
    def board(self) -> str:
        """The on-call board of the fault's domain."""
        return f"herald-{self.fault.partition('.')[0]}-on-call"

    @property
    def signal_board(self) -> str:
        """The board that draws the catalogue's signal: the on-call board or, for a cause below, the debug board."""
        debug = self.board.replace("on-call", "debug")
        return next(uid for uid in (self.board, debug) if self.signal_panels(uid))

    def signal_panels(self, uid: str) -> set[int]:
        """The charts over time of a board that ask for the metric of the catalogue's signal."""
        signal = f'."{load_faults()[self.fault].signal.metric}"'
        drawn = [panel for panel in BOARDS[uid]["panels"] if panel["type"] == "timeseries"]
        return {panel["id"] for panel in drawn if any(signal in each["rawSql"] for each in panel["targets"])}


CASES = (
    Case(fault="memory.F7", struck="cryo-hague", hurt="mem-hague"),
    Case(fault="link.F1", struck="link-delft-local", hurt="link-delft-local"),
    Case(fault="scaleup.F2", struck="orch-hague", hurt="orch-hague"),
)
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.fault)
BURN_RATE = "Burn rate over 1 h, 30 worst"
"""The one chart of a board that draws what was concluded, not what was measured."""


@pytest.fixture(scope="module")
def site(
    databases: MigratedDatabases, embedded_server_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The pages of a fleet in which three faults have lasted for three quarters of an hour."""
    with databases.on(embedded_server_url) as url:
        live_through(url, tmp_path_factory.mktemp("spool"))
        with closing(StoredSources(url)) as sources:
            app = create_app(sources, BOARDS, OBJECTIVES, "1", clock=VirtualClock(END_NS))
            with serving(app) as address:
                yield address


def live_through(url: str, folder: Path) -> None:
    faults = FaultSchedule(
        Injection(
            fault_id=case.fault,
            entity_id=case.struck,
            start_ns=FAULT_NS,
            end_ns=END_NS + HOUR_NS,
            magnitude=load_faults()[case.fault].magnitude.typical,
        )
        for case in CASES
    )
    with running_collector(url, folder) as collector, closing(OtlpClient(collector.url)) as client:
        sources = build_simulated_sources(seed=1, start_ns=START_NS, faults=faults)
        for _ in replay_history(sources, START_NS, END_NS, send=client.send):
            pass
        collector.wait_until_stored()
    with Store(url) as store:
        now_ns = END_NS + GRACE_NS
        Engine(store, OBJECTIVES, web_url="http://localhost", now_ns=now_ns).step(now_ns)
    with RollupStore(url) as rollups:
        rollups.refresh(closed_ns=END_NS, since_ns=0, budget_s=60.0)


def open_board(page: Page, uid: str) -> None:
    open_page(page, f"/d/{uid}?from={START_NS // 1_000_000}&to={END_NS // 1_000_000}&refresh=")


def first_screen(page: Page) -> dict[str, str]:
    """What the panels say that are whole on the first screen, by their titles."""
    found: Any = page.locator("[data-panel-id]").evaluate_all(
        "all => all.filter(each => each.getBoundingClientRect().bottom <= innerHeight)"
        ".map(each => [each.querySelector('h2').textContent, each.querySelector('.panel-body').innerText])"
    )
    return dict(found)


def clarity(page: Page) -> dict[int, float]:
    """How well the best line of each chart tells the time of the fault from the time before, by panel."""
    drawn: list[Any] = page.locator("[data-panel-type=timeseries] .chart").evaluate_all(
        "all => all.map(each => each.closest('[data-panel-id]')).map(panel => [Number(panel.dataset.panelId),"
        " panel.querySelector('h2').textContent, panel.querySelector('.chart').data.map(each => [each.x, each.y])])"
    )
    return {
        panel: max((separation(*line) for line in lines), default=0.0)
        for panel, title, lines in drawn
        if title != BURN_RATE
    }


def separation(times_ms: list[float], values: list[float | None]) -> float:
    """The share of values under the fault, once a quarter of an hour old, beyond all that was seen before it."""
    when, value = np.array(times_ms), np.array(values, dtype=float)
    known = ~np.isnan(value)
    before = value[known & (when < FAULT_NS // 1_000_000)]
    under = value[known & (when >= (FAULT_NS + 15 * MINUTE_NS) // 1_000_000)]
    if before.size < 10 or under.size < 10:
        return 0.0
    return max(float(np.mean(under > before.max())), float(np.mean(under < before.min())))


@each_case
def test_the_first_screen_of_the_on_call_board_shows_the_fault(page: Page, case: Case):
    open_board(page, case.board)
    shown = first_screen(page)
    worst = shown["Objectives, worst first"].splitlines()[1].split("\t")
    assert shown["Worst state"] == worst[2] == "EXHAUSTED"
    assert worst[1] == case.hurt


@each_case
def test_no_panel_shows_the_fault_more_clearly_than_that_of_the_catalogues_signal(page: Page, case: Case):
    open_board(page, case.signal_board)
    clear = clarity(page)
    best = max(clear[panel] for panel in case.signal_panels(case.signal_board))
    assert best == max(clear.values())
    assert best > 0.9
