"""What the acceptance tests share: one running platform, and somebody to page."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.collecting import CollectorProcess, running_collector
from tests.acceptance.paging import Pagers
from tests.acceptance.running import Platform, processes_of
from tests.conftest import StartServer, group_of

_RUNNING = pytest.StashKey[ExitStack]()


@pytest.fixture(scope="session")
def platform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform with a day of history that all tests share: whoever breaks something waits until it is mended."""
    with ExitStack() as running:
        request.session.stash[_RUNNING] = running
        platform = Platform(tmp_path_factory.mktemp("platform") / "data")
        running.callback(_stop, platform)
        platform.start()
        yield platform


def _stop(platform: Platform) -> None:
    status = platform.stop()
    assert status == 0, platform.stderr()
    assert processes_of(platform.data) == {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """Stop the platform after the last test that may need it: it would keep a fifth of a core busy until the end."""
    yield
    running = item.session.stash.get(_RUNNING, None)
    if running is not None and (nextitem is None or group_of(nextitem) != group_of(item)):
        running.close()


@pytest.fixture
def collector(tmp_path: Path, database: str) -> Iterator[CollectorProcess]:
    """A collector of its own that writes into the test's database."""
    with running_collector(tmp_path, database) as running:
        yield running


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
