"""The variables of the boards. Options come from the series table, so that a new device appears by itself.

A query variable never answers with nothing: `IN ()` would be an error on a database that has no data yet.
"""

from collections.abc import Sequence

from grafanalib import core

from dashboards.domains import Domain
from dashboards.source import DATASOURCE_REF, DATASOURCE_TYPE
from dashboards.sql import one_of, sql
from model.names import ATTR_JOB_ID

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


def of_domain(domain: Domain) -> list[core.Template]:
    """Return the variables that every board of a domain has: sites, and entities at the chosen sites."""
    return [
        identity("site", "Site", *domain.identified_by),
        identity(domain.column, domain.entity, *domain.identified_by, within=("site",)),
    ]


def identity(column: str, label: str, *metrics: str, within: tuple[str, ...] = ()) -> core.Template:
    """Return a variable of the values of `column` among the series of `metrics`, narrowed by other variables."""
    conditions = "".join(f" AND {one_of(parent, parent)}" for parent in within)
    query = _options(
        """
        SELECT DISTINCT @column AS name FROM series WHERE metric IN (@metrics) AND @column <> ''@conditions
        """,
        column=column,
        metrics=", ".join(f"'{metric}'" for metric in metrics),
        conditions=conditions,
    )
    return _query_variable(column, label, query)


def jobs() -> core.Template:
    """Return a variable of the newest 200 traced jobs in the range at the chosen sites."""
    query = _options(
        """
        SELECT DISTINCT attributes ->> '@job' AS name FROM (
          SELECT attributes FROM span
          WHERE $__timeFilter(start_time) AND attributes ->> '@job' <> '' AND parent_span_id IS NULL AND @sites
          ORDER BY start_time DESC LIMIT 200) AS newest
        """,
        job=ATTR_JOB_ID,
        sites=one_of("site", "site"),
    )
    return _query_variable("job", "Job", query)


def objectives() -> core.Template:
    """Return a variable of the objectives in force: one, the name in the address and its words for people."""
    query = """
        WITH found AS (SELECT display_name AS label, name FROM objective)
        SELECT label AS __text, name AS __value FROM found
        UNION ALL SELECT '@nothing', '@nothing' WHERE NOT EXISTS (SELECT FROM found) ORDER BY 1
        """
    return _query_variable("objective", "Objective", sql(query, nothing=NOTHING), many=False)


def groups(entity: str) -> core.Template:
    """Return a variable of the entities of the chosen objective, as `entity` names them."""
    query = _options(
        "SELECT DISTINCT @entity AS name FROM slo.status s WHERE @chosen",
        entity=entity,
        chosen=one_of("s.objective", "objective"),
    )
    return _query_variable("group", "Group", query)


def choice(name: str, label: str, options: Sequence[str]) -> core.Template:
    """Return a variable of fixed options, all of them chosen at first."""
    return core.Template(
        name=name,
        label=label,
        type="custom",
        query=",".join(options),
        options=[{"selected": False, "text": each, "value": each} for each in options],
        includeAll=True,
        multi=True,
        default="All",
    )


def attribute(name: str, label: str, metric: str, key: str, *, within: tuple[str, ...]) -> core.Template:
    """Return a variable of the values of an attribute that has no column of its own in the series table."""
    conditions = " AND ".join(one_of(parent, parent) for parent in within)
    query = _options(
        """
        SELECT DISTINCT attributes ->> '@key' AS name FROM series
        WHERE metric = '@metric' AND attributes ->> '@key' <> '' AND @conditions
        """,
        key=key,
        metric=metric,
        conditions=conditions,
    )
    return _query_variable(name, label, query)


def _options(found: str, **parts: str) -> str:
    """Return the query of options that `found` names, or of the word that there are none."""
    return sql(
        """
        WITH found AS (@found)
        SELECT name AS __text, name AS __value FROM found
        UNION ALL SELECT '@nothing', '@nothing' WHERE NOT EXISTS (SELECT FROM found) ORDER BY 1
        """,
        found=sql(found, **parts),
        nothing=NOTHING,
    )


def _query_variable(name: str, label: str, query: str, *, many: bool = True) -> core.Template:
    return core.Template(
        name=name,
        label=label,
        type="query",
        query=query,
        dataSource=DATASOURCE_REF,
        includeAll=many,
        multi=many,
        default="All" if many else None,
    )
