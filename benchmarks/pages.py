"""How long a person waits for a board: from a browser that has nothing yet, and after a change of the time range.

A real Chromium opens boards of a real server over the data of the other figures. A board is painted when each of its
panels has drawn its data or says that there is none.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from alert_rules import load_shipped_objectives
from benchmarks.results import Figure, Result, UnmeasurableError
from model.clock import VirtualClock
from tests.acceptance.browsing import serving
from tests.services.browser import BROWSER_ARGUMENTS, find_chromium
from tests.services.unavailable import ServiceUnavailableError
from web import WebSources, create_app

_BOARDS = ("herald-home", "herald-memory-on-call", "herald-memory-executive")
_ROUNDS = 5
_FIRST_PANEL = "[data-panel-id][data-state=data]"
_BOARD = "main[data-loaded=yes]"
_ALLOWED_COLD_S, _ALLOWED_CHANGE_S = 2.0, 1.0


def measure_pages(sources: WebSources, boards: Mapping[str, Mapping[str, Any]], now_ns: int) -> Iterator[Result]:
    """Yield the medians for some boards; raises UnmeasurableError where there is no browser."""
    try:
        chromium = find_chromium()
    except ServiceUnavailableError as exc:
        raise UnmeasurableError(str(exc)) from exc
    app = create_app(sources, boards, load_shipped_objectives(), "bench", clock=VirtualClock(now_ns))
    with serving(app) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=BROWSER_ARGUMENTS)
        for uid in _BOARDS:
            yield from _measure_board(browser, f"{site}/d/{uid}", uid)
        browser.close()


def _measure_board(browser: Browser, address: str, uid: str) -> Iterator[Result]:
    rounds = [_open_cold(browser, address) for _ in range(_ROUNDS)]
    first_s, board_s, change_s = (statistics.median(each) for each in zip(*rounds, strict=True))
    yield Result(name=f"{uid}, cold: first panel", value=first_s, unit="s", beside=Figure("allowed", _ALLOWED_COLD_S))
    yield Result(name=f"{uid}, cold: board", value=board_s, unit="s", beside=Figure("allowed", _ALLOWED_COLD_S))
    yield Result(
        name=f"{uid}, time range changed", value=change_s, unit="s", beside=Figure("allowed", _ALLOWED_CHANGE_S)
    )


def _open_cold(browser: Browser, address: str) -> tuple[float, float, float]:
    """Return seconds to the first panel, to the whole board and of a change of range, in an empty browser."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(_FIRST_PANEL)
    first_s = time.perf_counter() - begun
    page.wait_for_selector(_BOARD)
    board_s = time.perf_counter() - begun
    change_s = _timed(lambda: _change_range(page))
    context.close()
    return first_s, board_s, change_s


def _change_range(page: Page) -> None:
    page.evaluate("document.querySelector('main').dataset.loaded = 'no'")
    page.locator("#time-picker summary").click()
    page.get_by_role("button", name="Last 6 hours").click()
    page.wait_for_selector(_BOARD)


def _timed(act: Callable[[], None]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun
