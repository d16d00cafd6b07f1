"""The table of time that does not count against budgets: when, whom it covers, by whom, and why."""

from grafanalib import core

from dashboards.annotations import COVERED, IN_RANGE, concerned
from dashboards.look import BLUE, GREY, WARN, word_mappings
from dashboards.panels import MOMENT, Column, Head, table
from dashboards.sql import sql


def exclusions(head: Head, rows: str, objective: str) -> core.Panel:
    """Return the exclusions of the range that cover an entity among `rows`, with what they do to the objective.

    `objective` is the condition on a column of that name that chooses one.
    """
    query = sql(
        """
        SELECT x.start_at AS "From", x.end_at AS "To", x.kind AS "Kind", @covered AS "Covers",
          CASE WHEN x.revoked_at IS NOT NULL THEN 'revoked'
            WHEN NOT coalesce(says.exclude @@> to_jsonb(x.kind), false) THEN 'counts'
            ELSE coalesce(x.mode, 'excluded') END AS "Effect",
          x.rule AS "Comes again", x.who AS "Who", x.why AS "Why"
        FROM slo.exclusion x LEFT JOIN (
          SELECT definition -> 'exclude' AS exclude FROM objective_generation
          WHERE @objective ORDER BY since DESC LIMIT 1) AS says ON true
        WHERE @in_range AND @concerned
        ORDER BY x.start_at DESC LIMIT 100
        """,
        covered=COVERED,
        in_range=IN_RANGE,
        concerned=concerned(rows),
        objective=objective,
    )
    effects = {
        "excluded": ("EXCLUDED", BLUE),
        "dropped": ("LEFT OUT", BLUE),
        "good": ("ALL GOOD", WARN),
        "counts": ("counts all the same", GREY),
        "revoked": ("revoked", GREY),
    }
    columns = {
        "From": MOMENT,
        "To": MOMENT,
        "Effect": Column(mappings=word_mappings(effects)),
    }
    return table(head, query, columns, no_value="nothing was excluded: every minute of the range counts")
