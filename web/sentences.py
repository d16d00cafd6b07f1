"""The arithmetic of a budget in words, with the numbers that were used. The only place that writes percent."""

from collections.abc import Mapping
from fractions import Fraction

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from model.registry import load_registry
from model.windows import render_duration
from slo import BudgetingMethod, Objective, RatioIndicator, Rule, Tier
from web.sources import EntityStatus

_STATE_WORDS = {"ok": "OK", "at_risk": "At risk", "exhausted": "Exhausted", "no_data": "No data"}
_SILENT = "no_data"
_TIMES = "\N{MULTIPLICATION SIGN}"
_PACE_WINDOWS = (("1d", "of the past day"), ("6h", "of the past 6 hours"), ("1h", "of the past hour"))


def render_state(state: str) -> str:
    """Return the word for a state, e.g. `At risk`."""
    return _STATE_WORDS.get(state, state)


def render_entity(labels: Mapping[str, str]) -> str:
    """Return what an entity is called: its label values, e.g. `mem-delft`; `all` where nothing is grouped."""
    return " / ".join(labels[key] for key in sorted(labels)) or "all"


def render_percent(ratio: float, least_digits: int = 0) -> str:
    """Return `31 %` or `99.95 %`; digits that would claim too much are cut, not rounded up.

    >>> render_percent(0.99996, 2)
    '99.99 %'
    """
    scale = 10**least_digits
    # The tiny shift undoes the error of binary fractions: 0.29 * 100 is 28.999999999999996
    cut = int(abs(ratio) * 100 * scale + 1e-9)
    sign = "-" if ratio < 0 and cut else ""
    return f"{sign}{cut / scale:.{least_digits}f} %"


def render_length(length_ns: float) -> str:
    """Return `9 days`, `5 hours` or `12 minutes`: whole units, rounded down, one at least."""
    for size_ns, word in ((DAY_NS, "day"), (HOUR_NS, "hour"), (MINUTE_NS, "minute")):
        count = int(length_ns // size_ns)
        if count >= 2 or (count == 1 and word == "minute"):
            return f"{count:,} {word}{'' if count == 1 else 's'}"
    return "less than a minute"


def name_events(objective: Objective) -> str:
    """Return what the objective counts, in the plural: `reads`, `minutes`, `events`."""
    indicator = objective.indicator
    if objective.keeps_components_apart or objective.method is BudgetingMethod.RATIO_TIMESLICES:
        return "parts"
    if objective.method is BudgetingMethod.TIMESLICES or not isinstance(indicator, RatioIndicator):
        return "minutes"
    metric = load_registry().metrics.get(indicator.total.metric)
    noun = metric.unit.strip("{}") if metric and metric.unit.startswith("{") else "event"
    return f"{noun.replace('_', ' ')}s"


def render_budget(objective: Objective, status: EntityStatus) -> str:
    """Spell the budget out: `14 of 2,016 reads failed; 20.2 allowed; 31 % of the budget left; it lasts 9 days.`."""
    events = name_events(objective)
    if status.total == 0 or status.remaining is None:
        return f"No {events} were counted in the window, so nothing is known."
    bad = status.total - status.good
    allowed = _render_allowed(count_allowed(objective, status))
    period = "" if objective.calendar is None else f" in the whole {objective.calendar.name}"
    said = f"{bad:,} of {status.total:,} {events} failed; {allowed} allowed{period}"
    return f"{said}; {_render_left(status.remaining)}{_render_pace(objective, status)}."


def count_allowed(objective: Objective, status: EntityStatus) -> float:
    """Return how many events may fail; of a calendar period those to come are reckoned in, as its budget does."""
    period = objective.budget_period(status.time_ns)
    elapsed_ns = status.time_ns - period.start_ns
    return float(objective.error_budget * status.total * Fraction(period.length_ns, elapsed_ns or 1))


def render_limit(tier: Tier, window_ns: int) -> str:
    """Return when a tier alerts, in words: `page above 13.44` and a sign for times."""
    factor = f"{float(tier.factor(window_ns)):.2f}{_TIMES}"
    words = {
        Rule.RATE: f"above {factor}",
        Rule.COUNT: f"with more failures than {factor} makes of the usual traffic",
        Rule.REMAINING: f"when {render_percent(float(tier.budget_share))} of what was left of the budget goes in "
        f"{render_duration(tier.long_ns)}, and as fast in {render_duration(tier.short_ns)}",
        Rule.BASELINE: f"above {factor} and {factor} its own past",
    }
    return f"{tier.severity} {words[tier.rule]}"


def _render_allowed(allowed: float) -> str:
    return f"{allowed:,.1f}" if allowed < 1000 else f"{allowed:,.0f}"


def _render_left(remaining: float) -> str:
    if remaining < 0:
        return f"the budget is overspent by {render_percent(-remaining)}"
    return f"{render_percent(remaining)} of the budget left"


def _render_pace(objective: Objective, status: EntityStatus) -> str:
    if status.state == _SILENT:
        return ", but nothing has been heard for a while"
    if status.remaining is None or status.remaining <= 0:
        return ""
    for window, words in _PACE_WINDOWS:
        burn = status.burn.get(window)
        if burn is None:
            continue
        if burn <= 0:
            return f"; nothing failed at the pace {words}"
        left_ns = float(Fraction(status.remaining) * objective.window_ns / Fraction(burn))
        if left_ns > objective.window_ns:
            return f"; at the rate {words} it does not run out"
        return f"; at the rate {words} it lasts {render_length(left_ns)}"
    return ""
