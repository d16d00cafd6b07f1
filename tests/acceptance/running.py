"""The real `herald` command as a child of the tests: one call, or the whole platform that `herald up` runs."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from store import connect, running_url
from tests.services.processes import end_with_parent, free_port

HERALD = (sys.executable, "-m", "herald")
PATIENCE_S = 90.0
PROGRAMS = {"collect": "collector", "agents": "agents", "engine": "engine", "web": "web"}

Found = TypeVar("Found")


def run_herald(
    *arguments: object, patience_s: float = PATIENCE_S, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; what the user's environment sets for Herald does not count."""
    return subprocess.run(
        [*HERALD, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=patience_s,
        env=plain_environment() | environment,
    )


def plain_environment() -> dict[str, str]:
    """Return the environment without Herald's own variables, and with messages of one line each."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HERALD_")} | {"COLUMNS": "200"}


def eventually(look: Callable[[], Found], what: str, *, patience_s: float = PATIENCE_S) -> Found:
    """Look again until there is something, and return it; fail with `what` if it takes too long."""
    deadline = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"it never happened: {what}"
        time.sleep(0.1)
    return found


def processes_of(data: Path) -> dict[int, str]:
    """Return every process that works on a data directory: it names it, or stands in it, as PostgreSQL's do."""
    found = {}
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):  # it ended while we looked
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            at_home = (process / "cwd").readlink().is_relative_to(data)
            if process.name.isdigit() and command and (at_home or str(data) in command):
                found[int(process.name)] = command
    return found


class Platform:
    """A running `herald up` with a day of history; it can be stopped and started again."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.ports = choose_ports()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the address of the web page."""
        return f"http://127.0.0.1:{self.ports['port']}"

    @property
    def otlp_url(self) -> str:
        """Return the address of the collector's HTTP door."""
        return f"http://127.0.0.1:{self.ports['http-port']}"

    @property
    def database(self) -> str:
        """Return the URL of its database."""
        return eventually(lambda: running_url(self.data / "postgres") or "", "the database answers")

    def pids(self) -> dict[str, int]:
        """Return the process id of each of its programs that runs."""
        return {
            PROGRAMS[name]: pid
            for pid, command in processes_of(self.data).items()
            for name in PROGRAMS
            if f" -m herald {name} " in command
        }

    def stdout(self) -> str:
        """Return what it has printed."""
        return _output(self.data, "out").read_text(encoding="utf-8")

    def stderr(self) -> str:
        """Return what it has told."""
        return _output(self.data, "err").read_text(encoding="utf-8")

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Return what its database answers."""
        with connect(self.database) as connection:
            return connection.execute(query.encode()).fetchall()

    def health(self) -> dict[str, Any]:
        """Return what /healthz says; empty where it does not answer with 200."""
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=10) as answer:
            return dict(json.load(answer))
        return {}

    def herald(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run another command on its data."""
        return run_herald(*arguments, "--data", self.data)

    def start(self) -> None:
        """Start it and return once it has printed its URL."""
        with _output(self.data, "out").open("wb") as out, _output(self.data, "err").open("wb") as err:
            process = subprocess.Popen(
                end_with_parent(up_command(self.data, self.ports), signal="INT"),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=plain_environment(),
            )
        self._process = process
        eventually(lambda: process.poll() is not None or self.stdout(), "herald up prints its URL")
        assert process.poll() is None, self.stderr()

    def stop(self, how: signal.Signals = signal.SIGINT) -> int | None:
        """End it, if it runs; return the exit code."""
        if self._process is None:
            return None
        self._process.send_signal(how)
        return self._process.wait(PATIENCE_S)


def choose_ports() -> dict[str, int]:
    """Return free ports by the names of their options."""
    return {name: free_port() for name in ("port", "grpc-port", "http-port", "prometheus-port")}


def up_command(data: Path, ports: Mapping[str, int]) -> list[str]:
    """Return the command of a platform with a day of history."""
    options = [f"--{name}={port}" for name, port in ports.items()]
    return [*HERALD, "up", "--data", str(data), "--days", "1", *options]


def _output(data: Path, kind: str) -> Path:
    return data.with_name(f"{data.name}.{kind}")
