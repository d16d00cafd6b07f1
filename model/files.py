"""Files that people asked for, written whole with the folders above them, or refused in one sentence."""

import os
from pathlib import Path
from threading import get_ident

from model.errors import DirectoryNotWritableError


def write_text(path: Path, text: str, *, remedy: str = "choose another place") -> Path:
    """Write a file and return it. Raises DirectoryNotWritableError with the remedy."""
    return write_bytes(path, text.encode(), remedy=remedy)


def write_bytes(path: Path, content: bytes, *, remedy: str = "choose another place") -> Path:
    """Write a file and return it; where that fails, what stood there before still does.

    Raises DirectoryNotWritableError with the remedy.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            path.write_bytes(content)  # a pipe or device is no file to be replaced
        else:
            _replace(path.resolve(), content)
    except OSError as exc:
        raise DirectoryNotWritableError(f"cannot write {path}: {exc.strerror or exc}", remedy=remedy) from exc
    return path


def _replace(path: Path, content: bytes) -> None:
    """Put a whole file in place of what stands there; nobody sees it half written."""
    unfinished = path.with_name(f".herald-{os.getpid()}-{get_ident()}.unfinished")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
