"""Databases for the tests of `store` and of whatever stands on it: migrated, empty, one per test."""

from collections.abc import Callable, Iterator

import pytest

from store import Store, Writer, create_database, migrate, throwaway_database
from tests.services.databases import MigratedDatabases


@pytest.fixture(params=["embedded", "timescale"])
def server_url(request: pytest.FixtureRequest) -> str:
    """A server of each kind that Herald runs on; the user of the URL is its superuser."""
    url: str = request.getfixturevalue(f"{request.param}_server_url")
    return url


@pytest.fixture
def empty_database(server_url: str) -> Iterator[str]:
    """A database in which nothing was done yet."""
    with throwaway_database(server_url) as url:
        yield url


@pytest.fixture
def database(databases: MigratedDatabases, server_url: str) -> Iterator[str]:
    """A migrated database without data."""
    with databases.on(server_url) as url:
        yield url


@pytest.fixture
def writer(database: str) -> Iterator[Writer]:
    """A writer to the migrated database."""
    writer = Writer(database)
    yield writer
    writer.close()


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """Everything that reads the migrated database."""
    with Store(database) as store:
        yield store


@pytest.fixture(scope="session")
def lived_fleet(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Databases with three hours of the shipped fleet and a game day in them, one per server; they are only read."""
    from tests.integration.lived_fleet import live_through  # noqa: PLC0415 - brings the simulation along

    lived: dict[str, str] = {}

    def find(server: str) -> str:
        if server not in lived:
            lived[server] = create_database(server, "herald_lived")  # goes with its server
            migrate(lived[server])
            live_through(lived[server], tmp_path_factory.mktemp("spool"))
        return lived[server]

    return find
