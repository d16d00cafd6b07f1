"""Panels of one objective: what it attained, and how fast its budget burns beside the thresholds that alert.

Targets, windows and tiers come from the objective itself, so that a board never disagrees with the alert.
"""

import zlib
from collections.abc import Iterable, Sequence

from grafanalib import core

from dashboards import slo_rows
from dashboards.domain_panels import snapshots
from dashboards.domains import Domain
from dashboards.look import BAD, GOOD, NEUTRAL, RATIO, WARN, Step, at_least
from dashboards.panels import Head, stat, timeseries
from dashboards.sql import sql
from model.windows import render_duration
from slo import BURN_WINDOWS, PAGE, Comparison, Objective, RatioIndicator, ThresholdIndicator, Tier, name_windows
from slo.burn import Rule

_TITLE_LIMIT = 40
_ID_RANGE = 10_000
SLI_STAT, PAGE_BURN, TICKET_BURN = 1, 2, 3


def panel_id(objective: Objective, kind: int) -> int:
    """Return an id that depends on the objective's name and the kind of panel only, never on its neighbours."""
    return kind * _ID_RANGE + zlib.crc32(objective.name.encode()) % _ID_RANGE


def of_domain(objectives: Iterable[Objective], domain: Domain) -> tuple[Objective, ...]:
    """Return the domain's objectives by name."""
    return tuple(sorted((each for each in objectives if each.domain == domain.name), key=lambda each: each.name))


def over_windows(title: str, objectives: Iterable[Objective]) -> str:
    """Return the title with over what these objectives keep account, if there is a word: `Met, 28d rolling`."""
    return ", ".join(filter(None, (title, name_windows(objectives))))


def window_of(alias: str, objectives: Iterable[Objective]) -> str:
    """Return the expression of the window of the objective that a row is about: `28d rolling`, `calendar month`."""
    named: dict[str, list[str]] = {}
    for objective in sorted(objectives, key=lambda each: each.name):
        named.setdefault(objective.window_name, []).append(f"'{objective.name}'")
    cases = (f"WHEN {alias}.objective IN ({', '.join(names)}) THEN '{window}'" for window, names in named.items())
    return f"CASE {' '.join(cases)} END" if named else "NULL::text"


def sli_stat(objective: Objective, domain: Domain, cites: Sequence[str]) -> core.Panel:
    """Return what each entity attained over the objective's window, red below the target."""
    query = snapshots("min(sli)", f"objective = '{objective.name}' AND {domain.rows()}", objective=False)
    head = Head(
        id=panel_id(objective, SLI_STAT),
        title=_title(objective, f", {objective.window_name}"),
        about=f"{_promise(objective)}: share of good events over its window ({objective.window_name}); red below the "
        f"target of {_percent(objective)}. If red, open the on-call board and look at what spends the budget",
        cites=_cites(objective, cites),
        width=6,
        height=5,
    )
    target = float(objective.target)
    return stat(head, query, unit=RATIO, decimals=_decimals(objective), steps=at_least(target), sparkline=True)


def burn_panels(
    objectives: Iterable[Objective], domain: Domain, severity: str, cites: Sequence[str]
) -> list[core.Panel]:
    """Return a burn panel for each objective that alerts with this severity."""
    return [
        burn_panel(objective, domain, severity, cites)
        for objective in objectives
        if _windows(_tiers(objective, severity))
    ]


def burn_panel(objective: Objective, domain: Domain, severity: str, cites: Sequence[str]) -> core.Panel:
    """Return the burn rate in the windows of the tiers of one severity, with their thresholds as lines."""
    tiers = _tiers(objective, severity)
    query = burn_query(_windows(tiers), f"objective = '{objective.name}' AND {domain.rows()}")
    head = Head(
        id=panel_id(objective, PAGE_BURN if severity == PAGE else TICKET_BURN),
        title=_title(objective, ": burn rate"),
        about=f"{_promise(objective)}: spending of the worst error budgets, 1 = exactly used "
        f"up in {render_duration(objective.window_ns)}. A {severity} fires when {_rules(objective, tiers)}",
        cites=_cites(objective, cites),
        height=7,
    )
    return timeseries(
        head, query, unit="short", decimals=1, minimum=0, steps=_steps(objective, tiers), lines_at_steps=True
    )


def burn_query(windows: Sequence[str], rows: str) -> str:
    """Return the query of burn rates over `windows` of each entity that meets `rows`, the highest of each step."""
    return sql(
        """
        SELECT step.time, e.name || ' ' || w.length AS metric, w.burn AS value FROM (
          SELECT $__timeGroupAlias(time,$__interval), entity_id, @columns
          FROM @snapshots GROUP BY 1, 2) AS step
        JOIN @names USING (entity_id),
        LATERAL (VALUES @windows) AS w (length, burn)
        ORDER BY 1, 2
        """,
        columns=", ".join(f"max(burn_{text}) AS burn_{text}" for text in windows),
        windows=", ".join(f"('{text}', burn_{text})" for text in windows),
        names=slo_rows.names(objective=False),
        snapshots=slo_rows.worst(rows, lines_each=len(windows)),
    )


