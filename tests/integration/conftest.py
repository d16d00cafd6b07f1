"""Databases for the tests of `store` and of whatever stands on it: migrated, empty, one per test."""

from collections.abc import Iterator

import pytest

from store import Store, Writer, migrate, throwaway_database


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
def database(empty_database: str) -> str:
    """A migrated database without data."""
    migrate(empty_database)
    return empty_database


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
