"""One tab for a whole module: a page that is opened in it finds the chart library compiled already.

Nothing is kept in a browser between two pages of Herald, so that a test needs no tab of its own.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


_UNTIL_IT_FITS = """async () => {
  const deadline = performance.now() + 10000;
  while (document.documentElement.scrollWidth > innerWidth) {
    if (performance.now() > deadline) throw new Error(`${document.documentElement.scrollWidth} px wide`);
    await new Promise(requestAnimationFrame);
  }
}"""


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Run an application on a free port for as long as the block lasts."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@contextmanager
def open_tab(browser: Browser, site: str) -> Iterator[Page]:
    """Yield a tab on a site, whose console and foreign requests `watched` looks at."""
    context = browser.new_context(base_url=site)
    yield context.new_page()
    context.close()


@contextmanager
def watched(tab: Page, site: str) -> Iterator[Page]:
    """Yield the tab in its usual size and colours; fail if anything was complained about or asked of another host."""
    complaints: list[str] = []
    listeners: dict[Any, Any] = {
        "console": lambda message: complaints.append(f"{message.type}: {message.text}"),
        "pageerror": lambda error: complaints.append(str(error)),
        "request": lambda request: complaints.append(request.url) if is_foreign(request.url, site) else None,
    }
    tab.set_viewport_size({"width": 1920, "height": 1080})
    tab.emulate_media(color_scheme="light")
    for event, listener in listeners.items():
        tab.on(event, listener)
    yield tab
    tab.goto("about:blank")  # what still runs on the page complains now or never
    for event, listener in listeners.items():
        tab.remove_listener(event, listener)
    assert complaints == [], complaints


def is_foreign(url: str, site: str) -> bool:
    return not url.startswith((site, "about:", "data:", "blob:"))


def open_page(page: Page, address: str) -> None:
    """Open an address and wait until the page has drawn what it reads."""
    page.goto(address)
    page.wait_for_selector("main[data-loaded=yes]")


def fit_a_phone(page: Page) -> None:
    """Make the page as narrow as a phone, and wait until it needs no scrolling to the side."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate(_UNTIL_IT_FITS)  # the content policy forbids wait_for_function, which evaluates text


def inaccessible(page: Page, scheme: str) -> list[str]:
    """Return what axe-core finds wrong with the page in a colour scheme, with the first element of each finding."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.evaluate(_axe())
    found: Any = page.evaluate("tags => axe.run({ runOnly: tags })", list(RULES))
    return [f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]]


@cache
def _axe() -> str:
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
