"""What the acceptance tests share: one running platform, a browser, and somebody to page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.acceptance.collecting import CollectorProcess, running_collector
from tests.acceptance.paging import Pagers
from tests.acceptance.running import Platform, processes_of
from tests.conftest import StartServer

BROWSER_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform with a day of history that all tests share: whoever breaks something waits until it is mended."""
    platform = Platform(tmp_path_factory.mktemp("platform") / "data")
    try:
        platform.start()
        yield platform
    finally:
        status = platform.stop()
    assert status == 0, platform.stderr()
    assert processes_of(platform.data) == {}


@pytest.fixture
def collector(tmp_path: Path, database: str) -> Iterator[CollectorProcess]:
    """A collector of its own that writes into the test's database."""
    with running_collector(tmp_path, database) as running:
        yield running


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """One headless Chromium for a module: its event loop is in the way of others."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def pagers() -> Iterator[Pagers]:
    """People with a pager for pages and one for tickets."""
    pagers = Pagers()
    yield pagers
    pagers.close()


@pytest.fixture
def impatient_alertmanager(start_alertmanager: StartServer, pagers: Pagers) -> str:
    """An Alertmanager with the shipped routes and receivers, which waits seconds where it would wait minutes."""
    return start_alertmanager(pagers.config)
