"""How long a person waits for a board: from a browser that has nothing yet, and after a change of the time range.

A real Chromium opens boards of a real server over the data of the other figures. The screen is painted when each
panel on it has drawn its data or says that there is none; panels further down follow, and the whole board is told
beside it.
"""

import statistics
import time
from collections.abc import Iterator, Mapping
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
_SCREEN = "main[data-painted=yes]"
_BOARD = "main[data-loaded=yes]"
_ALLOWED_S = {"cold: first panel": 2.0, "cold: screen": 2.0, "cold: board": 2.0, "time range changed: screen": 1.0}


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
    medians = dict(zip(_ALLOWED_S, map(statistics.median, zip(*rounds, strict=True)), strict=True))
    for what, allowed_s in _ALLOWED_S.items():
        yield Result(name=f"{uid}, {what}", value=medians[what], unit="s", beside=Figure("allowed", allowed_s))


def _open_cold(browser: Browser, address: str) -> tuple[float, ...]:
    """Return the seconds of each figure of `_ALLOWED_S`, in an empty browser."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    painted = [_since(begun, page, selector) for selector in (_FIRST_PANEL, _SCREEN, _BOARD)]
    page.locator("#time-picker summary").click()
    begun = time.perf_counter()
    page.get_by_role("button", name="Last 6 hours").click()
    changed = [_since(begun, page, _SCREEN)]
    context.close()
    return (*painted, *changed)


def _since(begun: float, page: Page, selector: str) -> float:
    page.wait_for_selector(selector)
    return time.perf_counter() - begun
