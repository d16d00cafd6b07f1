"""Which SLO rows a query reads: single ones over a short range, sums and extremes of hours over a long one.

Each function returns a source for FROM, to which the range is already applied. `$__interval_ms` is a number by the
time the database plans, so it reads one of two tables only.
"""

from dashboards.look import worst_first
from dashboards.sql import entity, sql
from slo import BURN_WINDOWS

_HOUR_MS = "3600000"
_LINES_LIMIT = 30
_NAMED = ("entity_id", "objective", "display_name", "domain", "site", "device", "slot", "link", "backend", "tenant")
_JUDGED = ("state", "sli", "remaining", *(f"burn_{text}" for text in BURN_WINDOWS))


def snapshots() -> str:
    """Return the snapshots of budgets that suit the step, with the columns that name and judge an entity.

    Where a step is an hour or more, a row stands for all snapshots of an hour that had one state: the lowest SLI and
    remaining budget, the highest burn rates.
    """
    return sql(
        """
        (SELECT @columns FROM slo.budget WHERE $__interval_ms < @hour_ms AND $__timeFilter(time)
         UNION ALL
         SELECT @columns FROM slo.budget_hour WHERE $__interval_ms >= @hour_ms AND $__timeFilter(time)) AS snapshot
        """,
        columns=", ".join(("time", *_NAMED, *_JUDGED)),
        hour_ms=_HOUR_MS,
    )


def worst(rows: str, *, lines_each: int = 1) -> str:
    """Return the snapshots of the entities that meet `rows`, of many those with the least budget left.

    More than 30 lines nobody tells apart; an entity has `lines_each`. Rows are found by entity, which is what their
    keys begin with: of a thousand slots most are not even read. Columns are `time`, `entity_id`, its `place` among
    the worst from 1 on, and what is judged.
    """
    return sql(
        """
        (SELECT w.entity_id, w.place, each.* FROM
          (SELECT s.entity_id, row_number() OVER (ORDER BY @worst_first, s.entity_id) AS place
           FROM slo.status s WHERE @rows ORDER BY 2 LIMIT @limit) AS w,
          LATERAL (
            SELECT time, @judged FROM budget
            WHERE entity_id = w.entity_id AND $__interval_ms < @hour_ms AND $__timeFilter(time)
            UNION ALL
            SELECT hour, @judged FROM budget_hour
            WHERE entity_id = w.entity_id AND $__interval_ms >= @hour_ms AND $__timeFilter(hour) OFFSET 0) AS each
        ) AS snapshot
        """,
        rows=rows,
        worst_first=worst_first("s"),
        limit=str(_LINES_LIMIT // lines_each),
        judged=", ".join(_JUDGED),
        hour_ms=_HOUR_MS,
    )


def names(*, objective: bool = True) -> str:
    """Return rows `entity_id, name` as e: what an entity is called, with `objective` after its objective too.

    OFFSET 0 keeps the planner from putting the name together anew in every row that e is joined to.
    """
    return sql(
        """
        (SELECT s.id AS entity_id, @objective@entity AS name
         FROM entity s JOIN objective o ON o.name = s.objective OFFSET 0) AS e
        """,
        objective="o.display_name || ': ' || " if objective else "",
        entity=entity("s"),
    )


def counts_of_steps() -> str:
    """Return rows `entity_id, minute, good, total` of minutes, of hours where a step is an hour or more."""
    return sql(
        """
        (SELECT entity_id, minute, good, total FROM sli WHERE $__interval_ms < @hour_ms AND $__timeFilter(minute)
         UNION ALL
         SELECT entity_id, hour, good, total FROM sli_hour
         WHERE $__interval_ms >= @hour_ms AND $__timeFilter(hour)) AS counted
        """,
        hour_ms=_HOUR_MS,
    )


def counts_of_range() -> str:
    """Return rows `entity_id, minute, minutes, good, total` whose sums are those of the range, to the minute.

    They are its whole hours, and the minutes before the first and after the last. `entity` leads to those minutes by
    the key of `sli`, which begins with it.
    """
    first = "time_bucket('1 hour', $__timeFrom()::timestamptz + interval '1 hour' - interval '1 millisecond')"
    last = "time_bucket('1 hour', $__timeTo()::timestamptz)"
    return sql(
        """
        (SELECT entity_id, hour AS minute, minutes, good, total FROM sli_hour WHERE hour >= @first AND hour < @last
         UNION ALL
         SELECT entity_id, minute, 1, good, total FROM entity JOIN sli ON entity_id = id
         WHERE $__timeFilter(minute) AND minute < @first
         UNION ALL
         SELECT entity_id, minute, 1, good, total FROM entity JOIN sli ON entity_id = id
         WHERE $__timeFilter(minute) AND minute >= greatest(@first, @last)) AS counted
        """,
        first=first,
        last=last,
    )
