"""How panel SQL is put together: metric views by registry name, and the filters that variables feed.

Grafana owns `$`, so parts are named with `@`. A statement has no comment (Grafana strips them, not always well)
and gives every macro a plain column, because a macro's argument ends at its first closing bracket.
"""

from collections.abc import Mapping
from inspect import cleandoc
from string import Template

from model.names import ATTR_SLOT_ID
from model.registry import load_registry

UNTIL_NOW = "least($__timeTo()::timestamptz, now())"
"""The end of the range, or now where the range ends later: what is still to come is neither late nor missing."""


class _Statement(Template):
    delimiter = "@"


def sql(text: str, **parts: str) -> str:
    """Return the statement with each `@part` replaced; a part without a value is a KeyError."""
    return _Statement(cleandoc(text)).substitute(parts)


def view(metric: str) -> str:
    """Return the view of a registered metric, quoted; a KeyError for a metric that nobody emits."""
    return f'metric."{load_registry().metrics[metric].name}"'


def rolled(metric: str, *, by_device: bool = False) -> str:
    """Return the rollup of a metric that suits the step: hours where a step is an hour or more, else minutes.

    `$__interval_ms` is a number by the time the database plans, so it reads one of the two only. The name covers all
    columns of `docs/reference/rollups.md`, and the range is already applied. `by_device` is for metrics of slots
    where the slot is not asked for: a row then stands for all slots of a device, of which there may be a thousand.
    """
    definition = load_registry().metrics[metric]
    return sql(
        """
        (SELECT * FROM @{schema}_minute."@name" WHERE $__interval_ms < @hour_ms AND $__timeFilter(time)
         UNION ALL
         SELECT * FROM @{schema}_hour."@name" WHERE $__interval_ms >= @hour_ms AND $__timeFilter(time)) AS rolled
        """,
        schema="metric_device" if by_device and ATTR_SLOT_ID in definition.attributes else "metric",
        name=definition.name,
        hour_ms="3600000",
    )


def one_of(column: str, variable: str) -> str:
    """Return the condition that `column` is among the chosen values of a variable."""
    return f"{column} IN (${{{variable}:sqlstring}})"


def entity(alias: str) -> str:
    """Return the expression that names the entity of an SLO row: whatever its objective groups by.

    It asks once per row, so that it belongs outside an aggregate over snapshots.
    """
    return sql(
        """
        (SELECT coalesce(string_agg(value, ' ' ORDER BY key), 'all')
         FROM jsonb_each_text(@alias.labels) WHERE value <> '')
        """,
        alias=alias,
    )


def place(separator: str = " ") -> str:
    """Return the expression that names what an event is about."""
    return f"concat_ws('{separator}', nullif(device, ''), nullif(link, ''), nullif(backend, ''))"


def last_time(column: str, *, of_one: bool = False) -> str:
    """Return the newest time as text in UTC, `never` where there is none: else noValue speaks.

    `of_one` is for a column that is one per row already.
    """
    newest_time = column if of_one else f"max({column})"
    return f"coalesce(to_char({newest_time} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), 'never')"


def bucket_sums(metric: str) -> str:
    """Return the aggregate that adds up the buckets of a histogram: nine times as fast as one over whole arrays.

    Only for rows that meet `has_bounds`.
    """
    count = len(load_registry().metrics[metric].bounds) + 1
    return f"ARRAY[{', '.join(f'sum(buckets[{i}])' for i in range(1, count + 1))}]::bigint[]"


def has_bounds(metric: str) -> str:
    """Return the condition that a histogram point has as many buckets as the registry says."""
    return f"cardinality(buckets) = {len(load_registry().metrics[metric].bounds) + 1}"


def within_range(*, days: int = 0) -> str:
    """Return the condition that a point lies in the range, or in the `days` before it; not for rollups.

    It names the second as well as the time, because that is what the index on points has.
    """
    since = f"$__timeFrom()::timestamptz - interval '{days} days'" if days else "$__timeFrom()::timestamptz"
    until = "$__timeTo()::timestamptz"
    return f"time BETWEEN {since} AND {until} AND tick(time) BETWEEN tick({since}) AND tick({until})"


def union(columns: str, parts: Mapping[str, str], condition: str, *, days: int = 0) -> str:
    """Return the points of several metrics one below the other, from `days` before the range on.

    `parts` maps a word for column `part` to a metric.
    """
    return "\n  UNION ALL ".join(
        sql(
            "SELECT @columns, time, '@part' AS part, value FROM @view WHERE @within AND @condition",
            within=within_range(days=days),
            columns=columns,
            part=part,
            view=view(metric),
            condition=condition,
        )
        for part, metric in parts.items()
    )


def newest_points(columns: str, parts: Mapping[str, str], condition: str) -> str:
    """Return the newest point of each series of several metrics, looked for from a day before the range on.

    The shape is that of a `union`, without reading what a thousand slots said in the whole range.
    """
    return sql(
        """
        SELECT @columns, newest.time, asked.part, newest.value
        FROM series s JOIN (VALUES @asked) AS asked (name, part) ON asked.name = s.metric,
          LATERAL (SELECT time, value FROM point WHERE series_id = s.id AND value <> 'NaN'
            AND @within
            ORDER BY tick(time) DESC, time DESC LIMIT 1) AS newest
        WHERE @condition
        """,
        columns=columns,
        within=within_range(days=1),
        asked=", ".join(f"('{load_registry().metrics[metric].name}', '{part}')" for part, metric in parts.items()),
        condition=condition,
    )


def newest(part: str) -> str:
    """Return the aggregate that takes the newest value of one part of a `union`, without sorting its points."""
    return f"(max(ARRAY[extract(epoch FROM time)::float8, value]) FILTER (WHERE part = '{part}'))[2]"
