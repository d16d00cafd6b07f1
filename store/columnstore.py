"""Old weeks of points as columns, where the database is TimescaleDB's community build: a tenth of the space.

Only an accelerator: it is switched on by what the database says it can do, changes no result, and Herald works as
well without it. A week is converted once late points have become rare; one that comes later still is stored.
"""

import logging
from typing import LiteralString

import psycopg

from store.database import Capabilities, Connection, read_capabilities
from store.statements import load_statements

_log = logging.getLogger(__name__)
_SQL = load_statements("columnstore")
_FIRST_VERSION = (2, 18)
"""Of TimescaleDB, with these names of the statements."""


def choose_statements(capabilities: Capabilities) -> tuple[LiteralString, ...]:
    """Return the statements that switch the columnstore on; none where the database has it not."""
    version = tuple(int(part) for part in capabilities.timescale.split(".")[:2] if part.isdigit())
    if not capabilities.community or version < _FIRST_VERSION:
        return ()
    return tuple(
        _SQL[name] for name in ("enable_point", "enable_histogram", "add_point_policy", "add_histogram_policy")
    )


def switch_on(connection: Connection) -> None:
    """Switch the columnstore on where there is one; harmless to repeat, and never in the way of a migration."""
    try:
        for statement in choose_statements(read_capabilities(connection)):
            connection.execute(statement)
    except psycopg.DatabaseError as exc:
        _log.warning("old weeks stay rows, the columnstore cannot be switched on: %s", exc)