def target_steps(objectives: Iterable[Objective], name: str) -> tuple[Step, ...]:
    """Return the thresholds of a share that the objective `name` promises; neutral where there is none."""
    return next((at_least(float(each.target)) for each in objectives if each.name == name), NEUTRAL)


def bound_steps(objectives: Iterable[Objective], name: str) -> tuple[Step, ...]:
    """Return the thresholds of a number that the objective `name` bounds; neutral where there is none."""
    indicator = next((each.indicator for each in objectives if each.name == name), None)
    if isinstance(indicator, ThresholdIndicator):
        low_is_good = indicator.comparison in {Comparison.LTE, Comparison.LT}
        return _bounded(float(indicator.bound), low_is_good=low_is_good)
    if isinstance(indicator, RatioIndicator):
        for query, counts_good in ((indicator.good, True), (indicator.bad, False)):
            if query is not None and (query.above is not None or query.at_most is not None):
                bound = query.above if query.above is not None else query.at_most or 0.0
                return _bounded(bound, low_is_good=counts_good == (query.at_most is not None))
    return NEUTRAL


def _bounded(bound: float, *, low_is_good: bool) -> tuple[Step, ...]:
    return (Step(None, GOOD), Step(bound, BAD)) if low_is_good else at_least(bound)


def _tiers(objective: Objective, severity: str) -> list[Tier]:
    return [tier for tier in objective.tiers if tier.severity == severity]


def _windows(tiers: Iterable[Tier]) -> list[str]:
    """Return the tiers' windows for which snapshots keep a burn rate, shortest first."""
    asked = {render_duration(length_ns) for tier in tiers for length_ns in (tier.long_ns, tier.short_ns)}
    return [text for text in BURN_WINDOWS if text in asked]


def fixed_tiers(tiers: Iterable[Tier]) -> list[Tier]:
    """Return the tiers whose threshold is one line, whatever is left of the budget, the past and the traffic were."""
    return [tier for tier in tiers if tier.rule is Rule.RATE]


def _steps(objective: Objective, tiers: Sequence[Tier]) -> tuple[Step, ...]:
    factors = sorted(float(tier.factor(objective.window_ns)) for tier in fixed_tiers(tiers))
    colours = [*[WARN] * (len(factors) - 1), BAD]
    return (
        *NEUTRAL,
        *(Step(round(factor, 4), colour) for factor, colour in zip(factors, colours, strict=False)),
    )


def _rules(objective: Objective, tiers: Sequence[Tier]) -> str:
    return " or ".join(_rule(tier, float(tier.factor(objective.window_ns))) for tier in tiers)


def _rule(tier: Tier, factor: float) -> str:
    both = f"both {render_duration(tier.long_ns)} and {render_duration(tier.short_ns)}"
    if tier.rule is Rule.REMAINING:
        lost = f"{float(tier.budget_share):.0%} of what was left of the budget"
        return f"{lost} goes in {render_duration(tier.long_ns)}, and at that rate in {render_duration(tier.short_ns)}"
    if tier.rule is Rule.COUNT:
        return f"{both} hold more failures than a burn of {factor:.4g} makes of the usual traffic"
    if tier.rule is Rule.BASELINE:
        return f"{both} exceed {factor:.4g} times the entity's own past, and {factor:.4g}"
    return f"{both} exceed {factor:.4g}"


def _title(objective: Objective, suffix: str) -> str:
    """Return the title: the objective's name without its domain, cut rather than the suffix where both do not fit."""
    name = objective.name.removeprefix(f"{objective.domain}-").replace("-", " ").capitalize()
    room = _TITLE_LIMIT - len(suffix)
    return (name if len(name) <= room else f"{name[: room - 1].rstrip()}…") + suffix


def _promise(objective: Objective) -> str:
    return objective.display_name or objective.name


def _cites(objective: Objective, cites: Sequence[str]) -> tuple[str, ...]:
    return (*cites, objective.catalogue_id) if objective.catalogue_id else tuple(cites)


def _percent(objective: Objective) -> str:
    return f"{float(objective.target):.{_decimals(objective)}%}".replace("%", " %")


def _decimals(objective: Objective) -> int:
    """Return the decimals of a percentage that tell the target from its neighbours: 99 % needs 2, 99.9 % 3."""
    budget, decimals = float(objective.error_budget), 2
    while budget < 0.01 and decimals < 6:
        budget, decimals = budget * 10, decimals + 1
    return decimals
