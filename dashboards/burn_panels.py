"""Panels of one budget: how it goes down, how fast, until when, and on whose account."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import slo_rows
from dashboards.look import BAD, COUNT, GREY, RATIO, SECONDS, WARN, Step, lines_of_budget
from dashboards.objective_panels import fixed_tiers
from dashboards.panels import MOMENT, Column, Head, stat, table, timeseries
from dashboards.sql import entity, one_of, sql
from model.windows import render_duration
from slo import BURN_WINDOWS, PAGE, Objective, Tier

_USUAL_WINDOWS = 4
"""How many burn windows a reader compares at once."""


def burn_down(head: Head, rows: str, objective: str) -> core.Panel:
    """Return the budget left of the snapshots that meet `rows`, and the ideal line of `objective` over the range."""
    query = sql(
        """
        SELECT step.time, e.name AS metric, step.value FROM (
          SELECT $__timeGroupAlias(time,$__interval), entity_id, min(remaining) AS value
          FROM @snapshots GROUP BY 1, 2) AS step
        JOIN @names USING (entity_id)
        UNION ALL
        SELECT t, 'ideal', 1 - extract(epoch FROM t - $__timeFrom()::timestamptz)::float8 / window_seconds
        FROM (SELECT max(window_seconds) AS window_seconds FROM objective WHERE @objective) AS promise,
          (VALUES ($__timeFrom()::timestamptz), ($__timeTo()::timestamptz)) AS ends (t)
        ORDER BY 1, 2
        """,
        snapshots=slo_rows.worst(rows),
        names=slo_rows.names(objective=False),
        objective=objective.replace("objective IN", "name IN"),
    )
    return timeseries(
        head,
        query,
        unit=RATIO,
        decimals=1,
        steps=lines_of_budget(),
        lines_at_steps=True,
        overrides=[_line("ideal", GREY)],
    )


def burn_rates(head: Head, objectives: Sequence[Objective], rows: str) -> core.Panel:
    """Return burn rates over the chosen windows, and the tiers of the chosen objective as dashed lines."""
    query = sql(
        """
        SELECT step.time, e.name || ' ' || w.length AS metric, w.burn AS value FROM (
          SELECT $__timeGroupAlias(time,$__interval), entity_id, @columns
          FROM @snapshots GROUP BY 1, 2) AS step
        JOIN @names USING (entity_id),
        LATERAL (VALUES @windows) AS w (length, burn)
        WHERE @chosen
        ORDER BY 1, 2
        """,
        columns=", ".join(f"max(burn_{text}) AS burn_{text}" for text in BURN_WINDOWS),
        windows=", ".join(f"('{text}', burn_{text})" for text in BURN_WINDOWS),
        chosen=one_of("w.length", "window"),
        names=slo_rows.names(objective=False),
        snapshots=slo_rows.worst(rows, lines_each=_USUAL_WINDOWS),
    )
    thresholds = _threshold_query(objectives)
    overrides = [_line("/^page above/", BAD), _line("/^ticket above/", WARN)]
    queries = (query, thresholds) if thresholds else (query,)
    return timeseries(head, *queries, unit=COUNT, decimals=1, minimum=0, overrides=overrides)


def time_left(head: Head, rows: str) -> core.Panel:
    """Return how long the budget lasts at the rate of the past day, of the group where it is shortest."""
    query = sql(
        """
        SELECT min(CASE WHEN remaining <= 0 THEN 0 ELSE remaining * window_seconds / nullif(burn_1d, 0) END)::float8
          AS "Lasts"
        FROM slo.status s WHERE burn_1d IS NOT NULL AND @rows
        """,
        rows=rows,
    )
    steps = (Step(None, BAD), Step(86_400, WARN), Step(7 * 86_400, GREY))
    return stat(head, query, unit=SECONDS, decimals=1, steps=steps, no_value="endless or NO DATA")


def above_limits(alias: str, objectives: Sequence[Objective]) -> str:
    """Return the expression that says of a row of `slo.status` in which windows it burns faster than a tier's limit.

    `page: 5m, not 1h`: the state stays as it is until the other window of the tier agrees. Of several tiers it tells
    one with both windows above, else the one with the highest limit.
    """
    rows = sorted(
        (each.name, tier.severity, render_duration(tier.long_ns), render_duration(tier.short_ns),
         float(tier.factor(each.window_ns)))
        for each in objectives
        for tier in fixed_tiers(each.tiers)
    )  # fmt: skip
    if not rows:
        return "'none'"
    return sql(
        """
        coalesce((SELECT severity || ': ' || CASE WHEN high_long AND high_short THEN long || ' and ' || short
            WHEN high_long THEN long || ', not ' || short ELSE short || ', not ' || long END
          FROM (VALUES @tiers) AS tier (objective, severity, long, short, factor), LATERAL (SELECT
            coalesce((to_jsonb(@alias) ->> concat('burn_', long))::float8 > factor, false) AS high_long,
            coalesce((to_jsonb(@alias) ->> concat('burn_', short))::float8 > factor, false) AS high_short) AS burns
          WHERE tier.objective = @alias.objective AND (high_long OR high_short)
          ORDER BY high_long AND high_short DESC, factor DESC LIMIT 1), 'none')
        """,
        alias=alias,
        tiers=", ".join(
            f"('{name}', '{severity}', '{long}', '{short}', {factor:.6g}::float8)"
            for name, severity, long, short, factor in rows
        ),
    )


def spenders(head: Head, objective: str) -> core.Panel:
    """Return the bad events of the range of each group of `objective`, the most first."""
    query = sql(
        """
        SELECT @entity AS "Entity", bad AS "Bad", events AS "Events",
          bad / nullif(sum(bad) OVER (), 0) AS "Share of bad",
          (SELECT max(minute) FROM sli WHERE entity_id = s.id AND good < total AND $__timeFilter(minute)
            AND minute >= last_bad AND minute < last_bad + interval '1 hour') AS "Last bad minute"
        FROM entity s JOIN (
          SELECT entity_id, sum(total - good)::float8 AS bad, sum(total)::float8 AS events,
            max(minute) FILTER (WHERE good < total) AS last_bad
          FROM @counts GROUP BY 1) AS spent ON entity_id = s.id
        WHERE @objective ORDER BY 2 DESC, 1
        """,
        entity=entity("s"),
        counts=slo_rows.counts_of_range(),
        objective=objective,
    )
    columns = {
        "Bad": Column(unit=COUNT),
        "Events": Column(unit=COUNT),
        "Share of bad": Column(unit=RATIO, decimals=0, bar=True),
        "Last bad minute": MOMENT,
    }
    return table(head, query, columns, no_value="no events in this range")


def counts(rows: str) -> str:
    """Return the query of good and bad events per step of the entities that meet `rows` on `entity_id`."""
    return sql(
        """
        SELECT time, kind.name AS metric, kind.number AS value FROM (
          SELECT $__timeGroupAlias(minute,$__interval), sum(good)::float8 AS good, sum(total - good)::float8 AS bad
          FROM @counts WHERE @rows GROUP BY 1) AS step,
        LATERAL (VALUES ('good', good), ('bad', bad)) AS kind (name, number) ORDER BY 1, 2
        """,
        counts=slo_rows.counts_of_steps(),
        rows=rows,
    )


def _threshold_query(objectives: Sequence[Objective]) -> str:
    """Return the query of the fixed factors of the tiers as lines across the range, for the chosen objective."""
    rows = sorted(
        (each.name, _name(tier), float(tier.factor(each.window_ns)))
        for each in objectives
        for tier in fixed_tiers(each.tiers)
    )
    if not rows:
        return ""
    return sql(
        """
        SELECT t AS time, tier.name AS metric, tier.factor AS value
        FROM (VALUES @tiers) AS tier (objective, name, factor),
          (VALUES ($__timeFrom()::timestamptz), ($__timeTo()::timestamptz)) AS ends (t)
        WHERE @chosen ORDER BY 1, 2
        """,
        tiers=", ".join(f"('{objective}', '{name}', {factor:.6g}::float8)" for objective, name, factor in rows),
        chosen=one_of("tier.objective", "objective"),
    )


def _name(tier: Tier) -> str:
    severity = "page" if tier.severity == PAGE else "ticket"
    return f"{severity} above: {tier.name}"


def _line(pattern: str, colour: str) -> dict[str, object]:
    matcher = "byRegexp" if pattern.startswith("/") else "byName"
    return {
        "matcher": {"id": matcher, "options": pattern},
        "properties": [
            {"id": "color", "value": {"mode": "fixed", "fixedColor": colour}},
            {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [8, 6]}},
            {"id": "custom.showPoints", "value": "never"},
        ],
    }
