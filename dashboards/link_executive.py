"""The link board for those who answer for the service: availability, fidelity, entanglement rate, budgets."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames
from dashboards.board import Board
from dashboards.counter_panels import rate_map
from dashboards.distribution_panels import spread
from dashboards.domains import LINK
from dashboards.frames import OWN
from dashboards.look import COUNT, RATIO, budget_steps, state_mappings, worst_first
from dashboards.objective_panels import over_windows
from dashboards.panels import Column, Head, table
from dashboards.sql import UNTIL_NOW, bucket_sums, has_bounds, rolled, sql
from model.names import METRIC_LINK_FIDELITY, METRIC_LINK_HERALDS
from slo import Objective


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.executive(
        LINK,
        objectives,
        question="Do the entanglement links keep their promises, site by site, and where do their budgets go?",
        cites=("link.PE4",),
        rows=[[_availability_by_site(objectives)], [_fidelity(), _fidelity_table()], [_rate()]],
    )


def _fidelity() -> core.Panel:
    head = Head(
        id=OWN + 1,
        title="Pair fidelity",
        about="Mean fidelity of all delivered pairs, with the band that holds nine in ten of them. A falling lower "
        "edge comes before a falling mean",
        cites=("link.PE2", "link.M2"),
    )
    return spread(head, METRIC_LINK_FIDELITY, LINK.chosen, decimals=1)


def _rate() -> core.Panel:
    head = Head(
        id=OWN + 3,
        title="Entanglement rate per link",
        about="Heralded pairs per second, one row per link; a pale stretch is a link that delivered little",
        cites=("link.PE3",),
        width=24,
        height=6,
    )
    return rate_map(head, METRIC_LINK_HERALDS, "link", LINK.chosen, unit="suffix: pairs/s")


def _availability_by_site(objectives: Sequence[Objective]) -> core.Panel:
    query = sql(
        """
        SELECT home.site AS "Site", s.link AS "Link", s.state AS "State", s.target AS "Target", s.sli AS "Attained",
          s.remaining AS "Budget left", s.coverage AS "Coverage"
        FROM slo.status s
        JOIN (SELECT DISTINCT site, link FROM series WHERE metric = '@metric') AS home ON home.link = s.link
        WHERE s.objective = '@objective' AND @rows
        ORDER BY @worst_first, 1, 2
        """,
        metric=LINK.metric,
        objective=LINK.availability,
        rows=LINK.rows("s"),
        worst_first=worst_first("s"),
    )
    promised = [each for each in objectives if each.name == LINK.availability]
    head = Head(
        id=OWN,
        title=over_windows("Availability by site", promised),
        about="Share of minutes in which the link delivered good pairs, beside its target; worst first. Coverage "
        "says how many minutes were seen at all",
        cites=("link.PE1", "link.M4"),
        width=24,
        height=7,
    )
    columns = {
        "State": Column(mappings=state_mappings(numeric=False)),
        "Target": Column(unit=RATIO, decimals=2),
        "Attained": Column(unit=RATIO, decimals=3),
        "Budget left": Column(unit=RATIO, decimals=1, steps=budget_steps()),
        "Coverage": Column(unit=RATIO, decimals=1),
    }
    return table(head, query, columns, no_value="no link has been judged yet")


def _fidelity_table() -> core.Panel:
    query = sql(
        """
        SELECT name AS "Link", recent AS "Mean 7 d", mean AS "Mean",
          histogram_quantile(0.05, bounds, buckets) AS "5th pct",
          histogram_quantile(0.5, bounds, buckets) AS "Median",
          histogram_quantile(0.95, bounds, buckets) AS "95th pct", pairs::float8 AS "Pairs"
        FROM (
          SELECT link AS name, bounds, @buckets AS buckets, sum(count) AS pairs,
            sum(sum) / nullif(sum(count), 0) AS mean,
            sum(sum) FILTER (WHERE @recent) / nullif(sum(count) FILTER (WHERE @recent), 0) AS recent
          FROM @rolled WHERE @bounds AND @chosen GROUP BY 1, 2) AS whole
        ORDER BY 3, 1
        """,
        recent=f"time > {UNTIL_NOW} - interval '7 days'",
        rolled=rolled(METRIC_LINK_FIDELITY),
        buckets=bucket_sums(METRIC_LINK_FIDELITY),
        bounds=has_bounds(METRIC_LINK_FIDELITY),
        chosen=LINK.chosen,
    )
    head = Head(
        id=OWN + 2,
        title="Pair fidelity, 7 d and whole range",
        about="Mean of the last 7 days beside mean and percentiles of the whole range (30 d unless changed), worst "
        "link first. A 7 d mean below the long one is drift",
        cites=("link.PE2", "link.M2"),
    )
    names = ("Mean 7 d", "Mean", "5th pct", "Median", "95th pct")
    return table(
        head, query, {name: Column(unit=RATIO, decimals=2) for name in names} | {"Pairs": Column(unit=COUNT)}
    )
