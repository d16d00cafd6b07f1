"""Standings of objectives: those that nobody was counted for are told too, and where they stand in the list."""

from dataclasses import replace
from fractions import Fraction

import pytest

from alert_rules import load_shipped_objectives
from herald.standings import Standing, with_uncounted
from model.clock import DAY_NS
from slo import Ledger, State, evaluate

[FIRST, SECOND, *_] = load_shipped_objectives()
NOW_NS = 365 * DAY_NS


def standing(state: State, remaining: Fraction | None, entity: str = "") -> Standing:
    ledger = Ledger(FIRST.lookback_ns)
    status = replace(evaluate(FIRST, ledger, NOW_NS), state=state, budget_remaining=remaining)
    return Standing(objective=FIRST, group=(("device", entity),), status=status, ledger=ledger)


def test_an_objective_that_nobody_was_counted_for_is_unknown():
    [told] = with_uncounted([], [SECOND], NOW_NS)
    assert (told.objective, told.entity, told.status.state) == (SECOND, "all", State.NO_DATA)


def test_an_objective_that_was_counted_is_told_once():
    counted = standing(State.OK, Fraction(1), "mem-1")
    assert with_uncounted([counted], [FIRST], NOW_NS) == [counted]


@pytest.mark.parametrize("turned", [False, True])
def test_what_is_unknown_stands_between_what_is_worse_and_what_is_well(turned: bool):
    """What nobody was counted for has no budget, so that it stands first of those without data."""
    given = [
        standing(State.EXHAUSTED, Fraction(-2)),
        standing(State.EXHAUSTED, Fraction(-1)),
        standing(State.AT_RISK, Fraction(1, 5)),
        standing(State.NO_DATA, Fraction(9, 10)),
        standing(State.OK, Fraction(1, 2)),
        standing(State.OK, Fraction(1)),
    ]
    told = with_uncounted(given[::-1] if turned else given, [FIRST, SECOND], NOW_NS)
    [uncounted] = with_uncounted([], [SECOND], NOW_NS)
    assert [(each.objective.name, each.status) for each in told] == [
        (each.objective.name, each.status) for each in (*given[:3], uncounted, *given[3:])
    ]
