"""Real services as fixtures, each started when the first test asks for it and stopped at the end.

A test whose service cannot be had here is skipped with the reason and the remedy; with `CI=true` a skip is a failure,
because nobody reads why a machine that should have everything left something out.
"""

import contextlib
import gc
import os
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import hypothesis
import pytest

from tests.services.browser import BROWSER_ARGUMENTS, find_chromium
from tests.services.debian_root import DebianRoot, debian_root
from tests.services.memory import memory_folder
from tests.services.postgres import running_timescale
from tests.services.prometheus import QUIET_ALERTMANAGER, running_alertmanager, running_prometheus
from tests.services.unavailable import ServiceUnavailableError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.services.databases import MigratedDatabases

Found = TypeVar("Found")
_QUICK = Path(__file__).parent / "unit"
_SHARED = ("platform", "lived_fleet")
"""Fixtures that take long to make: the one running platform, and the databases in which a fleet has lived."""

hypothesis.settings.register_profile("herald", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("herald")


def forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure; an expected failure stays what it is."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, and CI=true allows no skip: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true, fail skipped tests."""
    report = yield
    if os.environ.get("CI") == "true":
        forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """With CI=true, fail modules that skip themselves."""
    report = yield
    if os.environ.get("CI") == "true":
        forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)  # groups stand before xdist asks for them, order after the shuffle
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """Say what parallel workers must not tear apart: a file, and all files that share what takes long to make.

    Those come first, together, then other tests of whole systems: they last longest, and small ones fill up what is
    left.
    """
    needs = {item.path: name for item in items for name in _SHARED if name in getattr(item, "fixturenames", ())}
    for item in items:
        group = needs.get(item.path, item.nodeid.partition("::")[0])
        item.add_marker(pytest.mark.xdist_group(group))
    yield
    shared = {name: place for place, name in enumerate(_SHARED)}
    items.sort(key=lambda item: (item.path.is_relative_to(_QUICK), shared.get(group_of(item), len(shared))))


def pytest_collection_finish() -> None:
    """Spare the garbage collector the walk past thousands of tests and modules that stay to the end anyway."""
    gc.freeze()


def group_of(item: pytest.Item) -> str:
    """Return the name of the tests that one worker runs one after another."""
    marker = item.get_closest_marker("xdist_group")
    assert marker is not None, item
    return str(marker.args[0])


class StartServer(Protocol):
    """Starts a server with a configuration and files beside it; returns its URL. It stops with the test."""

    def __call__(self, config: str, *, files: Mapping[str, str] | None = None) -> str:
        """Start it."""
        ...


def or_skip(find: Callable[[], Found]) -> Found:
    """Return what `find` finds, or skip the test with the reason why it cannot."""
    try:
        return find()
    except ServiceUnavailableError as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="session")
def debian_tools() -> DebianRoot:
    """Debian 13 with amtool, promtool and the servers: `.run(argv, files={name: text})`."""
    return or_skip(debian_root)


@pytest.fixture(scope="session")
def timescale_server_url(debian_tools: DebianRoot) -> Iterator[str]:
    """A running PostgreSQL 17 whose databases may create the timescaledb extension (Apache build)."""
    with running_timescale(debian_tools) as url:
        yield url


@pytest.fixture(scope="session")
def embedded_server_url() -> Iterator[str]:
    """The PostgreSQL that `herald up` brings along, in a directory of its own."""
    from store.embedded import EmbeddedServer  # noqa: PLC0415 - only tests that need a database need the package

    with memory_folder() as folder, EmbeddedServer(folder / "embedded", durable=False) as server:
        yield server.url


@pytest.fixture(scope="session")
def databases() -> "MigratedDatabases":
    """Empty databases with Herald's schema: `with databases.on(server_url) as url`."""
    from tests.services.databases import MigratedDatabases  # noqa: PLC0415 - as above

    return MigratedDatabases()


@pytest.fixture
def database(databases: "MigratedDatabases", embedded_server_url: str) -> Iterator[str]:
    """An empty database with Herald's schema, for one test."""
    with databases.on(embedded_server_url) as url:
        yield url


@pytest.fixture
def start_alertmanager(debian_tools: DebianRoot) -> Iterator[StartServer]:
    """Start real Alertmanagers with configurations of the test's own."""
    with contextlib.ExitStack() as running:

        def start(config: str, *, files: Mapping[str, str] | None = None) -> str:
            return running.enter_context(running_alertmanager(debian_tools, config, files=files))

        yield start


@pytest.fixture
def alertmanager(start_alertmanager: StartServer) -> str:
    """The URL of a real, empty Alertmanager that notifies nobody."""
    return start_alertmanager(QUIET_ALERTMANAGER)


@pytest.fixture
def start_prometheus(debian_tools: DebianRoot) -> Iterator[StartServer]:
    """Start real Prometheus servers with configurations of the test's own."""
    with contextlib.ExitStack() as running:

        def start(config: str, *, files: Mapping[str, str] | None = None) -> str:
            return running.enter_context(running_prometheus(debian_tools, config, files=files))

        yield start


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The path of an installed Chromium."""
    return or_skip(find_chromium)


@pytest.fixture(scope="module")
def browser(chromium: Path) -> "Iterator[Browser]":
    """One headless Chromium for a module: its event loop is in the way of others."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only tests that open pages need the package

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def tab(browser: "Browser", site: str) -> "Iterator[Page]":
    """A tab on the `site` of the module."""
    from tests.acceptance.browsing import open_tab  # noqa: PLC0415 - as above

    with open_tab(browser, site) as tab:
        yield tab


@pytest.fixture
def page(tab: "Page", site: str) -> "Iterator[Page]":
    """The module's tab, for one test, which fails if the page complains or asks another host."""
    from tests.acceptance.browsing import watched  # noqa: PLC0415 - as above

    with watched(tab, site) as page:
        yield page
