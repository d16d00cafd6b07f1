"""Panels of alerts as incidents: what fired, how long, what it costs now."""

from grafanalib import core

from dashboards.domain_panels import SLO_URL
from dashboards.look import BAD, GOOD, RATIO, SECONDS, WARN, budget_steps, burn_steps, word_mappings
from dashboards.panels import MOMENT, Column, Head, Link, table
from dashboards.sql import entity, sql
from slo import PAGE, TICKET

INCIDENT_URL = "/d/herald-incident?from=${__data.fields.from}&to=${__data.fields.to}"
"""The incident board around the alert in a row that has the columns `from` and `to`."""

REACHES_PEOPLE = f"a.severity IN ('{PAGE}', '{TICKET}')"
"""The condition on `slo.alert` a that it tells somebody; others, such as of a calibration, only mute."""


def incidents(head: Head, condition: str, *, always_open: bool = True) -> core.Panel:
    """Return the alerts of the range that meet a condition on `slo.alert` a, firing first, with the budget now.

    Alerts that still fire are shown whenever they began, unless `always_open` is false. They have lasted until now,
    whatever the range, and lead to a board that goes on. A rule without a budget is called by its own name, and has
    no detail to lead to.
    """
    query = sql(
        """
        SELECT a.fired_at AS "Fired", CASE WHEN a.resolved_at IS NULL THEN 'firing' ELSE 'resolved' END AS "Now",
          a.severity AS "Severity", coalesce(a.display_name, a.objective) AS "Objective",
          @entity AS "Entity", a.tier AS "Tier",
          extract(epoch FROM coalesce(a.resolved_at, now()) - a.fired_at)::float8 AS "Lasted",
          s.remaining AS "Budget left", s.burn_1h AS "Burn 1 h", a.domain AS "Domain",
          CASE WHEN a.domain IS NOT NULL THEN a.objective END AS "SLO",
          (extract(epoch FROM a.fired_at) * 1000 - @before_ms)::bigint::text AS "from",
          CASE WHEN a.resolved_at + interval '@after_ms ms' < now()
            THEN (extract(epoch FROM a.resolved_at) * 1000 + @after_ms)::bigint::text ELSE 'now' END AS "to"
        FROM slo.alert a
        LEFT JOIN slo.status s ON s.objective = a.objective AND s.labels = a.labels
        WHERE ($__timeFilter(a.fired_at)@open) AND @reaches AND @condition
        ORDER BY a.resolved_at IS NULL DESC, a.fired_at DESC LIMIT 100
        """,
        entity=entity("a"),
        before_ms=str(7_200_000),
        after_ms=str(7_200_000),
        open=" OR a.resolved_at IS NULL" if always_open else "",
        reaches=REACHES_PEOPLE,
        condition=condition,
    )
    columns = {
        "Fired": MOMENT,
        "Now": Column(mappings=word_mappings({"firing": ("FIRING", BAD), "resolved": ("resolved", GOOD)})),
        "Severity": Column(mappings=word_mappings({"page": ("PAGE", BAD), "ticket": ("ticket", WARN)})),
        "Objective": Column(link=Link(title="Open the incident board around it", url=INCIDENT_URL)),
        "Lasted": Column(unit=SECONDS, decimals=1),
        "Budget left": Column(unit=RATIO, decimals=1, steps=budget_steps()),
        "Burn 1 h": Column(decimals=2, steps=burn_steps()),
        "SLO": Column(link=Link(title="Open the detail of this objective", url=SLO_URL)),
        "from": Column(hidden=True),
        "to": Column(hidden=True),
    }
    return table(head, query, columns, no_value="no alert in this range")
