"""The board of one objective: what it promised, what is left, how fast it goes, and who spends it."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import annotations, variables
from dashboards.board import Audience, Board, Way
from dashboards.burn_panels import burn_down, burn_rates, counts, spenders, time_left
from dashboards.domain_panels import BURN_STEPS, states
from dashboards.incident_panels import incidents
from dashboards.look import COUNT, RATIO, at_least, budget_steps, state_code, state_mappings
from dashboards.panels import Column, Head, stat, table, timeseries
from dashboards.sql import entity, one_of, sql
from slo import BURN_WINDOWS, Objective

CHOSEN = one_of("objective", "objective")
"""The condition on rows of any table that names an objective."""

_CITES = ("community.PE4", "link.PE4", "memory.PE1", "network.PE3")
_TILE = {"width": 4, "height": 4}
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
        ],
        ways=[
            Way(title="Home", uid="herald-home", keeps_time=False),
            Way(title="Incident", uid="herald-incident"),
        ],
        rows=[
            _tiles(),
            [_arithmetic()],
            [_burn_down(), _burn_rates(objectives)],
            [_spenders(), _events()],
            [_states(), _alerts()],
        ],
    )


def _tiles() -> list[core.Panel]:
    tiles = (
        (1, "Worst state", f"max({state_code('state')})", "State", "Worst state of the chosen groups"),
        (
            2,
            "Attained, worst group",
            "min(sli)",
            "SLI",
            "Share of good events over the window; compare with the target",
        ),
        (3, "Target", "max(target)", "Target", "Share of good events that is promised"),
        (
            4,
            "Budget left, worst group",
            "min(remaining)",
            "Left",
            "Share of the error budget left; below 0 overspent",
        ),
        (5, "Burn rate over 1 h, worst group", "max(burn_1h)", "Burn", "1 spends the budget in exactly its window"),
    )
    looks: dict[int, dict[str, object]] = {
        1: {"mappings": state_mappings(numeric=True), "background": True},
        2: {"unit": RATIO, "decimals": 3},
        3: {"unit": RATIO, "decimals": 2},
        4: {"unit": RATIO, "decimals": 1, "steps": budget_steps(), "background": True},
        5: {"unit": COUNT, "decimals": 2, "steps": BURN_STEPS},
    }
    tile = 'SELECT (@value)::float8 AS "@word" FROM slo.status s WHERE @group'
    shown = [
        stat(
            Head(id=number, title=title, about=about, cites=_CITES, **_TILE),
            sql(tile, value=value, word=word, group=_GROUP),
            no_value="NO DATA",
            **looks[number],  # type: ignore[arg-type]
        )
        for number, title, value, word, about in tiles
    ]
    lasts = Head(
        id=6,
        title="Lasts at this rate",
        about="How long the budget of the worst group lasts at the rate of the past day; endless below a rate of 0",
        cites=("community.PE4", "community.M10"),
        **_TILE,
    )
    return [*shown, time_left(lasts, _GROUP)]


def _arithmetic() -> core.Panel:
    query = sql(
        """
        SELECT @entity AS "Group", s.state AS "State", s.total::float8 AS "Events",
          (s.total - s.good)::float8 AS "Bad",
          (s.total * (1 - s.target))::float8 AS "Allowed", s.sli AS "Attained", s.target AS "Target",
          s.remaining AS "Budget left", s.coverage AS "Coverage", s.window_seconds / 86400.0::float8
            AS "Window, days",
          s.burn_5m AS "5m", s.burn_1h AS "1h", s.burn_6h AS "6h", s.burn_1d AS "1d", s.burn_3d AS "3d"
        FROM slo.status s WHERE @group ORDER BY s.remaining ASC NULLS FIRST, 1
        """,
        entity=entity("s"),
        group=_GROUP,
    )
    head = Head(
        id=7,
        title="The arithmetic, rolling window",
        about="Budget left = 1 - bad / allowed, where allowed = events x (1 - target). Coverage says how many "
        "minutes of the window were seen at all. Burn rates in the windows on the right",
        cites=_CITES,
        width=24,
        height=6,
    )
    columns = {
        "State": Column(mappings=state_mappings(numeric=False)),
        **{name: Column(unit=COUNT) for name in ("Events", "Bad", "Window, days")},
        "Allowed": Column(unit=COUNT, decimals=1),
        "Attained": Column(unit=RATIO, decimals=3),
        "Target": Column(unit=RATIO, decimals=2),
        "Budget left": Column(unit=RATIO, decimals=1, steps=budget_steps()),
        "Coverage": Column(unit=RATIO, decimals=1, steps=at_least(0.9)),
        **{name: Column(decimals=2, steps=BURN_STEPS) for name in ("5m", "1h", "6h", "1d", "3d")},
    }
    return table(head, query, columns, no_value="this objective has not been judged yet")


def _burn_down() -> core.Panel:
    head = Head(
        id=8,
        title="Budget burn-down, rolling window",
        about="Budget left of each group, and the ideal line: a budget that is spent evenly from the start of the "
        "range on. Below the line: faster than it can last",
        cites=("link.PE4", "community.PE4"),
        height=9,
    )
    return burn_down(head, _OF_GROUP, CHOSEN)


def _burn_rates(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=9,
        title="Burn rates and what alerts",
        about="Burn rate of each group over the chosen windows; the dashed lines are the thresholds of the "
        "objective's tiers. An alert fires when both windows of a tier are above its line",
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
        cites=_CITES,
    )
    return timeseries(
        head, counts(_OF_GROUP), unit=COUNT, minimum=0, style="bars", no_value="no events in this range"
    )


def _states() -> core.Panel:
    head = Head(
        id=12,
        title="State over time",
        about="OK, AT RISK, EXHAUSTED or NO DATA of each group, the worst of each step",
        cites=_CITES,
    )
    return states(head, _OF_GROUP)


def _alerts() -> core.Panel:
    head = Head(
        id=13,
        title="Alerts of this objective",
        about="What fired in the range, firing first. Click one for its incident board",
        cites=("memory.PE3", "network.PE3"),
    )
    return incidents(head, one_of("a.objective", "objective"))
