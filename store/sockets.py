"""Where the embedded server's Unix socket lives: a path of at most 107 bytes in a directory of this user alone."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from urllib.parse import quote

from model.errors import DirectoryNotWritableError

SUPERUSER = "herald"
_SOCKET = ".s.PGSQL.5432.lock"
_LIMIT_BYTES = 107


def socket_directory(data_dir: Path) -> Path:
    """Return the private directory for the socket, made if missing: in `data_dir`, or a short one elsewhere."""
    directory = data_dir / "run"
    if len(os.fsencode(directory / _SOCKET)) > _LIMIT_BYTES:
        digest = hashlib.blake2b(os.fsencode(data_dir), digest_size=6).hexdigest()
        directory = Path(tempfile.gettempdir()) / f"herald-{os.geteuid()}-{digest}"
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        found = directory.lstat()
    except OSError as exc:
        raise DirectoryNotWritableError(f"cannot make the socket directory {directory}: {exc.strerror}") from exc
    if not stat.S_ISDIR(found.st_mode) or (os.geteuid() not in {0, found.st_uid}) or found.st_mode & 0o077:
        raise DirectoryNotWritableError(
            f"{directory} is not a directory of this user alone", remedy="remove it, or set TMPDIR to a private one"
        )
    return directory


def socket_url(directory: Path, database: str) -> str:
    """Return the URL that reaches a database through the socket in `directory`."""
    return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(directory), safe='')}"
