"""Single points that several readers look for, of `point` and `histogram` alike; how stands in `sql/points.sql`."""

from typing import LiteralString

from psycopg import sql

from store.statements import load_statements

_SQL = load_statements("points")

VALID_NUMBERS = sql.SQL(_SQL["number_valid"])
VALID_HISTOGRAMS = sql.SQL(_SQL["histogram_valid"])
ALL_POINTS = sql.SQL(_SQL["all_valid"])
"""Which points are counted: the conditions on `p`."""


def last_before(table: LiteralString, valid: sql.SQL) -> sql.Composed:
    """Return the query of the last counted point of each of `ids` up to `start`; it asks for `window_params` too."""
    return sql.SQL(_SQL["before"]).format(table=sql.Identifier(table), valid=valid)


def newest_times(table: LiteralString) -> sql.Composed:
    """Return the query of the time of the newest point of each of `ids`, in microseconds since 2000."""
    return sql.SQL(_SQL["newest"]).format(table=sql.Identifier(table))
