"""Small durable files: written whole, synced, and only then under their name; and who owns a directory."""

import fcntl
import os
from pathlib import Path

from collector.errors import SpoolInUseError
from model.errors import DirectoryNotWritableError


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is there whole, or as it was before."""
    unfinished = path.with_name(path.name + ".unfinished")
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def own(directory: Path) -> int:
    """Make the directory and lock it; whoever closes the returned file descriptor, or dies, gives it free.

    Raises DirectoryNotWritableError, or SpoolInUseError.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        owner = os.open(directory / "spool.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as exc:
        raise DirectoryNotWritableError(f"cannot keep a spool in {directory}: {exc.strerror}") from exc
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        os.close(owner)
        raise SpoolInUseError(f"another collector owns the spool in {directory}") from exc
    return owner
