"""What an older Herald spooled: requests in a SQLite file, read once when the spool is opened by this one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from collector.errors import SpoolDamagedError
from collector.signals import Encoding, Signal


def read_requests(path: Path) -> Iterator[tuple[Signal, Encoding, bytes, bytes]]:
    """Yield signal, encoding, body and digest of each, oldest first. Raises SpoolDamagedError."""
    try:
        with closing(sqlite3.connect(path)) as old:
            for signal, encoding, digest, body in old.execute(
                "SELECT signal, encoding, digest, body FROM request ORDER BY position"
            ):
                yield Signal(signal), Encoding(encoding), body, digest
    except sqlite3.Error as exc:
        raise SpoolDamagedError(f"the spool of an older Herald in {path} is damaged: {exc}") from exc
