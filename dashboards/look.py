"""Colours, units, thresholds and value mappings: what state looks like, the same on every board.

Green, amber and vermilion are Okabe and Ito's, distinct for colour-blind eyes, and always stand beside a word or
a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.clock import DAY_NS
from model.registry import load_registry
from slo import BURN_WINDOWS, DEFAULT_TIERS
from slo.status import AT_RISK_BELOW, State

GOOD, WARN, BAD, GREY, BLUE = "#009E73", "#E69F00", "#D55E00", "#8E8E8E", "#56B4E9"

RATIO, SECONDS, KELVIN, COUNT, WHEN = "percentunit", "s", "kelvin", "short", "dateTimeAsIso"

_UNITS = {
    "1": RATIO, "s": SECONDS, "Cel": "celsius", "Hz": "hertz", "W": "watt", "V": "volt", "Pa": "pressurepa",
    "T": "si:T", "m/s2": "accMS2", "kg": "suffix: kg", "By": "decbytes", "bit/s": "bps", "rad": "radian",
    "rad/s": "rotrads", "{dollar}": "currencyUSD",
}  # fmt: skip
"""Units of the registry (UCUM) as Grafana names them; counted things in braces are plain numbers."""

STATE_CODES: Mapping[State, int] = {State.NO_DATA: 0, State.OK: 1, State.AT_RISK: 2, State.EXHAUSTED: 3}
_STATE_COLOURS = {State.NO_DATA: GREY, State.OK: GOOD, State.AT_RISK: WARN, State.EXHAUSTED: BAD}
_STATE_WORDS = {state: state.value.replace("_", " ").upper() for state in State}


@dataclass(frozen=True, slots=True)
class Step:
    """From `value` on (None: from below everything) a number has this colour."""

    value: float | None
    colour: str


NEUTRAL = (Step(None, BLUE),)

_USUAL_WINDOW_NS = 28 * DAY_NS


def unit_of(metric: str) -> str:
    """Return Grafana's name for the unit of a registered metric; counted things are plain numbers."""
    return _UNITS.get(load_registry().metrics[metric].unit, COUNT)


def brief_of(metric: str) -> str:
    """Return what the registry says a metric is, without its catalogue ids."""
    return load_registry().metrics[metric].brief.partition(" Catalogue ")[0]


def at_least(target: float) -> tuple[Step, ...]:
    """Return the thresholds of a number that should reach `target`."""
    return (Step(None, BAD), Step(target, GOOD))


def at_most(warn: float, bad: float) -> tuple[Step, ...]:
    """Return the thresholds of a number that should stay below `warn`, and must stay below `bad`."""
    return (Step(None, GOOD), Step(warn, WARN), Step(bad, BAD))


def none_expected(colour: str = BAD) -> tuple[Step, ...]:
    """Return the thresholds of a count that should be 0."""
    return (Step(None, GOOD), Step(1, colour))


def budget_steps() -> tuple[Step, ...]:
    """Return the thresholds of the budget that is left: spent, or at risk, as `slo.status` judges it.

    The rest is neutral: half a budget that burns is at risk all the same, so only the state may be green.
    """
    return (Step(None, BAD), Step(0, WARN), Step(float(AT_RISK_BELOW), BLUE))


def lines_of_budget() -> tuple[Step, ...]:
    """Return the same thresholds as lines across a chart, each in the colour of what begins below it."""
    return (Step(None, BLUE), Step(0, BAD), Step(float(AT_RISK_BELOW), WARN))


def burn_steps() -> tuple[Step, ...]:
    """Return the thresholds of a burn rate over one window: above 1 the budget does not last at this rate.

    Below it is neutral: what burns slowly now may be exhausted all the same. It is never red: a tier asks two
    windows, so that one of them alone alerts nobody and leaves the state as it is.
    """
    return (Step(None, BLUE), Step(1, WARN))


def lines_of_burn(window: str) -> tuple[Step, ...]:
    """Return the thresholds of a burn rate over one of `BURN_WINDOWS` as lines across a chart.

    The upper ones are the factors of the usual tiers that look at this window, and at another one.
    """
    told = [
        float(tier.factor(_USUAL_WINDOW_NS))
        for tier in DEFAULT_TIERS
        if BURN_WINDOWS[window] in (tier.long_ns, tier.short_ns) and tier.factor(_USUAL_WINDOW_NS) > 1
    ]
    return (*burn_steps(), *(Step(round(factor, 4), BAD) for factor in told))


TELEMETRY_WORDS: Mapping[str, tuple[str, str]] = {
    "live": ("LIVE", GOOD),
    "no_traffic": ("NO TRAFFIC", BLUE),
    "partial": ("PARTIAL", WARN),
    "stale": ("STALE", BAD),
    "no_data": ("NO DATA", GREY),
}
"""How telemetry stands, in the order of codes from 0 on; only the first is green."""


def telemetry_mappings() -> list[dict[str, Any]]:
    """Return the value mappings of the codes of `TELEMETRY_WORDS`."""
    return word_mappings({str(code): look for code, look in enumerate(TELEMETRY_WORDS.values())})


def state_mappings(*, numeric: bool) -> list[dict[str, Any]]:
    """Return the value mappings of SLO states, for their codes or for their words."""
    options = {
        str(code) if numeric else state.value: {
            "text": _STATE_WORDS[state],
            "color": _STATE_COLOURS[state],
            "index": code,
        }
        for state, code in STATE_CODES.items()
    }
    return [{"type": "value", "options": options}]


def word_mappings(words: Mapping[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """Return value mappings from a word to (text, colour)."""
    options = {
        word: {"text": text, "color": colour, "index": index}
        for index, (word, (text, colour)) in enumerate(words.items())
    }
    return [{"type": "value", "options": options}]


def state_code(column: str) -> str:
    """Return the SQL that turns a state word into its code; an unknown word counts as no data."""
    cases = " ".join(f"WHEN '{state.value}' THEN {code}" for state, code in STATE_CODES.items())
    return f"CASE {column} {cases} ELSE 0 END"


def worst_code() -> str:
    """Return the aggregate of the worst state's code over rows with a `state`: what is unknown is worse than OK."""
    code = state_code("state")
    return f"CASE WHEN max({code}) > {STATE_CODES[State.OK]} THEN max({code}) ELSE min({code}) END"


def worst_first(alias: str) -> str:
    """Return the ORDER BY of SLO rows, as in the list of objectives: what burns stands above what is silent."""
    return f"{alias}.state = 'ok', {alias}.state = 'no_data', {alias}.remaining ASC NULLS LAST"


def steps_json(steps: Sequence[Step]) -> dict[str, Any]:
    """Return thresholds as Grafana writes them; the first step has no value."""
    return {"mode": "absolute", "steps": [{"color": step.colour, "value": step.value} for step in steps]}
