"""Places in memory for what hundreds of tests make and throw away.

A database is some five hundred files. To find a number for a new file, ext4 without a journal (which is what many
containers stand on) walks past all that were deleted a minute ago: to make a database takes half a second then.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from tests.services.debian_root import remove_leftovers

_SHARED_MEMORY = Path("/dev/shm")
_ROOM = 4 * 1024**3


@contextlib.contextmanager
def memory_folder() -> Iterator[Path]:
    """Yield a new folder, in memory where there is room for it, and remove it afterwards."""
    if not _has_room():
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
        return
    parent = _SHARED_MEMORY / f"herald-tests-{os.getuid()}"
    parent.mkdir(mode=0o755, exist_ok=True)
    remove_leftovers(parent)
    created = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=parent))
    created.chmod(0o755)
    try:
        yield created
    finally:
        shutil.rmtree(created, ignore_errors=True)


def in_memory(folder: Path, argv: Sequence[str], *, owner: os.stat_result) -> list[str]:
    """Return `argv` such that a folder, made if missing, lies in memory for the program alone, if we may do that."""
    folder.mkdir(mode=0o700)
    os.chown(folder, owner.st_uid, owner.st_gid)
    if not (_has_room() and _may_mount()):
        return list(argv)
    options = f"mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    mount = 'mount -t tmpfs -o "$0" tmpfs "$1" && shift && exec "$@"'
    return ["unshare", "--mount", "sh", "-c", mount, options, str(folder), *argv]


def _has_room() -> bool:
    return _SHARED_MEMORY.is_dir() and shutil.disk_usage(_SHARED_MEMORY).free >= _ROOM


@cache
def _may_mount() -> bool:
    mount = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    return subprocess.run(mount, capture_output=True, check=False).returncode == 0
