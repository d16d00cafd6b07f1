"""The board of one objective: what it promised, what is left, how fast it goes, and who spends it."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import annotations, variables
from dashboards.arithmetic_panels import CITES, arithmetic, tiles
from dashboards.board import Audience, Board, Way
from dashboards.burn_panels import burn_down, burn_rates, counts, spenders
from dashboards.domain_panels import states
from dashboards.exclusion_panels import exclusions
from dashboards.incident_panels import incidents
from dashboards.look import BAD, BLUE, COUNT
from dashboards.objective_panels import over_windows
from dashboards.panels import Head, coloured, timeseries
from dashboards.sql import entity, one_of, sql
from slo import BURN_WINDOWS, Objective

CHOSEN = one_of("objective", "objective")
"""The condition on rows of any table that names an objective."""

_GROUP = f"{CHOSEN} AND {one_of(entity('s'), 'group')}"
_OF_GROUP = sql("entity_id IN (SELECT entity_id FROM slo.status s WHERE @group)", group=_GROUP)


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return Board(
        uid="herald-slo",
        title="Herald / SLO",
        question="Is this promise kept, how long does its budget last at this rate, and who spends it?",
        audience=Audience.OWNER,
        variables=[
            variables.objectives(),
            variables.groups(entity("s")),
            variables.choice("window", "Burn window", tuple(BURN_WINDOWS)),
        ],
        annotations=[
            annotations.calibrations("true"),
            annotations.changes("true"),
            annotations.pages(one_of("a.objective", "objective")),
            annotations.exclusions(_GROUP),
        ],
        ways=[
            Way(title="Home", uid="herald-home", keeps_time=False),
            Way(title="Incident", uid="herald-incident"),
        ],
        rows=[
            tiles(_GROUP),
            [arithmetic(_GROUP, objectives)],
            [_burn_down(objectives), _burn_rates(objectives)],
            [_spenders(), _events()],
            [_states(), _alerts()],
            [_exclusions()],
        ],
    )


def _burn_down(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=8,
        title=over_windows("Burn-down, 30 worst", objectives),
        about="Budget left of the 30 groups with the least, and the ideal line: a budget that is spent "
        "evenly from the start of the range on. Below the line: faster than it can last",
        cites=("link.PE4", "community.PE4"),
        height=9,
    )
    return burn_down(head, _OF_GROUP, CHOSEN)


def _burn_rates(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=9,
        title="Burn rates and what alerts, 7 worst",
        about="Burn rates of the 7 groups with the least budget over the chosen windows; the dashed lines are "
        "the thresholds of the objective's tiers that judge by the rate alone. Such an alert fires when both windows "
        "of its tier are above its line",
        cites=("community.M10", "link.PE4"),
        height=9,
    )
    return burn_rates(head, objectives, _OF_GROUP)


def _spenders() -> core.Panel:
    head = Head(
        id=10,
        title="Who spent the budget",
        about="Bad events of the range by group, the most first, with their share of all. Look there first",
        cites=("community.PE3", "community.PE4"),
    )
    return spenders(head, CHOSEN)


def _events() -> core.Panel:
    head = Head(
        id=11,
        title="Good and bad events",
        about="Events per step, of the chosen groups together. Bad without good is an outage; neither is no traffic",
        cites=CITES,
    )
    return timeseries(
        head,
        counts(_OF_GROUP),
        unit=COUNT,
        minimum=0,
        style="bars",
        overrides=[coloured("good", BLUE), coloured("bad", BAD)],
        no_value="no events in this range",
    )


def _states() -> core.Panel:
    head = Head(
        id=12,
        title="State over time, 30 worst",
        about="OK, AT RISK, EXHAUSTED or NO DATA of the 30 worst groups, the worst of each step",
        cites=CITES,
    )
    return states(head, _OF_GROUP, objective=False)


def _alerts() -> core.Panel:
    head = Head(
        id=13,
        title="Alerts of this objective",
        about="What fired in the range, firing first. Click one for its incident board",
        cites=("memory.PE3", "network.PE3"),
    )
    return incidents(head, one_of("a.objective", "objective"))


def _exclusions() -> core.Panel:
    head = Head(
        id=14,
        title="Time that does not count",
        about="Calibration, maintenance and incidents of others that touch the range: what is excluded from this "
        "budget, and what counts all the same because the objective does not exclude its kind",
        cites=("memory.PO4", "community.PE4"),
        width=24,
        height=6,
    )
    return exclusions(head, _GROUP, CHOSEN)
