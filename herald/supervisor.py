"""Run Herald's programs as children: in order, watched, restarted when they die, and never orphaned.

Every child leads a process group of its own, so that Ctrl-C reaches only the supervisor, which then stops them in
reverse order and lets each flush. If the supervisor itself is killed, the kernel sends each child SIGTERM
(PR_SET_PDEATHSIG), so children must be started from the main thread.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from model.errors import DependencyError, PortInUseError

_PR_SET_PDEATHSIG = 1
_STOP_S = 15.0
_RESTART_S = 1.0
_GIVE_UP_RESTARTS = 5
_STABLE_S = 60.0
_LOG_TAIL_LINES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A command to run as a child; `once` are arguments of the first start only, which a restart leaves out."""

    name: str
    command: tuple[str, ...]
    once: tuple[str, ...] = ()


def herald_program(name: str, *arguments: str, once: tuple[str, ...] = ()) -> Program:
    """Return the program that runs a `herald` subcommand in this Python."""
    return Program(name=name, command=(sys.executable, "-m", "herald", *arguments), once=once)


@dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    restarts: int = 0


@dataclass(slots=True)
class Supervisor:
    """Starts, watches and stops children; `say` tells the user what happens."""

    logs: Path
    say: Callable[[str], None]
    _children: list[_Child] = field(default_factory=list)

    def start(self, program: Program) -> None:
        """Start a program; its output goes to `<logs>/<name>.log`."""
        self._children.append(_Child(program, self._spawn(program, *program.once), time.monotonic()))

    def check(self) -> None:
        """Restart what has died.

        Raises DependencyError, with the last lines of its log, for a program that keeps dying.
        """
        for child in self._children:
            status = child.process.poll()
            if status is None:
                continue
            if time.monotonic() - child.started > _STABLE_S:
                child.restarts = 0
            child.restarts += 1
            if child.restarts > _GIVE_UP_RESTARTS:
                raise DependencyError(f"{child.program.name} keeps ending: {self._last_words(child.program)}")
            self.say(f"{child.program.name} ended with status {status}; starting it again")
            time.sleep(_RESTART_S)
            child.process, child.started = self._spawn(child.program), time.monotonic()

    def require_alive(self) -> None:
        """Raise DependencyError if a program ended while it was starting."""
        for child in self._children:
            if child.process.poll() is not None:
                raise DependencyError(f"{child.program.name} did not start: {self._last_words(child.program)}")

    def stop(self) -> None:
        """Stop all children, last started first; kill what does not end in time."""
        for child in reversed(self._children):
            _stop(child.process)
        self._children.clear()

    def pids(self) -> dict[str, int]:
        """Return the process id of each running program."""
        return {child.program.name: child.process.pid for child in self._children}

    def _spawn(self, program: Program, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.logs / f"{program.name}.log").open("ab") as log:
            return subprocess.Popen(
                (*program.command, *arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  # one prctl call, made before any thread exists
            )

    def _last_words(self, program: Program) -> str:
        text = (self.logs / f"{program.name}.log").read_text(encoding="utf-8", errors="replace")
        return " / ".join(text.splitlines()[-_LOG_TAIL_LINES:]) or "it said nothing"


def require_free_ports(ports: Sequence[int]) -> None:
    """Raise PortInUseError for the first port on 127.0.0.1 that something listens on, or that is wanted twice."""
    for index, port in enumerate(ports):
        if port in ports[:index]:
            raise PortInUseError(f"port {port} is wanted twice", remedy="choose another port")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as exc:
                raise PortInUseError(f"port {port} is in use") from exc


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:  # the parent died between fork and prctl
        os.kill(os.getpid(), signal.SIGTERM)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
