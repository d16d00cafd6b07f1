"""Ways to back a database up while it is written to, and to restore it elsewhere: as docs/how-to tells operators."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from store import EmbeddedServer, connect, create_database, drop_database, migrate
from store.cluster import locate_program
from tests.services.debian_root import DebianRoot

_DEBIAN_BIN = "/usr/lib/postgresql/17/bin"


class Backup(Protocol):
    """A database, and a copy of it."""

    @property
    def url(self) -> str:
        """The database that is written to."""
        ...

    def take(self) -> None:
        """Copy it, while it is written to."""
        ...

    def restored(self) -> contextlib.AbstractContextManager[str]:
        """Bring the copy to life and yield its URL."""
        ...


class Dump:
    """pg_dump of an embedded server, restored into a new one."""

    def __init__(self, server: EmbeddedServer, folder: Path) -> None:
        self.url = server.url
        self._folder = folder
        self._file = folder / "herald.dump"

    def take(self) -> None:
        _run(locate_program("pg_dump"), "--format=custom", f"--file={self._file}", f"--dbname={self.url}")

    @contextlib.contextmanager
    def restored(self) -> Iterator[str]:
        with EmbeddedServer(self._folder / "restored", durable=False) as server:
            _make_role(server.url)
            _run(locate_program("pg_restore"), "--exit-on-error", f"--dbname={server.url}", str(self._file))
            yield server.url


class BaseBackup:
    """pg_basebackup of an embedded server, started as a server of its own."""

    def __init__(self, server: EmbeddedServer, folder: Path) -> None:
        self.url = server.url
        self._original = server.data_dir / "pg"
        self._folder = folder / "restored"

    def take(self) -> None:
        self._folder.mkdir()
        copy = self._folder / "pg"
        _run(
            locate_program("pg_basebackup"),
            "--checkpoint=fast",
            "--no-sync",
            f"--pgdata={copy}",
            f"--dbname={self.url}",
        )
        owner = self._original.stat()
        for path in (copy, *copy.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)

    @contextlib.contextmanager
    def restored(self) -> Iterator[str]:
        with EmbeddedServer(self._folder, durable=False) as server:
            yield server.url


class TimescaleDump:
    """pg_dump of a TimescaleDB database, restored into another one of the same server."""

    def __init__(self, server_url: str, root: DebianRoot, inside: str) -> None:
        self._server_url = server_url
        self._root = root
        self._file = f"{inside}/herald.dump"
        self.url = create_database(server_url, "herald_backed_up")
        migrate(self.url)

    def take(self) -> None:
        self._run("pg_dump", "--format=custom", f"--file={self._file}", f"--dbname={self.url}")

    @contextlib.contextmanager
    def restored(self) -> Iterator[str]:
        url = create_database(self._server_url, "herald_restored")
        try:
            with connect(url) as connection:
                connection.execute("create extension timescaledb")
                connection.execute("select timescaledb_pre_restore()")
            self._run("pg_restore", "--exit-on-error", f"--dbname={url}", self._file)
            with connect(url) as connection:
                connection.execute("select timescaledb_post_restore()")
            yield url
        finally:
            drop_database(self._server_url, "herald_restored")

    def close(self) -> None:
        drop_database(self._server_url, "herald_backed_up")

    def _run(self, program: str, *arguments: str) -> None:
        done = self._root.run([f"{_DEBIAN_BIN}/{program}", *arguments])
        assert done.returncode == 0, done.stderr


def _make_role(url: str) -> None:
    with connect(url) as connection:
        connection.execute("create role herald_reader nologin")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
