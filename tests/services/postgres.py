"""A throw-away PostgreSQL 17 with Debian's (Apache-licensed) TimescaleDB."""

import contextlib
import shlex
import signal
import socket
from collections.abc import Iterator

from tests.services.debian_root import DebianRoot
from tests.services.memory import in_memory
from tests.services.processes import RunningProcess, free_port

BIN = "/usr/lib/postgresql/17/bin"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_preload_libraries": "timescaledb",
    "timescaledb.telemetry_level": "off",
    "dynamic_shared_memory_type": "mmap",  # the root has no tmpfs on /dev/shm
    "max_connections": "100",
    "timezone": "UTC",
    # What a crash would lose is thrown away anyway; tests of durability start their own cluster with durable=True.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def durable_settings() -> dict[str, str]:
    """Return the settings of a server whose data survive a crash."""
    return _SETTINGS | _DURABLE


@contextlib.contextmanager
def running_timescale(root: DebianRoot, *, durable: bool = False) -> Iterator[str]:
    """Yield the URL of the `postgres` database of a new cluster whose superuser needs no password."""
    with root.work_dir(user="postgres") as inside:
        data, port = f"{inside}/data", free_port()
        initdb = [f"{BIN}/initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        settings = durable_settings() if durable else _SETTINGS
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        postgres = [f"{BIN}/postgres", "-D", data, "-p", str(port), *options]
        serve = ["sh", "-c", f"{shlex.join(initdb)} && exec {shlex.join(postgres)}"]
        command = root.command(serve, user="postgres", signal="INT")
        server = RunningProcess(
            command if durable else in_memory(root.outside(data), command, owner=root.outside(inside).stat()),
            log=root.outside(f"{inside}/postgres.log"),
            stop_signal=signal.SIGINT,
        )
        try:
            server.wait_until(lambda: _accepts(server, port), "PostgreSQL")
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            server.stop()


def _accepts(server: RunningProcess, port: int) -> bool:
    if "ready to accept connections" not in server.log_tail():
        return False
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
