"""A small Debian 13 in a directory, made once by debootstrap, whose programs run by chroot.

It stands outside the source tree, in `$HERALD_TEST_CACHE` or `~/.cache/herald`. Making it takes root, debootstrap and
a Debian mirror; where one of them is missing, `debian_root` says so and what to do about it.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.services.processes import end_with_parent
from tests.services.unavailable import ServiceUnavailableError

SUITE = "trixie"
PACKAGES = ("postgresql-17-timescaledb", "prometheus-alertmanager", "prometheus")
DEFAULT_MIRROR = "http://deb.debian.org/debian"
_CONTENT = f"{SUITE} {' '.join(PACKAGES)}\n"
_CONTENT_FILE = "etc/herald-test-root"
_WORK = "srv/herald-tests"
_SECONDS_TO_BUILD = 900
_SECONDS_TO_RUN = 600
"""So long that only what hangs reaches it, however busy the machine is."""

_MIRROR = re.compile(r"(?:^URIs:|^deb\s+(?:\[[^\]]*\]\s+)?)\s*(https?://\S+/debian)/?(?=\s|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DebianRoot:
    """The finished directory."""

    path: Path

    def command(
        self, argv: Sequence[str], *, user: str = "nobody", cwd: str = "/tmp", signal: str = "KILL"
    ) -> list[str]:
        """Return the command line that runs `argv` inside the root as `user`; it ends when its parent does.

        The parent-death signal is set inside, after the change of user, which would clear it.
        """
        group = {"nobody": "nogroup"}.get(user, user)
        become = ["--reuid", user, "--regid", group, "--clear-groups"]
        environment = ["env", "-i", "-C", cwd, "PATH=/usr/bin:/bin", "LANG=C.UTF-8", f"HOME={cwd}"]
        inside = end_with_parent([*become, "--", *environment, *argv], signal=signal)
        return ["chroot", str(self.path), *inside]

    def run(self, argv: Sequence[str], *, files: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program such as promtool or amtool in a new directory that holds `files`; return what it said."""
        with self.work_dir() as inside:
            write_files(self.outside(inside), files or {})
            return subprocess.run(
                self.command(argv, cwd=inside), capture_output=True, text=True, check=False, timeout=_SECONDS_TO_RUN
            )

    @contextlib.contextmanager
    def work_dir(self, *, user: str = "nobody") -> Iterator[str]:
        """Yield a new directory of `user`, named as seen from inside, and remove it afterwards.

        Its name starts with our process id, so that a later run removes what a killed one left.
        """
        parent = self.path / _WORK
        parent.mkdir(mode=0o755, exist_ok=True)
        remove_leftovers(parent)
        created = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=parent))
        created.chmod(0o755)
        subprocess.run(["chroot", self.path, "chown", user, f"/{_WORK}/{created.name}"], check=True)
        try:
            yield f"/{_WORK}/{created.name}"
        finally:
            shutil.rmtree(created, ignore_errors=True)

    def outside(self, inside: str) -> Path:
        """Return the path of an absolute path of the root as this process sees it."""
        return self.path / inside.lstrip("/")


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write texts by relative path, readable by everybody."""
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(0o644)


def debian_root() -> DebianRoot:
    """Return the root, building it first where it is missing or of another content.

    Raises ServiceUnavailableError where it cannot be built. Two runs at the same time build it once.
    """
    if os.geteuid() != 0:
        raise ServiceUnavailableError("a Debian root needs chroot, which is root's", remedy="run make test as root")
    cache = cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / "debian-13"
    with (cache / "debian-13.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_current(path):
            _build(path)
    return DebianRoot(path=path)


def cache_dir() -> Path:
    """Return where big things that tests need are kept between runs."""
    chosen = os.environ.get("HERALD_TEST_CACHE")
    return Path(chosen).resolve() if chosen else Path.home() / ".cache" / "herald"


def find_mirror(apt: Path = Path("/etc/apt")) -> str:
    """Return the Debian mirror that this machine's apt uses, or the default one."""
    for source in [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]:
        if (
            source.suffix in {".list", ".sources"}
            and source.is_file()
            and (found := _MIRROR.search(source.read_text(encoding="utf-8")))
        ):
            return found[1]
    return DEFAULT_MIRROR


def _is_current(path: Path) -> bool:
    content = path / _CONTENT_FILE
    return content.is_file() and content.read_text(encoding="utf-8") == _CONTENT


def _build(path: Path) -> None:
    program = shutil.which("debootstrap", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        raise ServiceUnavailableError("debootstrap is not installed", remedy="run make test, or apt-get install it")
    building, log = path.with_suffix(".building"), path.with_suffix(".log")
    for old in (building, path):  # whoever holds the lock owns both; a half-made one is worthless
        shutil.rmtree(old, ignore_errors=True)
    argv = [program, "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, str(building), find_mirror()]
    with log.open("wb") as output:
        done = subprocess.run(
            end_with_parent(argv), stdout=output, stderr=output, check=False, timeout=_SECONDS_TO_BUILD
        )
    if done.returncode != 0:
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        shutil.rmtree(building, ignore_errors=True)
        raise ServiceUnavailableError(
            f"debootstrap failed: {' '.join(last)}", remedy=f"see {log}; it needs a Debian mirror and 1 GB of disk"
        )
    subprocess.run(["chroot", building, "apt-get", "clean"], check=True)
    (building / _CONTENT_FILE).write_text(_CONTENT, encoding="utf-8")
    building.rename(path)


def remove_leftovers(parent: Path) -> None:
    """Remove what killed processes left, whose ids its names start with."""
    for entry in parent.iterdir():
        owner = entry.name.split("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            shutil.rmtree(entry, ignore_errors=True)
