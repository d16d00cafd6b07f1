"""The views of schema `metric`: one per registry metric, with its attributes as columns under their short names.

They are derived from the registry alone, so they are rebuilt whenever it changes; nobody else may write there.
"""

import hashlib

from psycopg import sql

from model.registry import MetricDefinition, Registry
from store.database import Connection
from store.statements import load_statements

TYPED_COLUMNS = ("site", "device", "slot", "link", "backend", "tenant")
"""Short names that the tables `series` and `entity` have a column for."""

_SQL = load_statements("migrate")


def rebuild_views(connection: Connection, registry: Registry) -> None:
    """Make schema `metric` fit the registry, in one transaction; views that fit already are not touched."""
    with connection.transaction():
        existing = {str(name): str(comment) for name, comment in connection.execute(_SQL["read_views"]).fetchall()}
        wanted = {metric.name: _comment(connection, metric, registry) for metric in registry.metrics.values()}
        stale = {name for name, comment in existing.items() if wanted.get(name) != comment}
        for name in stale:
            connection.execute(sql.SQL(_SQL["drop_view"]).format(view=sql.Identifier(name)))
        for name in wanted.keys() - (existing.keys() - stale):
            _create(connection, registry.metrics[name], registry, wanted[name])


def _create(connection: Connection, metric: MetricDefinition, registry: Registry, comment: str) -> None:
    view = sql.Identifier(metric.name)
    connection.execute(_definition(metric, registry))
    connection.execute(sql.SQL(_SQL["comment_view"]).format(view=view, comment=sql.Literal(comment)))


def _definition(metric: MetricDefinition, registry: Registry) -> sql.Composed:
    template = "create_histogram_view" if metric.instrument == "histogram" else "create_number_view"
    columns = {registry.column(name): _attribute_column(name, registry) for name in metric.attributes}
    columns.setdefault("site", sql.SQL(_SQL["typed_column"]).format(column=sql.Identifier("site")))
    return sql.SQL(_SQL[template]).format(
        view=sql.Identifier(metric.name),
        columns=sql.SQL(", ").join(columns.values()),
        metric=sql.Literal(metric.name),
    )


def _attribute_column(attribute: str, registry: Registry) -> sql.Composed:
    column = registry.column(attribute)
    template = "typed_column" if column in TYPED_COLUMNS else "attribute_column"
    return sql.SQL(_SQL[template]).format(attribute=sql.Literal(attribute), column=sql.Identifier(column))


def _comment(connection: Connection, metric: MetricDefinition, registry: Registry) -> str:
    """Return what the view holds, and a digest by which a changed definition is recognised."""
    text = _definition(metric, registry).as_string(connection)
    digest = hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
    return f"{metric.brief} Unit: {metric.unit}. Definition {digest}."
