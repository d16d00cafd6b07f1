"""The database that Herald brings along, as root and as an ordinary user."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.errors import DatabaseUnavailableError, DirectoryNotWritableError
from store import EmbeddedServer, ServerRunningError, attach_or_start, running_url
from store.child import run_to_end
from store.cluster import _stand_in
from store.database import connect
from tests.integration.telemetry import query_all

ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
KEEP_RUNNING = """
import sys, time
from pathlib import Path
from store import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), durable=False)
server.start()
print(server.pid, flush=True)
time.sleep(600)
"""
ASK_ONCE = """
import os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from store import EmbeddedServer
from store.database import connect
with EmbeddedServer(Path(sys.argv[2]), durable=False) as server, connect(server.url) as connection:
    print(connection.execute("select 1").fetchone()[0], os.geteuid())
"""


@contextlib.contextmanager
def another_process(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a server from another process; yield that process and the server's id."""
    with subprocess.Popen(
        [sys.executable, "-c", KEEP_RUNNING, str(data_dir)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        try:
            yield owner, int(owner.stdout.readline())
        finally:
            owner.kill()


def is_gone(pid: int) -> bool:
    """Wait a little for a process to end."""
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.05)
    return False


def test_data_survives_a_restart(tmp_path):
    with EmbeddedServer(tmp_path) as server, connect(server.url) as connection:
        connection.execute("create table kept as select 42 as answer")
    with EmbeddedServer(tmp_path) as server:
        assert query_all(server.url, "select answer from kept") == [(42,)]


def test_it_is_utf8_and_utc_and_listens_on_no_port(embedded_server_url):
    settings = (
        "select current_setting('server_encoding'), current_setting('timezone'), current_setting('listen_addresses')"
    )
    assert query_all(embedded_server_url, settings) == [("UTF8", "UTC", "")]


def test_nobody_else_may_enter_the_socket_directory(tmp_path):
    with EmbeddedServer(tmp_path, durable=False):
        assert (tmp_path / "run").stat().st_mode & 0o077 == 0


def test_a_second_start_is_refused_and_the_first_goes_on(tmp_path):
    with EmbeddedServer(tmp_path, durable=False) as server:
        with pytest.raises(ServerRunningError, match="already running"):
            EmbeddedServer(tmp_path).start()
        assert query_all(server.url, "select 1") == [(1,)]


def test_a_running_server_can_be_joined(tmp_path):
    with another_process(tmp_path), attach_or_start(tmp_path) as url:
        assert url == running_url(tmp_path)
        assert query_all(url, "select 1") == [(1,)]


def test_without_a_running_server_one_is_started_and_stopped(tmp_path):
    with attach_or_start(tmp_path) as url:
        assert query_all(url, "select 1") == [(1,)]
    assert running_url(tmp_path) is None


def test_the_server_dies_with_a_parent_that_is_killed_and_starts_again(tmp_path):
    with another_process(tmp_path) as (owner, server):
        owner.send_signal(signal.SIGKILL)
        assert is_gone(server)
    with EmbeddedServer(tmp_path, durable=False) as again:
        assert query_all(again.url, "select 1") == [(1,)]


def test_a_server_started_in_a_thread_outlives_the_thread(tmp_path):
    server = EmbeddedServer(tmp_path, durable=False)
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    time.sleep(0.2)
    assert query_all(server.url, "select 1") == [(1,)]
    server.stop()


def test_the_pid_file_of_a_dead_server_is_no_obstacle(tmp_path):
    """The number in it belongs to another process by now, as after the restart of a container."""
    with EmbeddedServer(tmp_path, durable=False):
        record = (tmp_path / "pg" / "postmaster.pid").read_text()
    _, rest = record.split("\n", 1)
    (tmp_path / "pg" / "postmaster.pid").write_text(f"{os.getppid()}\n{rest}")
    with EmbeddedServer(tmp_path, durable=False) as server:
        assert query_all(server.url, "select 1") == [(1,)]


def test_a_long_path_gets_a_short_socket(tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    with EmbeddedServer(deep, durable=False) as server:
        assert query_all(server.url, "select 1") == [(1,)]


def test_a_cluster_that_cannot_start_says_what_it_said(tmp_path):
    with EmbeddedServer(tmp_path, durable=False):
        pass
    (tmp_path / "pg" / "postgresql.conf").write_text("max_connections = many\n")
    with pytest.raises(DatabaseUnavailableError, match=r"did not start: .+ contains errors"):
        EmbeddedServer(tmp_path, durable=False).start()


def test_a_file_in_the_way_of_the_directory_is_reported(tmp_path):
    (tmp_path / "data").write_text("not a directory")
    with pytest.raises(DirectoryNotWritableError, match=r"cannot keep a database in .*data"):
        EmbeddedServer(tmp_path / "data").start()


def test_an_ordinary_user_runs_it_too(tmp_path):
    said = run_as_ordinary_user(tmp_path)
    assert "Traceback" not in said.stderr
    answer, user = said.stdout.split()
    assert answer == "1"
    assert user != "0"


def test_a_directory_that_an_ordinary_user_may_not_write_is_reported(tmp_path):
    (tmp_path / "data").mkdir(mode=0o555)
    said = run_as_ordinary_user(tmp_path / "data")
    assert f"DirectoryNotWritableError: cannot keep a database in {tmp_path}/data: Permission denied" in said.stderr


@as_root
def test_without_user_namespaces_root_serves_it_as_nobody(monkeypatch):
    monkeypatch.setattr("store.embedded.choose_identity", _stand_in)
    with ordinary_directory() as directory:
        os.chown(directory, 0, 0)
        with EmbeddedServer(directory / "data", durable=False) as server:
            assert query_all(server.url, "select 1") == [(1,)]
            assert Path(f"/proc/{server.pid}").stat().st_uid == pwd.getpwnam("nobody").pw_uid


@as_root
def test_without_user_namespaces_a_private_directory_is_refused():
    with ordinary_directory() as directory:
        directory.chmod(0o700)
        os.chown(directory, 0, 0)
        with pytest.raises(DirectoryNotWritableError, match="may not run as root here"):
            _stand_in(directory)


@contextlib.contextmanager
def ordinary_directory() -> Iterator[Path]:
    """A directory of nobody's, on a way that is open to all (pytest's own are private)."""
    directory = Path("/var/tmp") / f"herald-test-{os.getpid()}-{time.monotonic_ns()}"
    directory.mkdir(mode=0o755)
    os.chown(directory, 65534, 65534)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def run_as_ordinary_user(directory: Path) -> subprocess.CompletedProcess[str]:
    """Start a server, ask it something and stop it; root becomes an ordinary user in a namespace first."""
    identity = "namespace" if os.geteuid() == 0 else "self"
    return run_to_end(identity, [sys.executable, "-c", ASK_ONCE, str(ROOT), str(directory)])
