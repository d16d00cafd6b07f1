"""Send encoded rows to the database by COPY, as they come."""

from collections.abc import Iterable
from typing import LiteralString

from store.database import Connection
from store.pgcopy import HEADER, TRAILER


def copy_in(connection: Connection, statement: LiteralString, parts: Iterable[bytes]) -> None:
    """Send the parts of a binary COPY one by one: the database stores one while the next is encoded."""
    with connection.cursor().copy(statement) as copy:
        copy.write(HEADER)
        for part in parts:
            copy.write(memoryview(part))  # sliced without copying
        copy.write(TRAILER)
