"""Children are started in order, restarted when they die, stopped in reverse order, and never orphaned."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from herald import supervisor
from herald.supervisor import Program, Supervisor, require_free_ports
from model.errors import DependencyError, PortInUseError

SLEEPER = """
import signal, sys, time
def stop(*_):
    print("stopped", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("started", flush=True)
time.sleep(60)
"""


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervised(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setattr(supervisor, "_RESTART_S", 0.0)
    supervised = Supervisor(logs=tmp_path, say=said.append)
    yield supervised
    supervised.stop()


def python(name: str, code: str) -> Program:
    return Program(name=name, command=(sys.executable, "-c", code))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_stopped_child_may_finish_its_work(supervised, tmp_path):
    supervised.start(python("worker", SLEEPER))
    wait_for(lambda: "started" in (tmp_path / "worker.log").read_text())
    supervised.stop()
    assert (tmp_path / "worker.log").read_text() == "started\nstopped\n"


def test_a_killed_child_is_started_again_and_the_user_hears_of_it(supervised, said):
    supervised.start(python("worker", SLEEPER))
    first = supervised.pids()["worker"]
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: not is_running(first))
    supervised.check()
    assert supervised.pids()["worker"] != first
    assert said == ["worker ended with status -9; starting it again"]


def test_a_restart_leaves_out_what_was_for_the_first_start(supervised, tmp_path):
    code = "import sys; print(sys.argv[1:], flush=True); sys.exit(0)"
    supervised.start(Program(name="worker", command=(sys.executable, "-c", code), once=("--resume",)))
    log = tmp_path / "worker.log"
    wait_for(lambda: supervised.check() is None and log.read_text().count("\n") >= 2)
    assert log.read_text().splitlines()[:2] == ["['--resume']", "[]"]


def test_a_child_that_keeps_dying_is_given_up_with_its_last_words(supervised):
    supervised.start(python("worker", "raise SystemExit('no such disk')"))
    with pytest.raises(DependencyError, match=r"worker keeps ending: .*no such disk"):
        wait_for(lambda: supervised.check() is not None)


def test_a_child_that_dies_while_starting_is_reported_at_once(supervised):
    supervised.start(python("worker", "raise SystemExit('bad option')"))
    with pytest.raises(DependencyError, match="worker did not start: bad option"):
        wait_for(lambda: supervised.require_alive() is not None)


def test_ctrl_c_reaches_only_the_supervisor(supervised):
    supervised.start(python("worker", SLEEPER))
    assert os.getpgid(supervised.pids()["worker"]) != os.getpgid(os.getpid())


def test_no_child_outlives_a_supervisor_that_was_killed(tmp_path):
    code = f"""
import sys, time
from pathlib import Path
from herald.supervisor import Program, Supervisor
supervised = Supervisor(logs=Path({str(tmp_path)!r}), say=print)
supervised.start(Program(name="worker", command=(sys.executable, "-c", "import time; time.sleep(60)")))
print(supervised.pids()["worker"], flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    wait_for(lambda: not is_running(child))


def test_a_port_in_use_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUseError, match=f"port {port} is in use — stop the other program"):
            require_free_ports([port])


def test_a_port_wanted_twice_is_named():
    with pytest.raises(PortInUseError, match="port 4317 is wanted twice"):
        require_free_ports([4317, 4318, 4317])
