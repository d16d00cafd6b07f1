"""How points are looked up, of `point` and `histogram` alike, by several readers; see `sql/points.sql`."""

from typing import LiteralString

from psycopg import sql

from store.statements import load_statements

_SQL = load_statements("points")
VALID_NUMBERS = sql.SQL(_SQL["number_valid"])
VALID_HISTOGRAMS = sql.SQL(_SQL["histogram_valid"])
ALL_POINTS = sql.SQL(_SQL["all_valid"])
"""Which points count: the conditions on `p`."""


def point_lookups(table: LiteralString, valid: sql.SQL) -> dict[str, sql.Composed]:
    """Return the parts `within` and `before` of statements: lateral queries of a series `chosen`, by `window_params`.

    One gives its points in the window, the other the last one up to the window's start.
    """
    return {
        part: sql.SQL(_SQL[part]).format(table=sql.Identifier(table), valid=valid) for part in ("within", "before")
    }


def newest_times(table: LiteralString) -> sql.Composed:
    """Return the query of the time of the newest point of each of `ids`, in microseconds since 2000."""
    return sql.SQL(_SQL["newest"]).format(table=sql.Identifier(table))


def what_counts(has_fallen: sql.Composable) -> sql.Composed:
    """Return the expression for what of a point of a cumulative stream is new; `has_fallen` also makes a reset."""
    return sql.SQL(_SQL["what_counts"]).format(has_fallen=has_fallen)


def exact_difference(x: LiteralString) -> sql.Composed:
    """Return the expression for a column less that `_before`; where `whole` and `whole_before` are told, exactly."""
    return sql.SQL(_SQL["exact_difference"]).format(x=sql.Identifier(x), before=sql.Identifier(f"{x}_before"))
