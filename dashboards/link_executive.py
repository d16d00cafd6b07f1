"""The link board for those who answer for the service: availability, fidelity, entanglement rate, budgets."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import annotations, variables
from dashboards.board import Audience, Board, Way
from dashboards.counter_panels import rate_map
from dashboards.distribution_panels import spread
from dashboards.domain_panels import budget_bars, budget_lines, page_record, worst_state
from dashboards.domains import LINK
from dashboards.look import COUNT, RATIO, budget_steps, state_mappings
from dashboards.objective_panels import burn_panels, of_domain, sli_stat
from dashboards.panels import Column, Head, table
from dashboards.sql import bucket_sums, has_bounds, sql, view
from model.names import METRIC_LINK_FIDELITY, METRIC_LINK_HERALDS
from slo import TICKET, Objective


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    own = of_domain(objectives, LINK)
    return Board(
        uid=LINK.uid("executive"),
        title="Herald / Link / Executive",
        question="Do the entanglement links keep their promises, site by site, and where do their budgets go?",
        audience=Audience.EXECUTIVE,
        domain=LINK.name,
        variables=variables.of_domain(LINK),
        annotations=annotations.of_domain(LINK),
        ways=[
            Way(title="On call", uid=LINK.uid("on-call"), keeps_time=False),
            Way(title="Memories", uid="herald-memory-executive"),
            Way(title="Home", uid="herald-home", keeps_time=False),
        ],
        rows=[
            [
                worst_state(
                    Head(
                        id=1,
                        title="Worst state",
                        about="Worst state of any objective now. AT RISK: a budget burns or less than a "
                        "quarter is left; EXHAUSTED: stop risky changes; NO DATA is not success",
                        cites=("link.PE1",),
                        width=6,
                        height=7,
                    ),
                    LINK,
                ),
                _availability_by_site(),
            ],
            [sli_stat(objective, LINK, ("link.PE1",)) for objective in own],
            [
                spread(
                    Head(
                        id=3,
                        title="Pair fidelity",
                        about="Mean fidelity of all delivered pairs, with the band that holds nine in ten of "
                        "them. A falling lower edge comes before a falling mean",
                        cites=("link.PE2", "link.M2"),
                    ),
                    METRIC_LINK_FIDELITY,
                    LINK.chosen,
                    decimals=1,
                ),
                _fidelity_table(),
            ],
            [
                rate_map(
                    Head(
                        id=5,
                        title="Entanglement rate per link",
                        about="Heralded pairs per second, one row per link; a pale stretch is a link that "
                        "delivered little",
                        cites=("link.PE3",),
                        width=24,
                        height=6,
                    ),
                    METRIC_LINK_HERALDS,
                    "link",
                    LINK.chosen,
                    unit="suffix: pairs/s",
                )
            ],
            [
                budget_bars(
                    Head(
                        id=6,
                        title="Error budget left, rolling window",
                        about="Share of each error budget that is left, now. Below 25 % at risk, below 0 overspent",
                        cites=("link.PE4",),
                    ),
                    LINK,
                ),
                budget_lines(
                    Head(
                        id=7,
                        title="Error budget over time",
                        about="How each budget was spent and came back as bad minutes left the rolling window",
                        cites=("link.PE4",),
                    ),
                    LINK,
                ),
            ],
            burn_panels(own, LINK, TICKET, ("link.PE4",)),
            [
                page_record(
                    Head(
                        id=8,
                        title="Missed SLAs and pages",
                        about="How often and how long each objective paged in the range, and whether its "
                        "promise was kept. Start the review with the first row",
                        cites=("link.PE1",),
                        width=24,
                    ),
                    LINK,
                )
            ],
        ],
    )


def _availability_by_site() -> core.Panel:
    query = sql(
        """
        SELECT home.site AS "Site", s.link AS "Link", s.state AS "State", s.target AS "Target", s.sli AS "Attained",
          s.remaining AS "Budget left", s.coverage AS "Coverage"
        FROM slo.status s
        JOIN (SELECT DISTINCT site, link FROM series WHERE metric = '@metric') AS home ON home.link = s.link
        WHERE s.objective = '@objective' AND @rows
        ORDER BY s.remaining ASC NULLS FIRST, 1, 2
        """,
        metric=LINK.metric,
        objective=LINK.availability,
        rows=LINK.rows("s"),
    )
    head = Head(
        id=2,
        title="Availability by site, rolling window",
        about="Share of minutes in which the link delivered good pairs, beside its target; worst first. "
        "Coverage says how many minutes were seen at all",
        cites=("link.PE1", "link.M4"),
        width=18,
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
          FROM @view WHERE $__timeFilter(time) AND @bounds AND @chosen GROUP BY 1, 2) AS whole
        ORDER BY 3, 1
        """,
        recent="time > $__timeTo()::timestamptz - interval '7 days'",
        view=view(METRIC_LINK_FIDELITY),
        buckets=bucket_sums(METRIC_LINK_FIDELITY),
        bounds=has_bounds(METRIC_LINK_FIDELITY),
        chosen=LINK.chosen,
    )
    head = Head(
        id=4,
        title="Pair fidelity, 7 d and whole range",
        about="Mean of the last 7 days beside mean and percentiles of the whole range (30 d unless changed), "
        "worst link first. A 7 d mean below the long one is drift",
        cites=("link.PE2", "link.M2"),
    )
    names = ("Mean 7 d", "Mean", "5th pct", "Median", "95th pct")
    return table(
        head, query, {name: Column(unit=RATIO, decimals=2) for name in names} | {"Pairs": Column(unit=COUNT)}
    )
