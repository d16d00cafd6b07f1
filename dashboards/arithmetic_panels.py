"""Panels that spell out the budget of one objective: the numbers of its groups, the worst one in large.

`group` is the condition on rows of `slo.status` s that chooses the groups.
"""

from collections.abc import Sequence

from grafanalib import core

from dashboards.burn_panels import above_limits, time_left
from dashboards.look import COUNT, RATIO, at_least, budget_steps, burn_steps, state_mappings, worst_code, worst_first
from dashboards.objective_panels import over_windows, window_of
from dashboards.panels import Column, Head, stat, table
from dashboards.sql import entity, sql
from slo import Objective

CITES = ("community.PE4", "link.PE4", "memory.PE1", "network.PE3")
_TILE = {"width": 4, "height": 4}


def tiles(group: str) -> list[core.Panel]:
    """Return the numbers of the worst group: what was attained and promised, what is left, how fast it goes."""
    tiles = (
        (1, "Worst state", worst_code(), "State", "Worst state of the chosen groups"),
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
        (
            5,
            "Burn rate over 1 h, worst group",
            "max(burn_1h)",
            "Burn",
            "1 spends the budget in exactly its window; above it the budget does not last",
        ),
    )
    looks: dict[int, dict[str, object]] = {
        1: {"mappings": state_mappings(numeric=True), "background": True},
        2: {"unit": RATIO, "decimals": 3},
        3: {"unit": RATIO, "decimals": 2},
        4: {"unit": RATIO, "decimals": 1, "steps": budget_steps(), "background": True},
        5: {"unit": COUNT, "decimals": 2, "steps": burn_steps()},
    }
    tile = 'SELECT (@value)::float8 AS "@word" FROM slo.status s WHERE @group'
    shown = [
        stat(
            Head(id=number, title=title, about=about, cites=CITES, **_TILE),
            sql(tile, value=value, word=word, group=group),
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
    return [*shown, time_left(lasts, group)]


def arithmetic(group: str, objectives: Sequence[Objective]) -> core.Panel:
    """Return the counts of each group from which its budget follows, and its burn rates.

    What is allowed is reckoned back from the budget, which of a running calendar period is that of the whole period.
    """
    query = sql(
        """
        SELECT @entity AS "Group", s.state AS "State", s.total::float8 AS "Events",
          (s.total - s.good)::float8 AS "Bad",
          coalesce((s.total - s.good) / nullif(1 - s.remaining, 0), s.total * (1 - s.target))::float8 AS "Allowed",
          s.sli AS "Attained", s.target AS "Target", s.remaining AS "Budget left", s.coverage AS "Coverage",
          @window AS "Window", @above AS "Above a limit",
          s.burn_5m AS "5m", s.burn_1h AS "1h", s.burn_6h AS "6h", s.burn_1d AS "1d", s.burn_3d AS "3d"
        FROM slo.status s WHERE @group ORDER BY @worst_first, 1
        """,
        entity=entity("s"),
        group=group,
        window=window_of("s", objectives),
        above=above_limits("s", objectives),
        worst_first=worst_first("s"),
    )
    head = Head(
        id=7,
        title=over_windows("The arithmetic", objectives),
        about="Budget left = 1 - bad / allowed, where allowed = events x (1 - target); in a calendar period those to "
        "come are reckoned in. Coverage says how many minutes of the window were seen at all. An alert takes both "
        "windows of a tier above its limit; one alone is the beginning or the end of something",
        cites=CITES,
        width=24,
        height=6,
    )
    columns = {
        "State": Column(mappings=state_mappings(numeric=False)),
        **{name: Column(unit=COUNT) for name in ("Events", "Bad")},
        "Allowed": Column(unit=COUNT, decimals=1),
        "Attained": Column(unit=RATIO, decimals=3),
        "Target": Column(unit=RATIO, decimals=2),
        "Budget left": Column(unit=RATIO, decimals=1, steps=budget_steps()),
        "Coverage": Column(unit=RATIO, decimals=1, steps=at_least(0.9)),
        **{name: Column(decimals=2, steps=burn_steps()) for name in ("5m", "1h", "6h", "1d", "3d")},
    }
    return table(head, query, columns, no_value="this objective has not been judged yet")
