"""The views of the schemas `metric`, `metric_minute` and `metric_hour`: one per registry metric in each.

They have the metric's attributes as columns under their short names, and are derived from the registry alone, so they
are rebuilt whenever it changes; nobody else may write there. `metric_device_minute` and `metric_device_hour` have the
metrics that tell slots apart, all slots of a device in one row.
"""

import hashlib
from collections.abc import Iterable

from psycopg import sql

from model.names import ATTR_SLOT_ID
from model.registry import MetricDefinition, Registry
from store.database import Connection
from store.statements import load_statements

TYPED_COLUMNS = ("site", "device", "slot", "link", "backend", "tenant")
"""Short names that the tables `series` and `entity` have a column for."""

SCHEMAS = {"metric": "", "metric_minute": "minute", "metric_hour": "hour"}
"""Schema -> the rollup its views show, none for the points themselves."""

DEVICE_SCHEMAS = {"metric_device_minute": "minute", "metric_device_hour": "hour"}
"""Schema -> the rollup whose rows of whole devices its views show."""

_SQL = load_statements("migrate")


def rebuild_views(connection: Connection, registry: Registry) -> None:
    """Make the schemas fit the registry, in one transaction; views that fit already are not touched."""
    with connection.transaction():
        for schema in SCHEMAS:
            _rebuild(connection, schema, registry.metrics.values(), registry)
        by_slot = [metric for metric in registry.metrics.values() if ATTR_SLOT_ID in metric.attributes]
        for schema in DEVICE_SCHEMAS:
            _rebuild(connection, schema, by_slot, registry)


def _rebuild(connection: Connection, schema: str, metrics: Iterable[MetricDefinition], registry: Registry) -> None:
    rows = connection.execute(_SQL["read_views"], {"schema": schema}).fetchall()
    existing = {str(name): str(comment) for name, comment in rows}
    definitions = {metric.name: _definition(schema, metric, registry) for metric in metrics}
    wanted = {name: _comment(connection, registry.metrics[name], text) for name, text in definitions.items()}
    stale = {name for name, comment in existing.items() if wanted.get(name) != comment}
    for name in stale:
        connection.execute(sql.SQL(_SQL["drop_view"]).format(view=sql.Identifier(schema, name)))
    for name in wanted.keys() - (existing.keys() - stale):
        view = sql.Identifier(schema, name)
        connection.execute(definitions[name])
        connection.execute(sql.SQL(_SQL["comment_view"]).format(view=view, comment=sql.Literal(wanted[name])))


def _definition(schema: str, metric: MetricDefinition, registry: Registry) -> sql.Composed:
    kind = "histogram" if metric.instrument == "histogram" else "number"
    columns = {registry.column(name): _attribute_column(name, registry) for name in metric.attributes}
    columns.setdefault("site", sql.SQL(_SQL["typed_column"]).format(column=sql.Identifier("site")))
    step = {**SCHEMAS, **DEVICE_SCHEMAS}[schema]
    template = f"create_{kind}_rollup_view" if step else f"create_{kind}_view"
    if schema in DEVICE_SCHEMAS:
        template = f"create_{kind}_device_view"
        columns.pop(registry.column(ATTR_SLOT_ID))
    return sql.SQL(_SQL[template]).format(
        view=sql.Identifier(schema, metric.name),
        columns=sql.SQL(", ").join(columns.values()),
        metric=sql.Literal(metric.name),
        rollup=sql.Identifier("public", f"{kind}_{step}"),
    )


def _attribute_column(attribute: str, registry: Registry) -> sql.Composed:
    column = registry.column(attribute)
    template = "typed_column" if column in TYPED_COLUMNS else "attribute_column"
    return sql.SQL(_SQL[template]).format(attribute=sql.Literal(attribute), column=sql.Identifier(column))


def _comment(connection: Connection, metric: MetricDefinition, definition: sql.Composed) -> str:
    """Return what the view holds, and a digest by which a changed definition is recognised."""
    digest = hashlib.blake2b(definition.as_string(connection).encode(), digest_size=4).hexdigest()
    return f"{metric.brief} Unit: {metric.unit}. Definition {digest}."
