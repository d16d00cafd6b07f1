"""The PostgreSQL servers that faults are done to, with fsync on: Herald's own, and one with Debian's TimescaleDB."""

import contextlib
import os
import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path

from model.errors import DatabaseUnavailableError
from store import EmbeddedServer, connect, create_database, migrate
from store.sockets import socket_directory
from tests.faults.waiting import wait_until
from tests.services.debian_root import debian_root
from tests.services.postgres import BIN, durable_settings
from tests.services.processes import free_port


class Server(ABC):
    """May be ended in every way and started again on the same data; `upstream` is where a proxy reaches it."""

    upstream: int | str
    url: str
    user: str

    @property
    @abstractmethod
    def pid(self) -> int:
        """Return the process id of the postmaster."""

    @abstractmethod
    def is_running(self) -> bool:
        """Return whether the postmaster runs."""

    @abstractmethod
    def start(self) -> None:
        """Start it again, after whatever end, and return when it answers."""

    @abstractmethod
    def stop(self) -> None:
        """Shut it down, if it runs."""

    def end(self, how: signal.Signals) -> None:
        """Send the postmaster a signal (SIGINT is a fast shutdown, SIGQUIT an immediate one) and wait for its end."""
        os.kill(self.pid, how)
        wait_until(lambda: not self.is_running(), "PostgreSQL ends")

    def writers(self) -> list[int]:
        """Return the process ids of the collectors' backends, none while it does not answer."""
        query = "select pid from pg_stat_activity where application_name = 'herald writer'"
        try:
            with connect(self.url) as connection:
                return [int(pid) for (pid,) in connection.execute(query).fetchall()]
        except DatabaseUnavailableError:
            return []


class PlainServer(Server):
    """The PostgreSQL that `herald up` brings along, with its data in `folder`."""

    def __init__(self, folder: Path, *, is_standby: bool = False) -> None:
        self.folder = folder
        self._server = EmbeddedServer(folder)
        self._server.start()
        self.upstream = str(socket_directory(folder.absolute()) / ".s.PGSQL.5432")
        self.url, self.user = self._server.url, "herald"
        if not is_standby:
            migrate(self.url)

    @property
    def pid(self) -> int:
        """Return the process id of the postmaster."""
        assert self._server.pid is not None
        return self._server.pid

    def is_running(self) -> bool:
        """Return whether the postmaster runs."""
        return self._server.is_running()

    def start(self) -> None:
        """Start it again."""
        self._server.stop()
        self._server.start()

    def stop(self) -> None:
        """Shut it down."""
        self._server.stop()


class TimescaleServer(Server):
    """PostgreSQL 17 with the Apache build of TimescaleDB, in the tests' Debian root."""

    def __init__(self) -> None:
        self._root = debian_root()
        self._resources = contextlib.ExitStack()
        self._inside = self._resources.enter_context(self._root.work_dir(user="postgres"))
        self._process: subprocess.Popen[bytes] | None = None
        self.upstream = free_port()
        self.user = "postgres"
        initdb = [f"{BIN}/initdb", "-D", f"{self._inside}/data", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(self._root.command(initdb, user="postgres"), check=True, capture_output=True)
        server = f"postgresql://postgres@127.0.0.1:{self.upstream}/postgres"
        self.url = server
        self.start()
        self.url = create_database(server, "herald")
        migrate(self.url)

    @property
    def pid(self) -> int:
        """Return the process id of the postmaster: the programs that prepare its start become it."""
        assert self._process is not None
        return self._process.pid

    def is_running(self) -> bool:
        """Return whether the postmaster runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; backends of a killed one may still be on their way out."""

        def answers() -> bool:
            if not self.is_running():
                self._spawn()
            with contextlib.suppress(DatabaseUnavailableError):
                connect(self.url).close()
                return True
            return False

        wait_until(answers, "TimescaleDB answers")

    def stop(self) -> None:
        """Shut it down and remove its data."""
        if self.is_running():
            self.end(signal.SIGINT)
        self._resources.close()

    def _spawn(self) -> None:
        options = [part for key, value in durable_settings().items() for part in ("-c", f"{key}={value}")]
        program = [f"{BIN}/postgres", "-D", f"{self._inside}/data", "-p", str(self.upstream), *options]
        command = self._root.command(program, user="postgres", signal="INT")
        with self._root.outside(f"{self._inside}/log").open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
