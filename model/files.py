"""Files that people asked for, written with the folders above them, or refused in one sentence."""

from pathlib import Path

from model.errors import DirectoryNotWritableError


def write_text(path: Path, text: str, *, remedy: str = "choose another place") -> Path:
    """Write a file and return it. Raises DirectoryNotWritableError with the remedy."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise DirectoryNotWritableError(f"cannot write {path}: {exc.strerror or exc}", remedy=remedy) from exc
    return path
