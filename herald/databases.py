"""Which database a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from herald.settings import DataDirectory
from model.errors import DatabaseUnavailableError
from store import EmbeddedServer, attach_or_start, migrate, running_url, throwaway_database


def find_database(url: str | None, data: DataDirectory) -> str:
    """Return the URL given, or that of the embedded PostgreSQL that runs on the data directory.

    Raises DatabaseUnavailableError if neither is there.
    """
    found = url or running_url(data.postgres)
    if found is None:
        raise DatabaseUnavailableError(
            f"no database runs in {data.path}", remedy="start one with herald up, or give --database"
        )
    return found


@contextmanager
def server(url: str | None, data: DataDirectory) -> Iterator[str]:
    """Yield the URL given, or that of the embedded PostgreSQL, started for the purpose if it does not run."""
    if url is not None:
        yield url
        return
    with attach_or_start(data.postgres) as started:
        yield started


@contextmanager
def throwaway(url: str | None, data: DataDirectory) -> Iterator[str]:
    """Yield the URL of a new, migrated database that is dropped afterwards.

    It is made on the server given, on the one that runs on the data directory, or on one started for the purpose.
    """
    server = url or running_url(data.postgres)
    if server is not None:
        with throwaway_database(server) as database:
            migrate(database)
            yield database
        return
    with TemporaryDirectory(prefix="herald-") as folder, EmbeddedServer(Path(folder), durable=False) as started:
        migrate(started.url)
        yield started.url
