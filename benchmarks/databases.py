"""The database servers to measure on. Both keep fsync on: what is acknowledged has survived a loss of power."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.results import UnmeasurableError
from store import EmbeddedServer, connect
from tests.services.debian_root import cache_dir, debian_root
from tests.services.postgres import running_timescale
from tests.services.unavailable import ServiceUnavailableError


@contextmanager
def embedded_server(folder: Path) -> Iterator[str]:
    """Yield the URL of a new embedded PostgreSQL with its data below `folder`."""
    with TemporaryDirectory(dir=folder, prefix="postgres-") as data, EmbeddedServer(Path(data)) as server:
        _require_durable(server.url)
        yield server.url


@contextmanager
def timescale_server() -> Iterator[str]:
    """Yield the URL of a new PostgreSQL with Debian's TimescaleDB.

    Raises UnmeasurableError where the tests have not made their Debian yet: that takes minutes.
    """
    if not any(cache_dir().glob("debian-*/")):
        raise UnmeasurableError("no TimescaleDB here; run make test as root first, which makes one")
    try:
        root = debian_root()
    except ServiceUnavailableError as exc:
        raise UnmeasurableError(str(exc)) from exc
    with running_timescale(root, durable=True) as url:
        _require_durable(url)
        yield url


def _require_durable(url: str) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        with connect(url) as connection:
            row = connection.execute("select current_setting(%s)", (setting,)).fetchone()
        if row != ("on",):
            raise UnmeasurableError(f"{setting} of the database is {row}, so its figures would mean nothing")
