"""The variables of the boards. Options come from the series table, so that a new device appears by itself.

A query variable never answers with nothing: `IN ()` would be an error on a database that has no data yet.
"""

from grafanalib import core

from dashboards.source import DATASOURCE_REF, DATASOURCE_TYPE
from dashboards.sql import one_of, sql

NOTHING = "none yet"


def datasource() -> core.Template:
    """Return the hidden variable through which every panel names its data source."""
    return core.Template(
        name="datasource",
        label="Data source",
        type="datasource",
        query=DATASOURCE_TYPE,
        regex="/^Herald/",
        hide=core.HIDE_VARIABLE,
    )


def identity(column: str, label: str, metric: str, *, within: tuple[str, ...] = ()) -> core.Template:
    """Return a variable of the values of `column` among the series of `metric`, narrowed by other variables."""
    conditions = "".join(f" AND {one_of(parent, parent)}" for parent in within)
    query = sql(
        """
        WITH found AS (
          SELECT DISTINCT @column AS name FROM series WHERE metric = '@metric' AND @column <> ''@conditions)
        SELECT name AS __text, name AS __value FROM found
        UNION ALL SELECT '@nothing', '@nothing' WHERE NOT EXISTS (SELECT FROM found) ORDER BY 1
        """,
        column=column,
        metric=metric,
        conditions=conditions,
        nothing=NOTHING,
    )
    return _query_variable(column, label, query)


def attribute(name: str, label: str, metric: str, key: str, *, within: tuple[str, ...]) -> core.Template:
    """Return a variable of the values of an attribute that has no column of its own in the series table."""
    conditions = " AND ".join(one_of(parent, parent) for parent in within)
    query = sql(
        """
        WITH found AS (
          SELECT DISTINCT attributes ->> '@key' AS name FROM series
          WHERE metric = '@metric' AND attributes ->> '@key' <> '' AND @conditions)
        SELECT name AS __text, name AS __value FROM found
        UNION ALL SELECT '@nothing', '@nothing' WHERE NOT EXISTS (SELECT FROM found) ORDER BY 1
        """,
        key=key,
        metric=metric,
        conditions=conditions,
        nothing=NOTHING,
    )
    return _query_variable(name, label, query)


def _query_variable(name: str, label: str, query: str) -> core.Template:
    return core.Template(
        name=name,
        label=label,
        type="query",
        query=query,
        dataSource=DATASOURCE_REF,
        includeAll=True,
        multi=True,
        default="All",
    )
